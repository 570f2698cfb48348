"""The tables the demo county is stored in, made ready for a bulk load and after it."""

from typing import Any

import psycopg
from psycopg import errors, sql

from gis_service import copying
from gis_service.demo.shapes import Frame
from gis_service.errors import ConflictError
from gis_service.grid.coverage import renew_bands

COVERAGES = (
    "divisions.counties",
    "divisions.townships",
    "divisions.villages",
    "grid.cells",
)
LARGE = (
    "people.households",
    "people.residents",
    "land.parcels",
    "land.buildings",
    "objects.objects",
    "matters.matters",
    "matters.steps",
)
SMALL = (
    "divisions.aliases",
    "divisions.villager_groups",
    "grid.duties",
    "land.roads",
    "land.waters",
    "sites.centers",
    "sites.center_functions",
    "sites.candidates",
)
FILLED = (*COVERAGES, *SMALL, *LARGE)
KEPT = ("grid.summaries", "grid.reaches", "people.density", "people.directory")
"""Tables the database keeps by itself."""

LOCK_WAIT_S = 20

BATCHES = ("intake.batches", "intake.issues")

INDEXES = """
SELECT pg_get_indexdef(indexrelid) AS definition, indexrelid::regclass::text AS name
FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
ORDER BY indexrelid
"""


class CountyPresentError(ConflictError):
    """There is a county in the database, and nobody said it may go."""

    code = "county_present"
    title = "数据库中已有数据 (there is data in the database)"


class Storage:
    """One bulk load, in the caller's transaction.

    Triggers of the large tables rest and their indexes go until ``finish``: what both
    keep is made once, from everything, which takes a tenth of the time.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._indexes: list[str] = []

    def clear(self, *, replace: bool) -> None:
        """Empty the tables, or refuse if they are not.

        Raises
        ------
        CountyPresentError
            When there are divisions or people and ``replace`` is false.
        """
        present = [
            table
            for table in ("divisions.townships", "people.residents", "matters.matters")
            if self._one(f"SELECT EXISTS (TABLE {table})")
        ]
        if present and not replace:
            message = (
                f"数据库中已有数据（{present[0]}），如确认清除请加 --replace "
                "(there is data already; --replace empties it)"
            )
            raise CountyPresentError(message)
        tables = ", ".join((*FILLED, *KEPT, *BATCHES))
        try:
            self._run(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'")
            self._run(f"TRUNCATE {tables} CASCADE")
        except (errors.LockNotAvailable, errors.DeadlockDetected) as busy:
            message = (
                "数据库正被使用，请先停止服务再装入 (the database is in use: stop the "
                "service, then load)"
            )
            raise ConflictError(message) from busy

    def prepare(self) -> None:
        """Let triggers rest and drop indexes."""
        # Time zone and float text of facts must not depend on the server's settings.
        self._run("SET LOCAL timezone = 'UTC'")
        self._run("SET LOCAL maintenance_work_mem = '256MB'")
        for table in LARGE:
            self._run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for definition, name in self._connection.execute(
            INDEXES, [list(LARGE)]
        ).fetchall():
            self._indexes.append(definition)
            self._run(f"DROP INDEX {name}")

    def write(self, table: str, frame: Frame) -> int:
        """Append a frame to a table."""
        if not len(frame):
            return 0
        return copying.copy_frame(self._connection, table, frame)

    def finish(self) -> None:
        """Build indexes, wake triggers, and make what the database keeps."""
        for definition in self._indexes:
            self._run(definition)
        for table in LARGE:
            self._run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table in FILLED:
            self._run(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608 - a name from the list above
                f"coalesce(max(id), 1), max(id) IS NOT NULL) FROM {table}"
            )
        for table in COVERAGES:
            renew_bands(self._connection, table)
        self._run("SELECT grid.fill_summaries()")
        self._run("SELECT people.fill_density()")
        self._run("SELECT people.fill_directory('household')")
        self._run("SELECT people.fill_directory('resident')")

    def _run(self, statement: str) -> None:
        # Names come from the lists above and from the catalogue, never from outside.
        self._connection.execute(sql.SQL(statement))

    def _one(self, query: str) -> object:
        row = self._connection.execute(sql.SQL(query)).fetchone()
        return row[0] if row else None


def tidy(connection: psycopg.Connection[Any]) -> None:
    """Vacuum and analyse what was loaded; the connection must commit by itself."""
    tables = ", ".join((*FILLED, *KEPT))
    connection.execute(sql.SQL(f"VACUUM (ANALYZE) {tables}"))
