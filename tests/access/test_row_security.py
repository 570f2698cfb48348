"""The second lock: what the database itself refuses, whatever the service asks."""

import asyncpg
import pytest

from gis_service.access.scope import Scope
from gis_service.database import reading
from tests import village
from tests.access.conftest import House

PROTECTED = (
    "people.households",
    "people.residents",
    "matters.matters",
    "matters.steps",
)
EAST_SECOND = f"{village.EAST}002"


async def _codes(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch("SELECT grid_code FROM people.residents")
    return {row["grid_code"] for row in rows}


@pytest.mark.parametrize(
    ("branches", "seen"),
    [
        ((), set()),
        ((village.FIRST_CELL,), {village.FIRST_CELL}),
        ((village.FIRST_CELL, EAST_SECOND), {village.FIRST_CELL, EAST_SECOND}),
        ((village.FIRST_CELL, village.FAR), {village.FIRST_CELL, f"{village.FAR}001"}),
        ((village.WEST,), {village.WEST}),
        (("431322999",), set()),
    ],
)
async def test_reader_sees_the_residents_of_the_branches_only(
    house: House, branches: tuple[str, ...], seen: set[str]
) -> None:
    async with reading(house.app.state.pool, Scope(branches)) as connection:
        assert await _codes(connection) == seen


async def test_county_wide_reader_sees_all(house: House) -> None:
    async with reading(house.app.state.pool, Scope(("431322",))) as connection:
        assert len(await _codes(connection)) == 5


@pytest.mark.parametrize("table", PROTECTED)
async def test_pooled_connection_sees_nothing_after_its_transaction(
    house: House, table: str
) -> None:
    connection = await asyncpg.connect(_address(house))
    try:
        await connection.execute(
            "BEGIN; SET LOCAL ROLE grid_scoped; SET LOCAL app.scope = '431322001'; "
            "SET LOCAL app.branches = '431322001'; COMMIT"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT FROM {table}")
        # The settings are empty texts now, not missing: they must open nothing.
        await connection.execute("BEGIN; SET LOCAL ROLE grid_scoped")
        assert await connection.fetch(f"SELECT FROM {table}") == []
    finally:
        await connection.close()


@pytest.mark.parametrize("table", PROTECTED)
def test_policies_hold_for_the_owner_too(house: House, table: str) -> None:
    assert house.read(
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE oid = CAST(:name AS regclass)",
        name=table,
    )
    # A policy for inserting alone lets nobody read or change a row.
    policies = house.read(
        "SELECT count(*) FROM pg_policy "
        "WHERE polrelid = CAST(:name AS regclass) AND polcmd <> 'a'",
        name=table,
    )
    assert policies == 2


def test_every_table_of_persons_is_protected(house: House) -> None:
    # A table with one of these columns tells about persons.
    open_tables = house.read(
        "SELECT count(*) FROM information_schema.columns AS c "
        "INNER JOIN pg_class AS t ON t.oid = "
        "format('%I.%I', c.table_schema, c.table_name)::regclass "
        "WHERE c.column_name IN ('id_number_sealed', 'phone_sealed', 'birth_on', "
        "'reporter_contact_sealed') AND t.relkind = 'r' AND NOT t.relforcerowsecurity"
    )
    assert open_tables == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access.trail SET actor = 'x'",
        "DELETE FROM access.trail",
        "TRUNCATE access.sessions",
        "UPDATE access.sign_in_attempts SET is_success = true",
        "SELECT FROM intake.batches",
        "INSERT INTO divisions.villages (code) VALUES ('431322001999')",
        "DELETE FROM grid.cells",
        "SELECT FROM people.residents",
        "SET ROLE grid_owner",
        "ALTER TABLE people.residents DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE access.trail DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
async def test_login_that_serves_may_not(house: House, statement: str) -> None:
    async with reading(house.app.state.pool) as connection:
        refused = (
            asyncpg.InsufficientPrivilegeError,
            asyncpg.UndefinedObjectError,
            asyncpg.InvalidParameterValueError,
        )
        with pytest.raises(refused):
            await connection.execute(statement)


@pytest.mark.parametrize("role", ["grid_all", "grid_scoped"])
async def test_reading_roles_write_nothing_to_people(house: House, role: str) -> None:
    connection = await asyncpg.connect(_address(house))
    try:
        await connection.execute(f"BEGIN; SET LOCAL ROLE {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE people.residents SET name = 'x'")
    finally:
        await connection.close()


def _address(house: House) -> str:
    url = house.app.state.engine.url.set(drivername="postgresql")
    return str(url.render_as_string(hide_password=False))
