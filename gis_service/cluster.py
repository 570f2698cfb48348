"""The private PostgreSQL cluster in the data folder, with PostGIS in every database.

It is reached by a Unix socket in a folder that only its user may enter, so it needs
neither a password nor a port. It runs while some command uses it, or from
``gis-grid db start`` to ``gis-grid db stop``.
"""

import atexit
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from gis_service import backups, postgres_user
from gis_service.cluster_lease import Lease, exclusively, is_used
from gis_service.postgres_server import OWNER, PORT, ClusterError, Server
from gis_service.settings import Settings

__all__ = ["OWNER", "Cluster", "ClusterError", "ClusterStatus", "database_url"]

DATABASE = "gis"
"""Name of the service's database in the private cluster."""

TEMPLATE = "gis_template"
"""Database that carries the extensions; a copy of it takes a fifth of a second."""

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
"""The first is the point of it all; the others are made where they are installed."""

SOCKETS = Path("/tmp")  # noqa: S108 - the folder in it is made 0700 and its owner checked
"""Not below the data folder: a socket's path may have 107 bytes at most."""

FALLBACK = Path("/var/lib/gis-service")
"""Where root's data goes if the server's user cannot walk to the data folder."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What ``gis-grid db status`` says."""

    is_running: bool
    is_kept: bool
    is_used: bool
    data: str
    sockets: str
    port: int
    databases: tuple[str, ...]


class Cluster:
    """One private PostgreSQL cluster with its data below ``folder``.

    Parameters
    ----------
    folder
        The data folder, such as ``var``; made when missing. Any characters.
    throwaway
        Give up safety against a power cut for speed: for tests only.
    tcp_port
        Also listen on this port of 127.0.0.1 (with passwords), for QGIS.
    """

    def __init__(
        self, folder: Path, *, throwaway: bool = False, tcp_port: int | None = None
    ) -> None:
        # /proc shows real paths, and the server's processes are found by them.
        self.folder = folder.resolve()
        self._tcp_port = tcp_port
        self._lease: Lease | None = None
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        data, elsewhere = (
            place / "postgres" for place in (self.folder, FALLBACK / digest)
        )
        can_reach = postgres_user.choose(data).can_reach(self.folder)
        # Data that were put elsewhere once stay there, whatever becomes reachable.
        if not can_reach or (elsewhere.is_dir() and not data.is_dir()):
            data = elsewhere
        user = postgres_user.choose(data)
        sockets = SOCKETS / f"gis-pg-{digest}"
        self._server = Server(data, sockets, user, throwaway=throwaway)

    def start(self) -> None:
        """Start the server unless it answers; make the cluster the first time.

        Raises
        ------
        ClusterError
            With the reason in one sentence and the server's own last words.
        """
        self._make_folders()
        server = self._server
        with exclusively(self.folder):
            if not server.answers():
                server.clear()
                server.make()
                server.launch(self._tcp_port)
            elif self._tcp_port not in (None, server.port):
                detail = "数据库在运行，改端口请先 (first run) gis-grid db stop"
                raise ClusterError(detail)
            self._make_template()

    def stop(self) -> None:
        """Stop the server and everything of it; nothing happens if there is none."""
        if self.folder.is_dir():
            self._refuse_foreign()
            with exclusively(self.folder):
                self._server.halt()

    def use(self) -> None:
        """Start the server and keep it for this process.

        When the process ends and nobody else uses the cluster either, the server
        stops, unless :meth:`keep` has asked for more.
        """
        self._make_folders()
        if self._lease is None:
            self._lease = Lease(self.folder)
            atexit.register(self.leave)
        self.start()

    def leave(self) -> None:
        """End the use by this process; the last one stops the server."""
        lease, self._lease = self._lease, None
        if lease is not None:
            with lease.given_back() as is_last:
                if is_last and not self._mark.exists():
                    self.stop()

    def keep(self, *, running: bool) -> None:
        """Let the server run on although nobody uses it, or no longer."""
        if running:
            self._mark.touch()
        else:
            self._mark.unlink(missing_ok=True)

    def status(self) -> ClusterStatus:
        """Say whether it runs, where it is, and which databases it has."""
        is_running = self._server.answers()
        return ClusterStatus(
            is_running=is_running,
            is_kept=self._mark.exists(),
            is_used=is_used(self.folder),
            data=str(self._server.data),
            sockets=str(self._server.sockets),
            port=self._server.port,
            databases=self._databases() if is_running else (),
        )

    def url(self, database: str, user: str = OWNER) -> str:
        """Return the SQLAlchemy address of a database over the socket (psycopg)."""
        return self.dsn(database, user).replace("://", "+psycopg://", 1)

    def dsn(self, database: str, user: str = OWNER) -> str:
        """Return the address as psycopg, asyncpg and PostgreSQL's programs take it."""
        port = "" if self._server.port == PORT else f"&port={self._server.port}"
        return f"postgresql://{user}@/{database}?host={self._server.sockets}{port}"

    def program(self, name: str) -> str:
        """Return the path of a PostgreSQL program that fits, such as ``psql``."""
        return self._server.postgres.program(name)

    def has_database(self, name: str) -> bool:
        """Tell whether the database is there."""
        return name in self._column("postgres", "SELECT datname FROM pg_database")

    def create_database(self, name: str, template: str = TEMPLATE) -> None:
        """Make a database with PostGIS in it."""
        self._run("postgres", "CREATE DATABASE {} TEMPLATE {}", name, template)

    def is_in_use(self, database: str) -> bool:
        """Tell whether anybody is connected to the database."""
        asked = "SELECT usename FROM pg_stat_activity WHERE datname = %s"
        return bool(self._column("postgres", asked, database))

    def rename_database(self, name: str, new_name: str) -> None:
        """Rename a database nobody is connected to."""
        self._run("postgres", "ALTER DATABASE {} RENAME TO {}", name, new_name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, ending its connections."""
        self._run("postgres", "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def backup(self, file: Path, database: str = DATABASE) -> None:
        """Write a backup of a database into one file."""
        backups.write(self._server.postgres, self.url(database), file)

    def restore(self, file: Path, database: str) -> None:
        """Make a database that is not there yet from a backup file.

        The roles its rights name must be in the cluster: a migrated database
        beside it has made them.
        """
        self.create_database(database, "template0")
        try:
            backups.read(self._server.postgres, self.url(database), file)
        except BaseException:
            self.drop_database(database)
            raise

    @property
    def _mark(self) -> Path:
        return self.folder / ".kept"

    def _make_folders(self) -> None:
        data = self._server.data
        # Root's folder must let the server's user through, but shows nothing.
        mode = 0o711 if self._server.user.is_other else 0o700
        for folder in (self.folder, data.parent.parent, data.parent):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(mode)
        if data.parent != self.folder:
            _log.warning(
                "数据库用户进不了 %s，数据放在 (server cannot reach it, data in) %s",
                self.folder,
                data,
            )
        self._refuse_foreign()

    def _refuse_foreign(self) -> None:
        data = self._server.data
        is_foreign = data.is_dir() and data.stat().st_uid != self._server.user.uid
        if is_foreign or not os.access(self.folder, os.W_OK):
            detail = f"{self.folder} 属于另一用户 (of another user: run as that user)"
            raise ClusterError(detail)

    def _make_template(self) -> None:
        if self.has_database(TEMPLATE):
            return
        new = f"{TEMPLATE}_new"
        self.drop_database(new)
        self.create_database(new, "template0")
        offered = self._column(new, "SELECT name FROM pg_available_extensions")
        for extension in EXTENSIONS:
            if extension in offered:
                self._run(new, "CREATE EXTENSION {}", extension)
        self.rename_database(new, TEMPLATE)
        closed = "ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false"
        self._run("postgres", closed, TEMPLATE)

    def _databases(self) -> tuple[str, ...]:
        listing = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
        return self._column("postgres", listing)

    def _column(
        self, database: str, statement: LiteralString, *values: str
    ) -> tuple[str, ...]:
        with _connected(self.dsn(database)) as connection:
            rows = connection.execute(statement, values)
            return tuple(row[0] for row in rows)

    def _run(self, database: str, statement: LiteralString, *names: str) -> None:
        identifiers = [sql.Identifier(name) for name in names]
        with _connected(self.dsn(database)) as connection:
            connection.execute(sql.SQL(statement).format(*identifiers))


def database_url(settings: Settings) -> str:
    """Return the database of the settings, as its owner, for SQLAlchemy and psycopg.

    Without ``GIS_DATABASE_URL`` the private cluster is started when needed and
    kept until the process ends.
    """
    if settings.database_url is not None:
        address = make_url(settings.database_url).set(drivername="postgresql+psycopg")
        return address.render_as_string(hide_password=False)
    cluster = private(settings.data_folder.resolve())
    cluster.use()
    if not cluster.has_database(DATABASE):
        cluster.create_database(DATABASE)
    return cluster.url(DATABASE)


@cache
def private(folder: Path) -> Cluster:
    """Return this process's one :class:`Cluster` of a data folder."""
    return Cluster(folder)


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection[tuple[str]]]:
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield connection
    except psycopg.Error as refusal:
        detail = f"数据库拒绝 (the database refuses): {str(refusal).strip()}"
        raise ClusterError(detail) from None
