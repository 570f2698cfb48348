"""Attaching things to cells: at first, and again when cells have changed.

``Cells`` tells the grid code of any place. ``reattach`` gives what lies in a village
its new codes in the same transaction that redrew the village, so that nobody ever
sees a thing under a code that is no more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from psycopg import Connection, sql

from gis_service.divisions.codes import Level
from gis_service.grid.driver import AnyConnection, driver_of
from gis_service.grid.placement import Cells

__all__ = ["Cells", "Moved", "Outside", "lock_townships", "outside", "reattach"]

ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True, slots=True)
class Attached:
    """A table whose rows carry the code of the cell they lie in."""

    name: str
    title: str
    key: tuple[str, ...] = ("county_code", "id")
    condition: str = "true"

    @property
    def identifier(self) -> sql.Identifier:
        """The name of the table, quoted."""
        return sql.Identifier(*self.name.split("."))


MATTERS = "matters.matters"
ATTACHED = (
    Attached("people.households", "户"),
    Attached("people.residents", "居民"),
    Attached("land.parcels", "地块"),
    Attached("land.buildings", "房屋"),
    Attached("objects.objects", "部件"),
    # A closed matter keeps the cell it had: published figures do not move.
    Attached(MATTERS, "事项", condition="row.closed_at IS NULL"),
    Attached("sites.centers", "服务中心", key=("id",)),
    Attached("sites.candidates", "候选点", key=("id",)),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of each table got another code."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables together."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Outside:
    """A row that lies outside every cell, with the longest code it got instead."""

    table: str
    id: int
    grid_code: str


def lock_townships(connection: AnyConnection, codes: Iterable[str]) -> None:
    """Let nobody else change cells of these townships until the transaction ends.

    Takes codes of any level below the county. Locks are taken in the order of the
    codes: two who need the same ones wait for each other, and neither for ever.
    """
    driver = driver_of(connection)
    for township in sorted({code[: Level.TOWNSHIP] for code in codes}):
        driver.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"cells of {township}"],
        )


def reattach(connection: AnyConnection, village_codes: Sequence[str]) -> Moved:
    """Give what lies in some villages the codes of the cells now in force.

    Takes the rows that carry a code of the villages and those that lie in them under
    another code; both the old and the new village are named when a border moved. A
    row without a place keeps its code while that is in force, then takes the only
    successor, else the code of its village. Steps follow their open matter.

    Parameters
    ----------
    connection
        The owner's, in the transaction that changed the cells.
    village_codes
        12 digits each.
    """
    driver = driver_of(connection)
    lock_townships(driver, village_codes)
    cells = Cells.load(driver)
    code_of = _Successors.load(driver, cells, village_codes)
    around = _codes_around(driver, village_codes)
    counts = {}
    for table in ATTACHED:
        moved = 0
        for rows in _candidates(driver, table, village_codes, around):
            changed = _changed(rows, cells, code_of, tuple(village_codes))
            _write(driver, table, changed)
            moved += len(changed)
        counts[table.name] = moved
    return Moved(counts)


def outside(connection: AnyConnection) -> Iterator[Outside]:
    """Yield the rows of every table that lie outside every cell, in force or not."""
    driver = driver_of(connection)
    for table in ATTACHED:
        query = sql.SQL(
            "SELECT id, grid_code FROM {table} AS row WHERE length(grid_code) < %s"
            " AND {condition} ORDER BY grid_code, id"
        ).format(table=table.identifier, condition=sql.SQL(table.condition))
        for row in driver.execute(query, [Level.CELL.value]):
            yield Outside(table.name, *row)


@dataclass(frozen=True, slots=True)
class _Successors:
    """The code a row gets whose place is unknown or too far away."""

    in_force: frozenset[str]
    successor: Mapping[str, str]

    @classmethod
    def load(
        cls, driver: Connection[Any], cells: Cells, village_codes: Sequence[str]
    ) -> "_Successors":
        query = (
            "SELECT code, successors[1] FROM grid.cells WHERE valid_to IS NOT NULL"
            " AND village_code = ANY(%s) AND cardinality(successors) = 1"
            " ORDER BY valid_to"
        )
        in_force = frozenset(code for areas in cells.levels for code in areas.codes)
        return cls(in_force, dict(driver.execute(query, [list(village_codes)])))

    def __call__(self, code: str) -> str:
        after = self.successor.get(code, code)
        leading = (after, *(code[:level] for level in (12, 9, 6)))
        return next((each for each in leading if each in self.in_force), code)


def _codes_around(driver: Connection[Any], village_codes: Sequence[str]) -> list[str]:
    query = (
        "SELECT DISTINCT reach.code FROM divisions.villages AS village"
        " INNER JOIN grid.reaches AS reach"
        " ON ST_Intersects(reach.geom_web, village.geom_web)"
        " WHERE village.code = ANY(%s) AND village.valid_to IS NULL"
    )
    found = driver.execute(query, [list(village_codes)])
    own = tuple(village_codes)
    return [code for (code,) in found if not code.startswith(own)]


Row = tuple[tuple[Any, ...], str, bytes | None]


def _candidates(
    driver: Connection[Any],
    table: Attached,
    village_codes: Sequence[str],
    around: Sequence[str],
) -> Iterator[list[Row]]:
    columns = sql.SQL(", ").join(sql.Identifier("row", name) for name in table.key)
    query = sql.SQL(
        "SELECT {columns}, row.grid_code, ST_AsBinary(row.geom)"
        " FROM unnest(%(villages)s::text[]) AS village (code)"
        " INNER JOIN {table} AS row"
        ' ON row.grid_code >= village.code COLLATE "C"'
        " AND row.grid_code < (village.code || '~') COLLATE \"C\""
        " WHERE {condition}"
        " UNION ALL"
        " SELECT {columns}, row.grid_code, ST_AsBinary(row.geom) FROM {table} AS row"
        " WHERE row.grid_code = ANY(%(around)s::text[]) AND {condition}"
    ).format(
        columns=columns,
        table=table.identifier,
        condition=sql.SQL(table.condition),
    )
    values = {"villages": sorted(set(village_codes)), "around": list(around)}
    # A cursor of the server: memory stays flat while a whole county is read.
    with driver.cursor(name="rows_to_attach") as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield [(tuple(row[:-2]), row[-2], row[-1]) for row in rows]


def _changed(
    rows: list[Row],
    cells: Cells,
    code_of: Callable[[str], str],
    village_codes: tuple[str, ...],
) -> list[tuple[Any, ...]]:
    shapes = shapely.from_wkb(
        np.array([None if row[2] is None else bytes(row[2]) for row in rows], object)
    )
    changed = []
    for (key, old, _), placed in zip(rows, cells.codes_of(shapes), strict=True):
        new = placed or code_of(old)
        is_ours = old.startswith(village_codes) or new.startswith(village_codes)
        if new != old and is_ours:
            changed.append((*key, new))
    return changed


def _write(
    driver: Connection[Any], table: Attached, changed: list[tuple[Any, ...]]
) -> None:
    if not changed:
        return
    columns = [list(column) for column in zip(*sorted(changed), strict=True)]
    _update(driver, table.identifier, table.key, columns)
    if table.name == MATTERS:
        steps = sql.Identifier("matters", "steps")
        _update(driver, steps, ("county_code", "matter_id"), columns)


def _update(
    driver: Connection[Any],
    table: sql.Identifier,
    key: tuple[str, ...],
    columns: list[list[Any]],
) -> None:
    kinds = {"county_code": "text", "id": "bigint", "matter_id": "bigint"}
    query = sql.SQL(
        "UPDATE {table} AS row SET grid_code = moved.grid_code"
        " FROM unnest({arrays}) AS moved ({names}, grid_code) WHERE {matches}"
    ).format(
        table=table,
        arrays=sql.SQL(", ").join(
            sql.SQL("%s::{}[]").format(sql.SQL(kind))
            for kind in (*(kinds[name] for name in key), "text")
        ),
        names=sql.SQL(", ").join(map(sql.Identifier, key)),
        matches=sql.SQL(" AND ").join(
            sql.SQL("row.{name} = moved.{name}").format(name=sql.Identifier(name))
            for name in key
        ),
    )
    driver.execute(query, columns)
