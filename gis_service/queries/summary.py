"""How many 人地物事 there are per cell, village or township, by the kept counts."""

from typing import Any, Literal

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.grid.duty import json_object
from gis_service.prepared import Shapes
from gis_service.queries.inside import (
    COUNTED,
    NOTHING,
    PERSONAL,
    SUMMARIES,
    in_polygon,
    told,
)
from gis_service.queries.polygons import Drawn

By = Literal["cell", "village", "township"]

_DIGITS = {"cell": 15, "village": 12, "township": 9}
_TABLES = {
    "cell": ("cells", "grid"),
    "village": ("villages", "divisions"),
    "township": ("townships", "divisions"),
}
_OUTSIDE = {"cell": "网格外", "village": "村外", "township": "乡镇外"}
"""Name of the row that counts what lies outside every area of a level."""


class Summaries:
    """Asks for counts; each shape of statement is compiled once.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._shapes = Shapes()

    async def per_area(
        self,
        scope: Scope,
        by: By,
        within: str,
        *,
        sees_people: bool,
        blank: frozenset[str] = NOTHING,
    ) -> bytes:
        """Return counts per area under a scope, as JSON with rows and totals.

        Parameters
        ----------
        scope
            What the reader may see: a row counts what of its area lies in it.
        by
            Level of the rows.
        within
            Code of the division or cell to stay in.
        sees_people
            Whether the reader sees people; others are told no cell's one to four, and
            of villages and townships the sums of what they are told of cells.
        blank
            Counts the reader gets null for.
        """
        shape = ("area", by, len(scope.branches), sees_people, blank)
        statement = self._shapes.get(
            shape, lambda: per_area(scope, by, sees_people=sees_people, blank=blank)
        )
        arguments = statement.arguments(within=within, **_branches(scope))
        async with reading(self._pool) as reader:
            found: str = await reader.fetchval(statement.sql, *arguments)
        return found.encode()

    async def in_polygon(
        self,
        scope: Scope,
        polygon: Drawn,
        *,
        sees_people: bool,
        blank: frozenset[str] = NOTHING,
    ) -> bytes:
        """Return counts in a drawn polygon under a scope, as JSON with totals."""
        shape = ("polygon", sees_people, len(scope.branches), blank)
        statement = self._shapes.get(
            shape, lambda: in_polygon(scope, sees_people=sees_people, blank=blank)
        )
        arguments = statement.arguments(polygon=polygon.wkb, **_branches(scope))
        async with reading(self._pool, scope) as reader:
            found: str = await reader.fetchval(statement.sql, *arguments)
        return found.encode()


def per_area(
    scope: Scope, by: By, *, sees_people: bool, blank: frozenset[str] = NOTHING
) -> Select[Any]:
    """Select the counts of every area of a level as JSON; parameter ``within``.

    Areas without anything in them show zeros; what lies outside every area of the
    level has a row under the longest code known, so that rows add up to the totals.
    """
    within = bindparam("within", type_=String)
    areas = _areas(scope, by, within)
    hidden = NOTHING if sees_people else PERSONAL
    counts = _counts(scope, by, within, hidden)
    sums = (
        (null() if name in blank else _counted(counts, name)).label(name)
        for name in COUNTED
    )
    name = func.coalesce(areas.c.name, literal(_OUTSIDE[by], Text)).label("name")
    rows = (
        select(func.coalesce(areas.c.code, counts.c.code).label("code"), name, *sums)
        .select_from(areas.join(counts, areas.c.code == counts.c.code, full=True))
        .cte("row")
    )
    row = func.row_to_json(rows.table_valued())
    listed = func.coalesce(
        func.json_agg(aggregate_order_by(row, rows.c.code)),
        literal_column("'[]'::json"),
    )
    totals = {
        name: null() if name in blank else _total(rows.c[name], hidden)
        for name in COUNTED
    }
    answer = json_object(
        by=literal(by, Text), rows=listed, totals=json_object(**totals)
    )
    return select(cast(answer, Text))


def _branches(scope: Scope) -> dict[str, str]:
    return {f"branch_{number}": code for number, code in enumerate(scope.branches)}


def _areas(scope: Scope, by: By, within: ColumnElement[str]) -> Subquery:
    name, schema = _TABLES[by]
    area = table(name, *map(column, ("code", "name", "valid_to")), schema=schema)
    # An officer of one cell asks per village: the village is listed, with the counts
    # of the own cell alone.
    holders = (
        func.starts_with(bindparam(f"branch_{number}", code, String), area.c.code)
        for number, code in enumerate(scope.branches)
    )
    return (
        select(area.c.code, area.c.name)
        .where(
            area.c.valid_to.is_(None),
            or_(
                func.starts_with(area.c.code, within),
                func.starts_with(within, area.c.code),
            ),
            or_(scope.covers(area.c.code), *holders),
        )
        .subquery("area")
    )


def _total(column: ColumnElement[Any], hidden: frozenset[str]) -> ColumnElement[Any]:
    if column.key not in hidden:
        return func.coalesce(func.sum(column), 0)
    # As with the rows: null when nothing of what there is may be told.
    is_nothing = func.coalesce(func.bool_and(column == 0), True)
    found = func.sum(func.nullif(column, 0))
    return case(
        (func.count(column) < func.count(), found), (is_nothing, 0), else_=found
    )


def _counted(counts: Subquery, name: str) -> ColumnElement[Any]:
    # An area without any row holds nothing; a null among rows is not to be told.
    return case((counts.c.code.is_(None), 0), else_=counts.c[name])


def _counts(
    scope: Scope, by: By, within: ColumnElement[str], hidden: frozenset[str]
) -> Subquery:
    kept = SUMMARIES
    shown = {name: told(kept.c[name]) for name in hidden}
    # Zeros beside what is not told would add up to a zero that is not so.
    sums = (
        (
            case(
                (func.max(kept.c[name]) == 0, 0),
                else_=func.sum(func.nullif(shown[name], 0)),
            )
            if name in hidden
            else func.sum(kept.c[name])
        ).label(name)
        for name in COUNTED
    )
    code = func.left(kept.c.grid_code, _DIGITS[by])
    return (
        select(code.label("code"), *sums)
        .where(
            func.starts_with(kept.c.grid_code, within),
            scope.covers(kept.c.grid_code),
        )
        .group_by(code)
        .subquery("counted")
    )
