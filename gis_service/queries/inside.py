"""How many 人地物事 lie in a drawn polygon.

Cells that lie wholly in it count by what is kept of them; only the rows of those on
its edge are counted out.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
    table,
    true,
)

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.grid.duty import json_object

COUNTED = (
    "households",
    "residents",
    "care_residents",
    "parcels",
    "objects",
    "open_matters",
)
PERSONAL = frozenset(COUNTED[:3])
NOTHING: frozenset[str] = frozenset()
MATTERS = frozenset(COUNTED[5:])
SMALL = 5
"""In a polygon of one's own drawing, fewer people than this point at somebody."""

SUMMARIES = table("summaries", *map(column, ("grid_code", *COUNTED)), schema="grid")
_REACHES = table("reaches", column("code"), column("geom_web"), schema="grid")


def in_polygon(
    scope: Scope, *, sees_people: bool, blank: frozenset[str] = NOTHING
) -> Select[Any]:
    """Select the counts in a polygon as JSON; parameter ``polygon`` (WKB).

    Parameters
    ----------
    scope
        What the reader may see.
    sees_people
        Whether the reader sees people; others get the counts of people of the areas
        whose middle lies in the polygon, without those ``told`` keeps to itself: two
        polygons told apart give nothing that the table of cells does not.
    blank
        Counts the reader gets null for, however many there are.
    """
    drawn = _drawn()
    reached = _reached(scope, drawn)
    kept = SUMMARIES
    sums = (func.coalesce(func.sum(kept.c[name]), 0).label(name) for name in COUNTED)
    whole = (
        select(*sums)
        .select_from(kept.join(reached, kept.c.grid_code == reached.c.code))
        .where(reached.c.is_whole)
        .cte("whole")
    )
    counts: dict[str, ColumnElement[Any]] = {
        name: null()
        if name in blank
        else select(whole.c[name]).scalar_subquery() + on_edge(reached, drawn)
        for name, on_edge in _ON_EDGE.items()
    }
    if not sees_people:
        counts |= {name: _told_within(name, reached) for name in PERSONAL}
    return select(cast(json_object(totals=json_object(**counts)), Text))


def _drawn() -> CTE:
    geom = func.ST_GeomFromWKB(bindparam("polygon", type_=LargeBinary), crs.STORED)
    web = func.ST_Transform(geom, crs.WEB)
    return select(web.label("geom_web")).cte("drawn").prefix_with("MATERIALIZED")


def _reached(scope: Scope, drawn: CTE) -> CTE:
    """Return the codes whose ground meets the polygon, and whether all of it does."""
    reach = _REACHES
    covered = func.ST_CoveredBy(reach.c.geom_web, drawn.c.geom_web)
    middle = func.ST_PointOnSurface(reach.c.geom_web)
    inside = func.ST_Intersects(middle, drawn.c.geom_web)
    return (
        select(reach.c.code, covered.label("is_whole"), inside.label("is_inside"))
        .select_from(drawn.join(reach, true()))
        .where(
            func.ST_Intersects(reach.c.geom_web, drawn.c.geom_web),
            scope.covers(reach.c.code),
        )
        .cte("reached")
        .prefix_with("MATERIALIZED")
    )


def _on_edge(
    name: str, *, is_area: bool = False, only: str = "true"
) -> Callable[[CTE, CTE], ColumnElement[int]]:
    schema, _, bare = name.partition(".")
    row = table(bare, column("grid_code"), column("geom_web"), schema=schema)

    def count(reached: CTE, drawn: CTE) -> ColumnElement[int]:
        # An area is where its grid code says: at a point inside it.
        shape = func.ST_PointOnSurface(row.c.geom_web) if is_area else row.c.geom_web
        found = drawn.join(reached, true()).join(row, row.c.grid_code == reached.c.code)
        return (
            select(func.count())
            .select_from(found)
            .where(
                ~reached.c.is_whole,
                func.ST_Intersects(shape, drawn.c.geom_web),
                literal_column(only),
            )
            .scalar_subquery()
        )

    return count


_ON_EDGE = {
    "households": _on_edge("people.households"),
    "residents": _on_edge("people.residents"),
    "care_residents": _on_edge("people.residents", only="care_types <> '{}'"),
    "parcels": _on_edge("land.parcels", is_area=True),
    "objects": _on_edge("objects.objects", is_area=True),
    "open_matters": _on_edge("matters.matters", only="closed_at IS NULL"),
}


def told(count: ColumnElement[int]) -> ColumnElement[Any]:
    """Return the count of an area as who sees no people is told it.

    From one to four is null. Whatever else is told, of villages, townships or
    polygons, is added up from what is told of cells: there is nothing to subtract.
    """
    return case((count.between(1, SMALL - 1), null()), else_=count)


def _told_within(name: str, reached: CTE) -> ColumnElement[Any]:
    kept = SUMMARIES
    own = told(kept.c[name])
    # Null where all there is must not be told; zero where there is nothing.
    whole = case((func.count() == 0, 0), else_=func.sum(own))
    found = kept.join(reached, kept.c.grid_code == reached.c.code)
    return (
        select(whole)
        .select_from(found)
        .where(reached.c.is_inside, kept.c[name] > 0)
        .scalar_subquery()
    )
