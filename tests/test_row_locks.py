"""What the doctor says when a lock on rows of persons or matters is loosened."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service import doctor, row_locks, row_places
from gis_service.settings import Settings
from tests.village import FIRST_CELL

LOOSENED = {
    "not forced": (
        "ALTER TABLE people.residents NO FORCE ROW LEVEL SECURITY",
        "people.residents 未强制",
    ),
    "switched off": (
        "ALTER TABLE matters.steps DISABLE ROW LEVEL SECURITY",
        "matters.steps 未强制",
    ),
    "a policy for all": (
        "CREATE POLICY extra ON people.residents USING (true)",
        "people.residents: extra",
    ),
    "a policy more": (
        "CREATE POLICY more ON matters.matters TO grid_scoped USING (true)",
        "matters.matters: more",
    ),
    "a policy for another": (
        "ALTER POLICY county_wide ON people.households TO grid_all, grid_scoped",
        "people.households: county_wide",
    ),
    "a policy on a table without": (
        "CREATE POLICY extra ON grid.cells TO PUBLIC USING (true)",
        "grid.cells: extra",
    ),
    "a setting not guarded": (
        (
            "ALTER POLICY branches ON people.residents USING (grid_code LIKE "
            "current_setting('app.scope', true) || current_setting('app.branches'))"
        ),
        "people.residents: branches 条件",
    ),
    "a scope that is all": (
        "ALTER POLICY branches ON people.directory USING (true)",
        "people.directory: branches 条件",
    ),
    "any report": (
        "ALTER POLICY reports ON matters.steps WITH CHECK (true)",
        "matters.steps: reports 条件",
    ),
    "a policy less": (
        "DROP POLICY branches ON people.directory",
        "people.directory: branches 缺少",
    ),
    "a new table": ("CREATE TABLE people.visits (name text)", "people.visits 未归类"),
    "the login reads": (
        "GRANT SELECT ON people.residents TO grid_login",
        "grid_login SELECT people.residents",
    ),
    "everybody reads": (
        "GRANT SELECT ON intake.changes TO PUBLIC",
        "grid_scoped SELECT intake.changes",
    ),
    "a role may empty": (
        "GRANT TRUNCATE ON matters.matters TO grid_all",
        "grid_all TRUNCATE matters.matters",
    ),
    "a login too mighty": (
        "ALTER ROLE grid_login BYPASSRLS",
        "grid_login → grid_login 权力过大",
    ),
    "a login of the owner": (
        "GRANT grid_owner TO grid_login",
        "grid_login → grid_owner",
    ),
    "a function of the owner": (
        (
            "CREATE FUNCTION people.everybody() RETURNS SETOF people.residents "
            "LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM people.residents'"
        ),
        "people.everybody: SECURITY DEFINER",
    ),
    "a function that leaks": (
        (
            "CREATE FUNCTION people.told(text) RETURNS boolean LANGUAGE sql IMMUTABLE "
            "LEAKPROOF AS 'SELECT true'"
        ),
        "people.told: LEAKPROOF",
    ),
    "PostGIS marked": (
        "ALTER FUNCTION st_intersects(geometry, geometry) LEAKPROOF",
        "public.st_intersects: LEAKPROOF",
    ),
    "a view of the owner": (
        "CREATE VIEW people.names AS SELECT name FROM people.residents",
        "people.names 无 security_invoker",
    ),
    "a view that keeps": (
        "CREATE MATERIALIZED VIEW grid.kept AS SELECT name FROM people.residents",
        "grid.kept 无 security_invoker",
    ),
}


def test_village_is_locked(connection: Connection) -> None:
    assert row_locks.faults(connection) == []
    assert doctor.row_security(connection).ok


@pytest.mark.parametrize("case", LOOSENED)
def test_loosened_lock_is_named(connection: Connection, case: str) -> None:
    statement, fault = LOOSENED[case]
    connection.execute(text(statement))
    check = doctor.row_security(connection)
    assert not check.ok
    assert fault in check.says


def test_view_with_the_rights_of_its_reader_is_well(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE VIEW people.names WITH (security_invoker = true) AS "
            "SELECT name FROM people.residents"
        )
    )
    assert row_locks.faults(connection) == []


def test_every_open_table_is_there_and_has_its_reason(connection: Connection) -> None:
    for name, reason in row_locks.OPEN.items():
        exists = text("SELECT to_regclass(:name) IS NOT NULL")
        assert connection.execute(exists, {"name": name}).scalar_one(), name
        assert reason


def test_large_table_is_looked_at_in_part(connection: Connection) -> None:
    connection.execute(text("ANALYZE people.residents"))
    (_, residents, _) = row_places.count(connection, most=1)
    assert residents.is_sample
    (_, residents, _) = row_places.count(connection)
    assert not residents.is_sample
    everybody = text("SELECT count(*) FROM people.residents")
    assert residents.seen == connection.execute(everybody).scalar_one() > 0


def test_key_is_there_and_for_its_owner_alone(
    connection: Connection, tmp_path: Path
) -> None:
    settings, file = Settings(data_folder=tmp_path), tmp_path / "master.key"
    assert doctor.key(settings, connection).ok
    connection.execute(
        text("UPDATE people.residents SET phone_sealed = 'x' WHERE grid_code = :code"),
        {"code": FIRST_CELL},
    )
    missing = doctor.key(settings, connection)
    assert not missing.ok
    assert "备份" in missing.do
    file.write_bytes(b"k" * 32)
    file.chmod(0o640)
    opened = doctor.key(settings, connection)
    assert not opened.ok
    assert opened.do == f"chmod 600 {file}"
    file.chmod(0o600)
    assert doctor.key(settings, connection).ok
    file.write_bytes(b"k")
    assert not doctor.key(settings, connection).ok
