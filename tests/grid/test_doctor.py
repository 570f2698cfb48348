"""What the doctor sees in a database in which something is wrong."""

from sqlalchemy import Connection, text

from gis_service import doctor
from tests.village import FIRST_CELL, WEST


def test_village_of_the_tests_is_well(connection: Connection) -> None:
    for look in (doctor.owner, doctor.closed_tables, doctor.reaches):
        assert look(connection).ok, look


def test_rows_outside_the_reach_of_their_code_are_counted(
    connection: Connection,
) -> None:
    astray = text("UPDATE people.residents SET grid_code = :code WHERE grid_code = :of")
    count = connection.execute(astray, {"code": f"{WEST}001", "of": FIRST_CELL})
    unknown = text("UPDATE matters.matters SET grid_code = :code WHERE id = 1")
    connection.execute(unknown, {"code": f"{WEST}099"})
    check = doctor.reaches(connection)
    assert not check.ok
    assert "people.households 0" in check.says
    assert f"people.residents {count.rowcount}" in check.says
    assert "matters.matters 1" in check.says


def test_reader_of_what_changed_is_named(connection: Connection) -> None:
    connection.execute(text("GRANT SELECT ON intake.changes TO grid_all"))
    check = doctor.closed_tables(connection)
    assert not check.ok
    assert "grid_all: intake.changes" in check.says


def test_owner_under_row_security_is_told(connection: Connection) -> None:
    connection.execute(text("SET LOCAL ROLE grid_login"))
    assert not doctor.owner(connection).ok


def test_mighty_accounts_without_a_second_factor_are_advised_of(
    connection: Connection,
) -> None:
    assert not doctor.second_factors(connection).is_advice
    made = text(
        "INSERT INTO access.accounts (login, name, role, branches, password_hash, "
        "disabled_at) SELECT login, login, role, '{}', 'none', disabled_at FROM "
        "(VALUES ('chief', 'supervisor', NULL), ('root', 'administrator', NULL), "
        "('gone', 'administrator', now()), ('clerk', 'officer', NULL)) "
        "AS wanted (login, role, disabled_at) RETURNING id"
    )
    connection.execute(made)
    check = doctor.second_factors(connection)
    assert check.ok
    assert check.is_advice
    assert check.says.startswith("2 ")
    assert check.says.endswith(": root chief")
    enrolled = text(
        "INSERT INTO access.second_factors (account_id, secret_sealed, confirmed_at) "
        "SELECT id, 'sealed', now() FROM access.accounts WHERE login = 'root'"
    )
    connection.execute(enrolled)
    assert doctor.second_factors(connection).says.endswith(": chief")
