"""Retention: what is just past its days goes, what is just before them stays."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from typer.testing import CliRunner

from gis_service.access import accounts
from gis_service.access.accounts import NewAccount
from gis_service.access.county_day import HERE
from gis_service.database import engine
from gis_service.intake.retention import KEPT_FOR
from gis_service.retention.cli import app
from gis_service.retention.daily import Hours, forgetting, run_once
from gis_service.retention.forgetting import _FORGET, forget
from gis_service.retention.rules import rules
from tests.village import COUNTY, FIRST_CELL

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = {rule.what: rule.days or 0 for rule in rules()}
SOMEBODY = NewAccount(login="somebody", name="某", role="administrator")
ADD = {
    "sign_in_attempts": "INSERT INTO access.sign_in_attempts "
    "(login, address, at, is_success) VALUES ('x', '192.0.2.1', :at, false)",
    "sessions": "INSERT INTO access.sessions "
    "(token_hash, account_id, seen_at, expires_at) "
    "VALUES (sha256(:at::text::bytea), :account, :at, :at)",
    "tokens": "INSERT INTO access.tokens (account_id, name, token_hash, expires_at) "
    "VALUES (:account, 'x', sha256(:at::text::bytea), :at)",
    "reveals": "INSERT INTO people.reveals (account_id, at) VALUES (:account, :at)",
    "alerts": "INSERT INTO access.alerts (on_day, kind, actor, seen_at) "
    "VALUES (current_date, 'x', :at::text, :at)",
}
TABLE = {"reveals": "people.reveals"}


def _add(connection: Connection, what: str, at: datetime) -> None:
    login = {"login": SOMEBODY.login}
    query = text("SELECT id FROM access.accounts WHERE login = :login")
    account = connection.execute(query, login).scalar()
    if account is None:
        account = accounts.add(connection, SOMEBODY, "correct horse battery")
    added = text(
        ADD[what].replace(":at::text", "CAST(CAST(:at AS timestamptz) AS text)")
    )
    values = {"at": at, "account": account}
    named = {name: values[name] for name in added.compile().params}
    connection.execute(added, named)


def _count(connection: Connection, what: str) -> int:
    table = TABLE.get(what, f"access.{what}")
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - named above


@pytest.mark.parametrize("what", ADD)
def test_row_goes_a_second_after_its_days_and_not_before(
    connection: Connection, what: str
) -> None:
    edge = NOW - timedelta(days=DAY[what])
    before = _count(connection, what)
    _add(connection, what, edge - timedelta(seconds=1))
    _add(connection, what, edge + timedelta(seconds=1))
    assert forget(connection, NOW)[what] == 1
    assert _count(connection, what) == before + 1
    assert forget(connection, NOW)[what] == 0


def test_alert_nobody_has_seen_stays(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO access.alerts (on_day, kind, actor, at) "
            "VALUES ('2020-01-01', 'x', 'x', '2020-01-01')"
        )
    )
    assert forget(connection, NOW)["alerts"] == 0


def test_every_rule_that_deletes_is_followed() -> None:
    followed = {*_FORGET, "intake_changes"}
    assert {rule.what for rule in rules() if rule.days is not None} == followed
    assert DAY["intake_changes"] == KEPT_FOR.days
    assert all(rule.basis for rule in rules())
    kept = {rule.what for rule in rules() if rule.days is None}
    assert kept == {"trail", "matters"}


RESIDENTS = text("SELECT id FROM people.residents WHERE id >= 100000 ORDER BY id")
CHANGES = text("SELECT row_id FROM intake.changes WHERE row_id >= 100000")


def _add_residents(connection: Connection, days: list[date | None]) -> None:
    for number, day in enumerate(days):
        connection.execute(
            text(
                "INSERT INTO people.residents (county_code, id, name, grid_code, "
                "id_number_sealed, retention_until) "
                "VALUES (:county, :id, '已故者', :cell, 'x', :day)"
            ),
            {
                "county": COUNTY,
                "id": 100_000 + number,
                "cell": FIRST_CELL,
                "day": day,
            },
        )
    connection.execute(
        text(
            "INSERT INTO intake.batches (id, at, what, file_name, file_sha256, "
            "options, rows_total, rows_new, rows_changed, rows_same, rows_refused, "
            "actor) OVERRIDING SYSTEM VALUE VALUES "
            "(1, :now, 'residents', 'x', 'x', '{}', 1, 0, 1, 0, 0, 'x')"
        ),
        {"now": NOW},
    )
    connection.execute(
        text(
            "INSERT INTO intake.changes (batch_id, table_name, row_id, before) "
            "SELECT 1, 'people.residents', id, '{}' FROM people.residents "
            "WHERE id >= 100000"
        )
    )


def test_resident_goes_the_day_after_its_last_and_leaves_nothing(
    connection: Connection,
) -> None:
    today = NOW.astimezone(HERE).date()
    _add_residents(connection, [today - timedelta(days=1), today, None])
    assert forget(connection, NOW)["residents"] == 1
    assert connection.execute(RESIDENTS).scalars().all() == [100_001, 100_002]
    # What the import kept of the resident would bring it back by an undo.
    assert sorted(connection.execute(CHANGES).scalars()) == [100_001, 100_002]
    words = text("SELECT string_agg(words, '') FROM people.directory")
    named = connection.execute(words).scalar_one()
    assert named.count("已故者") == 2


LINES = text("SELECT facts FROM access.trail WHERE act = 'retained'")


@pytest.fixture
def owner(copy_of_village: str) -> Iterator[Engine]:
    found = engine(copy_of_village)
    yield found
    found.dispose()


def test_two_workers_forget_once_a_day(owner: Engine, copy_of_village: str) -> None:
    with owner.begin() as connection:
        _add(connection, "reveals", datetime(2020, 1, 1, tzinfo=UTC))
    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(run_once, [copy_of_village] * 2))
    assert sorted(each is None for each in done) == [False, True]
    assert run_once(copy_of_village) is None
    with owner.connect() as connection:
        (facts,) = connection.execute(LINES).scalars()
        assert facts["reveals"] == 1
        assert facts.keys() == {rule.what for rule in rules() if rule.days is not None}


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


async def test_service_forgets_by_itself_and_goes_on_after_an_error(
    owner: Engine, copy_of_village: str, caplog: pytest.LogCaptureFixture
) -> None:
    def lines() -> int:
        with owner.connect() as connection:
            return len(connection.execute(LINES).all())

    often = Hours(first_s=0, every_s=0.05)
    async with forgetting(copy_of_village, often):
        await asyncio.to_thread(_wait_until, lambda: lines() > 0)
    assert lines() == 1
    nowhere = copy_of_village.replace("/copy_", "/no_copy_")
    failed = "retention failed: OperationalError"
    async with forgetting(nowhere, often):
        await asyncio.to_thread(_wait_until, lambda: caplog.text.count(failed) > 1)


def test_command_tries_then_forgets(
    owner: Engine,
    copy_of_village: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    with owner.begin() as connection:
        _add(connection, "reveals", datetime(2020, 1, 1, tzinfo=UTC))
    runner = CliRunner()
    for left, flags in ((1, ["--try"]), (0, [])):
        answer = runner.invoke(app, [*flags, "--json"])
        assert '"reveals": 1' in answer.output
        with owner.connect() as connection:
            assert _count(connection, "reveals") == left
            assert len(connection.execute(LINES).all()) == 1 - left
    assert "《网络安全法》" in runner.invoke(app, ["--try"]).output
