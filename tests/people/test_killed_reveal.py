"""A service killed in the middle of reveals: no value was shown that has no line."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from subprocess import Popen

import httpx
import pytest
from sqlalchemy import Engine, TextClause, text

from gis_service.access import accounts
from gis_service.cluster import Cluster
from gis_service.database import engine
from tests import village
from tests.given_server import GivenServer
from tests.world import running

PASSWORD = "correct horse"  # noqa: S105 - of the tests' own accounts
RESIDENT = 10
AT_ONCE = 4
MOST_S = 20.0


@pytest.fixture
def database(cluster: Cluster | GivenServer, village_database: str) -> Iterator[str]:
    cluster.create_database("killed", template=village_database)
    yield "killed"
    cluster.drop_database("killed")


@pytest.fixture
def owner(cluster: Cluster | GivenServer, database: str) -> Iterator[Engine]:
    owner = engine(cluster.url(database))
    account = accounts.NewAccount(
        login="officer", name="某", role="officer", branches=(village.FIRST_CELL,)
    )
    with owner.begin() as connection:
        accounts.add(connection, account, PASSWORD)
    yield owner
    owner.dispose()


@pytest.fixture
def service(
    cluster: Cluster | GivenServer, database: str, owner: Engine, tmp_path: Path
) -> Iterator[tuple[httpx.Client, Popen[bytes]]]:
    assert owner
    with running(cluster, database, tmp_path) as (address, process):
        here = {"Sec-Fetch-Site": "same-origin"}
        with httpx.Client(base_url=address, headers=here, timeout=MOST_S) as client:
            words = {"login": "officer", "password": PASSWORD}
            assert client.post("/api/session", json=words).status_code == 200
            yield client, process


def test_nothing_is_shown_before_its_line_is_committed(
    service: tuple[httpx.Client, Popen[bytes]], owner: Engine
) -> None:
    client, process = service
    with ThreadPoolExecutor() as threads, _no_line_committed(owner):
        answer = threads.submit(_reveal, client, "上门走访，核对第一次")
        _wait_until_held(owner)
        assert not answer.done()
        process.kill()
        with pytest.raises(httpx.TransportError):
            answer.result(MOST_S)
    # The database may have gone on alone: a line too many is no harm.
    assert len(_reasons(owner)) <= 1


def test_every_answer_that_came_has_its_line_whenever_it_is_killed(
    service: tuple[httpx.Client, Popen[bytes]], owner: Engine
) -> None:
    client, process = service
    numbers = count(1)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        running_on = [
            threads.submit(_reveal_on, client, numbers) for _ in range(AT_ONCE)
        ]
        _wait_for_lines(owner, 20)
        process.kill()
        shown = {reason for each in running_on for reason in each.result(MOST_S)}
    assert len(shown) >= 10
    assert shown <= _reasons(owner)


def _reveal(client: httpx.Client, reason: str) -> str:
    """Reveal a name and return the reason, when all of the answer has come."""
    body = {"purpose": "visit", "reason": reason, "fields": ["name"]}
    answer = client.post(f"/api/people/residents/{RESIDENT}/reveal", json=body)
    assert answer.json()["name"] == "赵一一"
    return reason


def _reveal_on(client: httpx.Client, numbers: Iterator[int]) -> list[str]:
    shown = []
    try:
        while True:
            shown.append(_reveal(client, f"上门走访，核对第{next(numbers)}次"))
    except httpx.TransportError:
        return shown


@contextmanager
def _no_line_committed(owner: Engine) -> Iterator[None]:
    """Hold every transaction that has a line where it commits."""
    with owner.begin() as connection:
        connection.execute(text("LOCK TABLE access.trail_links"))
        yield


def _wait_until_held(owner: Engine) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    _wait(owner, held, 1)


def _wait_for_lines(owner: Engine, least: int) -> None:
    _wait(
        owner, text("SELECT count(*) FROM access.trail WHERE act = 'revealed'"), least
    )


def _wait(owner: Engine, counting: TextClause, least: int) -> None:
    for _ in range(200):
        with owner.connect() as connection:
            if connection.execute(counting).scalar_one() >= least:
                return
        time.sleep(0.05)
    pytest.fail("what was waited for did not come")


def _reasons(owner: Engine) -> set[str]:
    lines = text("SELECT reason FROM access.trail WHERE act = 'revealed'")
    with owner.connect() as connection:
        return set(connection.execute(lines).scalars())
