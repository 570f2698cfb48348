"""Drill of the door: a thousand wrong passwords, a restart, and a stopwatch.

``make drill`` runs it; ``tests/access/test_throttling.py`` holds what needs no clock.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from statistics import median

import httpx
import pytest
from sqlalchemy import text

from gis_service.access import passwords
from gis_service.access.throttling import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from gis_service.cluster import Cluster
from gis_service.database import engine
from tests.given_server import GivenServer
from tests.world import served

TRIES = 1_000
MEASURED = 200
WARM_UP = 10
MOST_APART = 0.10
PASSWORD = "correct horse"  # noqa: S105 - of the drill's own accounts
WRONG = "wrong password"
ATTACKED, LEFT_ALONE = "drill-a", "drill-b"

Start = Callable[[], AbstractContextManager[str]]

_ACCOUNTS = text("""
    INSERT INTO access.accounts (login, name, role, branches, password_hash)
    SELECT login, login, 'officer', '{}', :hash FROM (
        SELECT 'known' || number FROM generate_series(1, :count) AS number
        UNION ALL SELECT unnest(CAST(:others AS text[]))
    ) AS wanted (login)
""")


@pytest.fixture(scope="module")
def start(
    cluster: Cluster | GivenServer,
    village_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Start]:
    """Return a function that starts the service, always on the same database."""
    cluster.create_database("drill", template=village_database)
    owner = engine(cluster.url("drill"))
    values = {
        "hash": passwords.hashed(PASSWORD),
        "count": MEASURED + WARM_UP,
        "others": [ATTACKED, LEFT_ALONE],
    }
    with owner.begin() as connection:
        connection.execute(_ACCOUNTS, values)
    owner.dispose()
    folder = tmp_path_factory.mktemp("var")
    with pytest.MonkeyPatch.context() as patch:
        # So that one machine can come from as many addresses as the drill needs.
        patch.setenv("GIS_TRUSTED_PROXIES", "127.0.0.1")
        yield lambda: served(cluster, "drill", folder)
    cluster.drop_database("drill")


def _try(client: httpx.Client, login: str, address: str, password: str = WRONG) -> int:
    words = {"login": login, "password": password}
    where = {"X-Forwarded-For": address}
    return client.post("/api/session", json=words, headers=where).status_code


def _address(number: int, network: int) -> str:
    return f"10.{network}.{number // 250}.{number % 250 + 1}"


def test_thousand_wrong_passwords_of_one_account_get_five_tries(start: Start) -> None:
    with start() as service, httpx.Client(base_url=service) as client:
        got = [_try(client, ATTACKED, _address(each, 1)) for each in range(TRIES)]
    refused = TRIES - TRIES_PER_ACCOUNT
    assert got == [401] * TRIES_PER_ACCOUNT + [429] * refused
    with start() as service, httpx.Client(base_url=service) as client:
        after = _try(client, ATTACKED, _address(TRIES, 1), PASSWORD)
    assert after == 429, "the pause outlives a restart"
    print(f"\none account: 429 from try {got.index(429) + 1}; after a restart {after}")


def test_thousand_logins_from_one_address_get_twenty_tries(start: Start) -> None:
    here, elsewhere = _address(0, 2), _address(1, 2)
    with start() as service, httpx.Client(base_url=service) as client:
        got = [_try(client, f"nobody{each}", here) for each in range(TRIES)]
    refused = TRIES - TRIES_PER_ADDRESS
    assert got == [401] * TRIES_PER_ADDRESS + [429] * refused
    with start() as service, httpx.Client(base_url=service) as client:
        after = _try(client, LEFT_ALONE, here, PASSWORD)
        assert _try(client, LEFT_ALONE, elsewhere, PASSWORD) == 200
    assert after == 429, "the pause outlives a restart"
    print(f"\none address: 429 from try {got.index(429) + 1}; after a restart {after}")


def test_known_and_unknown_logins_are_refused_in_the_same_time(start: Start) -> None:
    took_ms: dict[str, list[float]] = {"known": [], "stranger": []}
    with start() as service, httpx.Client(base_url=service) as client:
        for number in range(MEASURED + WARM_UP):
            # Each goes first as often as the other.
            for kind in sorted(took_ms, reverse=number % 2 == 0):
                network = 3 if kind == "known" else 4
                began = time.perf_counter()
                status = _try(client, f"{kind}{number + 1}", _address(number, network))
                took_ms[kind].append((time.perf_counter() - began) * 1000)
                assert status == 401
    known, unknown = (median(each[WARM_UP:]) for each in took_ms.values())
    apart = abs(known - unknown) / min(known, unknown)
    print(
        f"\nmedians of {MEASURED} each: known login {known:.1f} ms, "
        f"unknown {unknown:.1f} ms, {apart:.1%} apart"
    )
    assert apart < MOST_APART
