"""The staging table: rows of one file on their way into a table of the county."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from gis_service import crs
from gis_service.copying import copy_frame
from gis_service.intake.checking import Slice
from gis_service.intake.fields import Rule, Thing
from gis_service.intake.findings import Finding, Findings
from gis_service.intake.naming import Naming

STAGED = "pg_temp.staged"

READ_ROWS = 2000
"""Rows held at once of what a rule finds: every row of a file may be wrong."""


@dataclass(slots=True)
class Staging:
    """A temporary table like the one a thing is kept in.

    Parameters
    ----------
    present
        Columns of the table that the file brings or that follow from it; others are
        left alone where the row is already there.
    """

    connection: psycopg.Connection[tuple[object, ...]]
    thing: Thing
    present: tuple[str, ...] = ()
    rows: int = 0
    _columns: tuple[str, ...] = field(default=())

    def open(self) -> None:
        """Make the table, empty."""
        target = sql.Identifier(*self.thing.table.split("."))
        columns = sql.SQL(", ").join(map(sql.Identifier, self._own_columns()))
        extras = sql.SQL("").join(
            sql.SQL(", ADD COLUMN {} text").format(sql.Identifier(name))
            for name in self.thing.extras
        )
        with self.connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.staged")
            cursor.execute(
                sql.SQL(
                    "CREATE TEMPORARY TABLE staged ON COMMIT DROP AS"
                    " SELECT {} FROM {} LIMIT 0"
                ).format(columns, target)
            )
            cursor.execute(
                sql.SQL(
                    "ALTER TABLE staged ADD COLUMN row_no integer,"
                    " ADD COLUMN is_refused boolean{}"
                ).format(extras)
            )

    def add(self, part: Slice) -> None:
        """Stream the rows of a slice into the table, refused ones marked."""
        frame = part.rows.copy()
        if "county_code" in self.thing.key:
            frame["county_code"] = part.options.county_code
        wanted = [
            name
            for name in (*self._own_columns(), *self.thing.extras)
            if name in frame.columns and name != "geom"
        ]
        frame = frame[wanted]
        if self.thing.shape is not None and (part.has_place or self.thing.resolve):
            frame["geom"] = _ewkb(self.thing, part.shapes)
        frame["row_no"] = part.row_nos
        frame["is_refused"] = part.refused
        if not self.present:
            self.present = tuple(
                name for name in self._own_columns() if name in frame.columns
            )
        copy_frame(self.connection, STAGED, frame)
        self.rows += len(frame)

    def settle(self, naming: Naming, findings: Findings) -> int:
        """Fill in what other rows know, apply the rules, and count the refused."""
        with self.connection.cursor() as cursor:
            cursor.execute("ANALYZE pg_temp.staged")
            for statement in self.thing.resolve:
                cursor.execute(statement.encode())
            if self.thing.is_placed and not self.thing.is_shape_required:
                cursor.execute(self._keep_places())
            for rule in self.thing.rules:
                if not self._applies(rule.needs):
                    continue
                self._rule(rule, naming.source(rule.column), findings)
        return self.refused()

    def _rule(self, rule: Rule, column: str | None, findings: Findings) -> None:
        """Apply one rule; what it finds stays in the database and is read in pieces."""
        head = "CREATE TEMPORARY TABLE ruled (row_no, value, detail) AS"
        self.connection.execute(f"{head} {rule.sql}".encode())
        with self.connection.cursor("ruled_rows") as cursor:
            cursor.itersize = READ_ROWS
            cursor.execute("SELECT row_no, value, detail FROM ruled ORDER BY row_no")
            for row_no, value, detail in cursor:
                message = rule.message.replace("{}", str(detail or ""))
                told = None if value is None else str(value)
                findings.add(
                    Finding(
                        int(str(row_no)), column, rule.code, rule.severity,
                        told, message, rule.advice,
                    )
                )  # fmt: skip
        if rule.severity == "refused":
            self.connection.execute(
                "UPDATE staged SET is_refused = true FROM ruled"
                " WHERE ruled.row_no = staged.row_no"
            )
        self.connection.execute("DROP TABLE ruled")

    def _keep_places(self) -> sql.Composed:
        """Rows that bring no place keep the one on record, and its cell."""
        key = sql.SQL(" AND ").join(
            sql.SQL("kept.{0} = staged.{0}").format(sql.Identifier(name))
            for name in self.thing.key
        )
        return sql.SQL(
            "UPDATE staged SET geom = kept.geom, grid_code = kept.grid_code"
            " FROM {} AS kept WHERE {} AND staged.geom IS NULL"
            " AND kept.geom IS NOT NULL"
        ).format(sql.Identifier(*self.thing.table.split(".")), key)

    def refused(self) -> int:
        """Return how many rows are refused so far."""
        query = "SELECT count(*) FROM staged WHERE is_refused"
        counted = self.connection.execute(query).fetchone()
        return int(str(counted[0])) if counted else 0

    def _applies(self, needs: tuple[str, ...]) -> bool:
        return all(name in self.present or name in self.thing.extras for name in needs)

    def _own_columns(self) -> tuple[str, ...]:
        county = ("county_code",) if "county_code" in self.thing.key else ()
        return (*county, *self.thing.columns)


def _ewkb(
    thing: Thing, shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]"
) -> pd.Series:
    """Return geometries as text PostGIS reads, promoted to multi where kept so."""
    if thing.is_multi:
        types = shapely.get_type_id(shapes)
        shapes = shapes.copy()
        for single, many in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
            at = np.flatnonzero(types == single)
            if len(at):
                shapes[at] = many(shapes[at], indices=np.arange(len(at)))
    marked = shapely.set_srid(shapes, crs.STORED)
    return pd.Series(shapely.to_wkb(marked, hex=True, include_srid=True), dtype=object)
