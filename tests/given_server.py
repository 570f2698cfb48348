"""The server that GIS_DATABASE_URL names, used by tests like a throw-away cluster."""

import os

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")


class GivenServer:
    """Databases called ``gis_test_<pid>_…`` on a server somebody else runs."""

    def __init__(self, url: str) -> None:
        self._address = make_url(url).set(drivername="postgresql")
        self._made: list[str] = []

    def url(self, database: str, user: str | None = None) -> str:
        """Return the SQLAlchemy address of a database, as its owner or ``user``."""
        return self.dsn(database, user).replace("://", "+psycopg://", 1)

    def dsn(self, database: str, user: str | None = None) -> str:
        """Return the same address for psycopg and asyncpg."""
        address = self._address.set(database=_own(database))
        if user is not None:
            address = address.set(username=user)
        return address.render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database with PostGIS in it, or a copy of one made before."""
        source = "template0" if template is None else _own(template)
        self._run(self._address, "CREATE DATABASE {} TEMPLATE {}", _own(name), source)
        self._made.append(name)
        if template is None:
            inside = self._address.set(database=_own(name))
            for extension in EXTENSIONS:
                self._run(inside, "CREATE EXTENSION {}", extension)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, ending its connections."""
        self._run(self._address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", _own(name))

    def drop_all(self) -> None:
        """Leave the server as it was."""
        for name in self._made:
            self.drop_database(name)

    @staticmethod
    def _run(address: URL, statement: str, *names: str) -> None:
        dsn = address.render_as_string(hide_password=False)
        identifiers = [sql.Identifier(name) for name in names]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*identifiers))


def _own(name: str) -> str:
    return f"gis_test_{os.getpid()}_{name}"
