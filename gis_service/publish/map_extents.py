"""Where a map opens: the box around a reader's territory, and the zoom that fits it."""

import math
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    column,
    func,
    or_,
    select,
    table,
    union_all,
)

from gis_service import crs
from gis_service.access.scope import COUNTY_DIGITS, Scope

Bounds = tuple[float, float, float, float]

WHOLE_COUNTRY: Bounds = (73.0, 18.0, 135.5, 53.6)
"""What a map shows while the database holds no boundary yet."""

SCREEN_PX = 640
"""Side of the window that the suggested zoom fits the bounds into."""


def _table(schema: str, name: str) -> TableClause:
    return table(
        name, column("code"), column("geom"), column("valid_to"), schema=schema
    )


COUNTIES = _table("divisions", "counties")
PLACES = {
    9: _table("divisions", "townships"),
    12: _table("divisions", "villages"),
    15: _table("grid", "cells"),
}
"""Where the ground of a code is kept, by its digits."""


def extent(connection: Connection, scope: Scope) -> Bounds:
    """Return the box around all branches of a scope, in degrees.

    Of a county it is the box of its townships: the outline may be there long before
    they all are, and a map would open on much empty ground.
    """
    townships = [
        PLACES[9].c.code.startswith(code, autoescape=True)
        for code in scope.branches
        if len(code) == COUNTY_DIGITS
    ]
    within = [
        select(place.c.geom).where(
            or_(_is_one_of(place, scope, digits), *(townships if digits == 9 else ())),  # noqa: PLR2004 - digits
            place.c.valid_to.is_(None),
        )
        for digits, place in PLACES.items()
    ]
    outline = select(COUNTIES.c.geom).where(_is_one_of(COUNTIES, scope, COUNTY_DIGITS))
    for places in (union_all(*within), outline):
        found = connection.execute(_box_around(places)).one()
        if found[0] is not None:
            west, south, east, north = (round(float(each), 6) for each in found)
            return west, south, east, north
    return WHOLE_COUNTRY


def zoom_to_fit(bounds: Bounds) -> float:
    """Return the zoom (of 256 px tiles) at which the bounds fill a small window."""
    project = crs.transformer(crs.GPS, crs.WEB).transform
    (left, right), (low, high) = project(bounds[::2], bounds[1::2])
    side = max(right - left, high - low, 1.0)
    zoom = math.log2(2 * crs.EARTH_HALF_M / 256 * SCREEN_PX / side)
    return round(min(max(zoom, 3.0), 18.0), 2)


def _is_one_of(place: TableClause, scope: Scope, digits: int) -> ColumnElement[bool]:
    return place.c.code.in_([code for code in scope.branches if len(code) == digits])


def _box_around(places: Any) -> Select[Any]:  # noqa: ANN401 - a select or a union
    box = func.ST_Extent(places.subquery("places").c.geom)
    sides = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    return select(*(side(box) for side in sides))
