"""Migrations: numbered, forward only, reviewed by hand."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gis_service.database import set_login_password


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
        set_login_password(url, login_password)


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
