"""A pooled connection whose scope was forgotten, emptied or spoilt sees nothing.

The tables are read from the catalogue, so that a new one without policies fails here.
"""

import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gis_service import row_locks
from gis_service.access.scope import Scope
from gis_service.database import login_engine, open_pool, reading
from tests import village
from tests.access.conftest import House

SCOPED = "SET LOCAL ROLE grid_scoped"
EAST = (
    f"{SCOPED}; SET LOCAL app.scope = '{village.EAST}'; "
    f"SET LOCAL app.branches = '{village.EAST}'"
)
FORGETTINGS = {
    "before any": (),
    "after a commit": (f"BEGIN; {EAST}; COMMIT",),
    "after a rollback": (f"BEGIN; {EAST}; ROLLBACK",),
    "after an error": (f"BEGIN; {EAST}", "SELECT 1 / 0", "ROLLBACK"),
    "after a savepoint": (f"BEGIN; SAVEPOINT s; {EAST}; ROLLBACK TO s; ROLLBACK",),
}
BRANCHES = (
    "",
    ",",
    "4",
    "43132",
    "431322001201001001",
    "431322,",
    " 431322001201",
    "{431322001201}",
    "%",
    "43132%",
    "NULL",
    "~",
)
QUERIES = 2_000


@pytest.fixture(scope="module")
def tables(house: House) -> list[str]:
    """Return every table with a code of the grid of persons or matters."""
    found = house.read(
        "SELECT string_agg(DISTINCT table_schema || '.' || table_name, ' ') "
        "FROM information_schema.columns WHERE table_schema IN ('people', 'matters') "
        "AND column_name IN "
        "('grid_code', 'name', 'birth_on', 'address', 'resident_id', "
        "'household_id', 'matter_id') "
        "AND table_name NOT IN ('classes', 'calendar_days')"
    )
    return sorted(str(found).split())


@pytest.fixture(scope="module")
async def pooled(house: House) -> AsyncIterator[asyncpg.Pool]:
    """Return a pool of the service with a single connection, so that it is reused."""
    url = house.app.state.engine.url
    settings = house.settings.model_copy(update={"pool_size": 1})
    pool = await open_pool(url, settings)
    yield pool
    await pool.close()


def test_every_table_of_persons_and_matters_is_named(tables: list[str]) -> None:
    assert set(tables) == set(row_locks.POLICIES)


@pytest.mark.parametrize("case", FORGETTINGS)
async def test_pool_without_a_scope_sees_nothing(
    pooled: asyncpg.Pool, tables: list[str], case: str
) -> None:
    for table in tables:
        async with pooled.acquire() as connection:
            for statement in FORGETTINGS[case]:
                try:
                    await connection.execute(statement)
                except asyncpg.DivisionByZeroError:
                    assert case == "after an error"
        async with pooled.acquire() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT FROM {table}")
            async with connection.transaction():
                await connection.execute(SCOPED)
                assert await connection.fetch(f"SELECT FROM {table}") == []


@pytest.mark.parametrize("case", FORGETTINGS)
def test_engine_without_a_scope_sees_nothing(
    house: House, tables: list[str], case: str
) -> None:
    engine = login_engine(house.app.state.engine.url, house.settings)
    for table in tables:
        with engine.connect() as connection:
            for setting in EAST.split("; ") if FORGETTINGS[case] else ():
                connection.execute(text(setting))
            if case == "after an error":
                with pytest.raises(ProgrammingError):
                    connection.execute(text("SELECT nothing"))
            if case == "after a commit":
                connection.commit()
        # The pool gives the same connection again.
        with engine.connect() as connection, pytest.raises(ProgrammingError):
            connection.execute(text(f"SELECT FROM {table}"))
        with engine.connect() as connection:
            connection.execute(text(SCOPED))
            assert connection.execute(text(f"SELECT FROM {table}")).all() == []
    engine.dispose()


@pytest.mark.parametrize("branches", BRANCHES)
async def test_spoilt_branches_open_nothing(
    pooled: asyncpg.Pool, tables: list[str], branches: str
) -> None:
    for table in tables:
        for prefix in ("", village.COUNTY, branches):
            async with pooled.acquire() as connection, connection.transaction():
                await connection.execute(SCOPED)
                for name, value in (("scope", prefix), ("branches", branches)):
                    await connection.execute(
                        "SELECT set_config('app.' || $1, $2, true)", name, value
                    )
                is_empty = await connection.fetch(f"SELECT FROM {table}") == []
                # 431322 with an empty branch beside it is the county, no less.
                is_county = branches == "431322," and prefix == village.COUNTY
                assert is_empty is not is_county or table == "matters.steps"


async def test_reader_without_branches_sees_nothing(
    pooled: asyncpg.Pool, tables: list[str]
) -> None:
    for table in tables:
        async with reading(pooled, Scope(())) as connection:
            assert await connection.fetch(f"SELECT FROM {table}") == []


def _questions(tables: list[str]) -> list[tuple[str, str]]:
    """Return random questions, each of one table and with its own condition."""
    dice = random.Random(11)  # noqa: S311 - the same questions each time
    codes = [*village.CELLS, village.EAST, village.FAR, village.COUNTY]
    conditions = (
        "true",
        "grid_code >= '{}'",
        "grid_code ^@ '{}'",
        "grid_code = '{}' OR true",
        "grid_code LIKE '%{}%'",
        "grid_code <> '{}'",
        "grid_code = ANY (ARRAY[left('{}', 12) || '001', '{}'])",
        "grid_code IN (SELECT code FROM grid.cells WHERE code > '{}' OR true)",
        "EXISTS (SELECT FROM grid.reaches WHERE code = grid_code OR code = '{}')",
    )
    shapes = (
        "SELECT grid_code FROM {table} AS t WHERE {condition}",
        (
            "SELECT max(grid_code) AS grid_code FROM {table} AS t WHERE {condition} "
            "GROUP BY left(grid_code, {digits})"
        ),
        (
            "SELECT t.grid_code FROM grid.reaches AS r RIGHT JOIN {table} AS t "
            "ON r.code = t.grid_code WHERE {condition}"
        ),
        (
            "SELECT t.grid_code FROM {table} AS t CROSS JOIN {other} AS o "
            "WHERE {condition_t} ORDER BY random() LIMIT {digits}"
        ),
        (
            "WITH kept AS MATERIALIZED (SELECT * FROM {table} AS t WHERE {condition}) "
            "SELECT grid_code FROM kept OFFSET {offset}"
        ),
        (
            "SELECT grid_code FROM {table} AS t WHERE {condition} "
            "UNION SELECT grid_code FROM {other} AS t WHERE {condition}"
        ),
    )
    asked = []
    for _ in range(QUERIES):
        code = dice.choice(codes)
        condition = dice.choice(conditions).replace("{}", code)
        asked.append(
            (
                dice.choice(codes[:-1]),
                dice.choice(shapes).format(
                    table=dice.choice(tables),
                    other=dice.choice(tables),
                    condition=condition,
                    condition_t=condition.replace("grid_code", "t.grid_code"),
                    digits=dice.randint(1, 15),
                    offset=dice.randint(0, 3),
                ),
            )
        )
    return asked


async def test_random_questions_never_show_another_scope(
    pooled: asyncpg.Pool, tables: list[str]
) -> None:
    seen = 0
    for branch, statement in _questions(tables):
        async with reading(pooled, Scope((branch,))) as connection:
            rows = await connection.fetch(statement)
        astray = {row["grid_code"] for row in rows if row["grid_code"] is not None}
        assert all(code.startswith(branch) for code in astray), statement
        seen += len(rows)
    assert seen > QUERIES / 2


OUTSIDE, INSIDE, NO_COUNTY = f"{village.FAR}001", village.FIRST_CELL, "431399001"


def _matter(state: str, code: str, closed: str = "NULL", assignee: str = "NULL") -> str:
    return (
        "INSERT INTO matters.matters (number, class_code, source, title, state, "  # noqa: S608 - our own words
        "grid_code, reported_at, closed_at, assignee_id) VALUES "
        f"('20261124431322999999', '0102', 'officer', '事', '{state}', "
        f"'{code}', now(), {closed}, {assignee})"
    )


def _step(seq: int, act: str, state: str, code: str) -> str:
    return (
        "INSERT INTO matters.steps (matter_id, seq, act, to_state, actor, at, "  # noqa: S608 - our own words
        f"grid_code) VALUES (999999, {seq}, '{act}', '{state}', 'x', now(), '{code}')"
    )


@pytest.mark.parametrize(
    "statement",
    [
        _matter("reported", OUTSIDE),
        _matter("assigned", INSIDE, assignee="1"),
        _step(1, "report", "reported", OUTSIDE),
        _step(2, "close", "closed", INSIDE),
    ],
)
async def test_reports_anywhere_and_acts_inside_are_written(
    pooled: asyncpg.Pool, statement: str
) -> None:
    async with pooled.acquire() as connection:
        await connection.execute(f"BEGIN; {EAST}")
        try:
            assert await connection.execute(statement) == "INSERT 0 1"
        finally:
            await connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    "statement",
    [
        _matter("closed", OUTSIDE, closed="now()"),
        _matter("reported", OUTSIDE, assignee="1"),
        _matter("reported", NO_COUNTY),
        _step(2, "report", "reported", OUTSIDE),
        _step(1, "close", "closed", OUTSIDE),
        f"UPDATE matters.matters SET grid_code = '{OUTSIDE}'",  # noqa: S608 - our own code
    ],
)
async def test_nothing_else_is_written_outside_the_scope(
    pooled: asyncpg.Pool, statement: str
) -> None:
    async with pooled.acquire() as connection:
        await connection.execute(f"BEGIN; {EAST}")
        try:
            with pytest.raises(
                asyncpg.InsufficientPrivilegeError, match="row-level security"
            ):
                await connection.execute(statement)
        finally:
            await connection.execute("ROLLBACK")
