"""What the migrations leave behind is what the models say, explained and closed."""

import psycopg
import pytest
from alembic import command
from sqlalchemy import Connection, text

from gis_service import migrations
from gis_service.cluster import Cluster
from gis_service.tables import metadata
from tests.given_server import GivenServer

PROTECTED = (
    "people.households",
    "people.residents",
    "matters.matters",
    "matters.steps",
)


def test_an_empty_database_is_what_the_models_say(
    cluster: Cluster | GivenServer, empty_database: str
) -> None:
    command.check(migrations.config(cluster.url(empty_database)))


def test_migrating_again_changes_nothing(
    cluster: Cluster | GivenServer, empty_database: str
) -> None:
    migrations.migrate(cluster.url(empty_database))
    assert migrations.revision(cluster.url(empty_database)) == migrations.head()


def test_login_gets_its_password_at_every_migration(
    cluster: Cluster | GivenServer, empty_database: str
) -> None:
    migrations.migrate(cluster.url(empty_database), "a long word")
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'grid_login'"
    with psycopg.connect(cluster.dsn(empty_database)) as connection:
        (kept,) = connection.execute(query).fetchone() or ("",)
        connection.execute("ALTER ROLE grid_login PASSWORD NULL")
    assert kept.startswith("SCRAM-SHA-256$")


def test_every_table_and_column_says_what_it_is_in_chinese_first() -> None:
    for table in metadata.tables.values():
        for thing in (table, *table.columns):
            assert thing.comment, f"{table}: {thing}"
            assert not thing.comment[0].isascii(), f"{table}: {thing}"


@pytest.mark.parametrize("table", PROTECTED)
def test_protected_table_forces_row_security_on_everybody(
    empty_connection: Connection, table: str
) -> None:
    query = text(
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class "
        "WHERE oid = CAST(:name AS regclass)"
    )
    assert empty_connection.execute(query, {"name": table}).scalar_one()


def test_the_login_owns_nothing_and_passes_no_rule_by(
    empty_connection: Connection,
) -> None:
    query = text(
        "SELECT rolsuper OR rolbypassrls OR EXISTS ("
        "SELECT FROM pg_class WHERE relowner = pg_roles.oid) "
        "FROM pg_roles WHERE rolname = 'grid_login'"
    )
    assert empty_connection.execute(query).scalar_one() is False


def test_login_reads_no_table_of_persons_without_a_role(connection: Connection) -> None:
    query = text(
        "SELECT count(*) FROM information_schema.table_privileges "
        "WHERE grantee = 'grid_login' AND (table_schema, table_name) IN "
        "(('people', 'households'), ('people', 'residents'), ('matters', 'matters'), "
        "('matters', 'steps'), ('intake', 'changes'), ('intake', 'issues'))"
    )
    assert connection.execute(query).scalar_one() == 0
