"""Migrations: numbered, forward only, reviewed by hand."""

from importlib.resources import files

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine, make_url


def config(url: str | None = None) -> Config:
    """Return the configuration of Alembic for the database of ``url``."""
    made = Config()
    made.set_main_option("script_location", str(files("gis_service.migrations")))
    made.set_main_option("path_separator", "os")
    made.attributes["url"] = url
    return made


def migrate(url: str, login_password: str | None = None) -> None:
    """Bring the database of ``url`` (as its owner) to the newest schema.

    Parameters
    ----------
    url
        SQLAlchemy address with the ``postgresql+psycopg`` driver.
    login_password
        Password the login ``grid_login`` gets; None on the private cluster, whose
        socket only its owner can reach.
    """
    command.upgrade(config(url), "head")
    if login_password is not None:
        _set_password(url, login_password)


def _set_password(url: str, password: str) -> None:
    """Give the login its password, as the server stores it: no log sees the word."""
    plain = make_url(url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        sealed = connection.pgconn.encrypt_password(
            password.encode(), b"grid_login", b"scram-sha-256"
        )
        statement = sql.SQL("ALTER ROLE grid_login PASSWORD {}")
        connection.execute(statement.format(sql.Literal(sealed.decode())))


def head() -> str:
    """Return the number of the newest migration, such as ``0010``."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def revision(url: str) -> str | None:
    """Return the number of the migration the database of ``url`` is at, if any."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
