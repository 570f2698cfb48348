"""The chain of the trail: whole as it is written, broken by every kind of hand."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Connection, text
from typer.testing import CliRunner

from gis_service.access import trail, trail_cli
from gis_service.access.reader import COMMAND_LINE, VISITOR
from gis_service.access.trail_check import check
from gis_service.database import engine

CHAINED = text("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def lines(connection: Connection) -> Iterator[list[int]]:
    """Return the numbers of ten lines, written one after another."""
    for number in range(10):
        trail.record(
            connection,
            COMMAND_LINE if number % 2 else VISITOR,
            "tried",
            None if number % 3 else f"第{number}件, 5:three",
            reason="测试" if number % 4 else None,
            facts={"b": number, "a": ["二", 1.50], "long name": None},
        )
    connection.execute(CHAINED)
    # Whoever is mighty enough can lift the lock; the chain is for then.
    for table in ("trail", "trail_links"):
        connection.execute(text(f"ALTER TABLE access.{table} DISABLE TRIGGER USER"))
    numbers = text("SELECT id FROM access.trail ORDER BY id DESC LIMIT 10")
    return list(reversed(connection.execute(numbers).scalars().all()))


def test_trail_as_written_is_whole(connection: Connection, lines: list[int]) -> None:
    verdict = check(connection)
    assert verdict.is_whole
    assert verdict.first_broken is None
    assert verdict.lines >= len(lines)
    assert check(connection, last=4).lines == 4


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'other'",
        "role = 'auditor'",
        "at = at + interval '1 microsecond'",
        "act = 'read'",
        "subject = 'x'",
        "reason = ''",
        "address = '10.0.0.1'",
        "request_id = '1'",
        "account_id = 1",
        """facts = '{"a": 2}'""",
    ],
)
def test_changed_line_is_named(
    connection: Connection, lines: list[int], change: str
) -> None:
    query = text(f"UPDATE access.trail SET {change} WHERE id = :id")  # noqa: S608 - ours
    connection.execute(query, {"id": lines[8]})
    verdict = check(connection)
    assert (verdict.is_whole, verdict.first_broken) == (False, lines[8])
    assert check(connection, last=4).first_broken == lines[8]
    assert check(connection, last=1).is_whole


def test_line_taken_out_is_named(connection: Connection, lines: list[int]) -> None:
    gone = {"id": lines[3]}
    connection.execute(text("DELETE FROM access.trail WHERE id = :id"), gone)
    assert check(connection).first_broken == lines[3]
    connection.execute(text("DELETE FROM access.trail_links WHERE line_id = :id"), gone)
    assert check(connection).first_broken == lines[4]


@pytest.mark.usefixtures("lines")
def test_line_without_a_link_is_named(connection: Connection) -> None:
    slipped = text(
        "INSERT INTO access.trail (actor, act) VALUES ('me', 'tried') RETURNING id"
    )
    number = connection.execute(slipped).scalar_one()
    assert check(connection).first_broken == number
    assert check(connection, last=2).first_broken == number


def test_end_cut_off_is_found_by_a_head_noted_before(
    connection: Connection, lines: list[int]
) -> None:
    head = check(connection).head
    assert check(connection, head=head).is_whole
    for table, column in (("trail_links", "line_id"), ("trail", "id")):
        cut = text(f"DELETE FROM access.{table} WHERE {column} >= :id")  # noqa: S608 - ours
        connection.execute(cut, {"id": lines[6]})
    assert check(connection).is_whole
    assert not check(connection, head=head).is_whole


def test_many_writers_make_one_chain(copy_of_village: str) -> None:
    owner = engine(copy_of_village)

    def write(_: int) -> None:
        with owner.begin() as connection:
            trail.record(connection, VISITOR, "tried")
            trail.record(connection, VISITOR, "tried")

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(100)))
    with owner.connect() as connection:
        verdict = check(connection)
        count = connection.execute(text("SELECT count(*) FROM access.trail"))
        assert verdict.is_whole
        assert verdict.lines == count.scalar_one() >= 200
    owner.dispose()


def test_act_undone_leaves_no_line(copy_of_village: str) -> None:
    owner = engine(copy_of_village)
    with owner.connect() as connection:
        before = check(connection).lines
        connection.rollback()
        trail.record(connection, VISITOR, "tried")
        connection.rollback()
        assert check(connection).lines == before
    owner.dispose()


def test_command_says_whole_or_names_the_line(
    copy_of_village: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        trail.record(connection, VISITOR, "tried")
    done = CliRunner().invoke(trail_cli.app, ["check"])
    assert (done.exit_code, "完整" in done.stdout) == (0, True)
    with psycopg.connect(copy_of_village.replace("+psycopg", "")) as mighty:
        mighty.execute("ALTER TABLE access.trail DISABLE TRIGGER USER")
        mighty.execute("UPDATE access.trail SET reason = 'another'")
    done = CliRunner().invoke(trail_cli.app, ["check"])
    assert done.exit_code == 1
    assert "断裂" in done.stderr
    with owner.connect() as connection:
        kinds = connection.execute(text("SELECT kind FROM access.alerts")).scalars()
        assert list(kinds) == ["broken_chain"]
    owner.dispose()
