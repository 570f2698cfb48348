"""Where a coordinate lies in the grid: its cell, and the cells it nearly lies in.

The question is one statement whose JSON PostgreSQL writes; it is handed on as bytes.
"""

from typing import Any

import asyncpg
from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Select,
    Text,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from gis_service import crs
from gis_service.database import reading
from gis_service.divisions.models import County, Township, Village
from gis_service.grid.duty import NOTHING, json_object, officers
from gis_service.grid.models import Cell
from gis_service.prepared import prepare

MOST_TOUCHED = 12
"""Cells named beside the one a place lies in."""

GROUND = (70.0, 0.0, 140.0, 56.0)
"""West, south, east, north: beyond, the metres of the county mean nothing."""

ELSEWHERE = (
    b'{"place": {"township": null, "township_name": null, "village": null,'
    b' "village_name": null}, "cell": null, "touches": [], "within_county": false}'
)

Divided = type[County] | type[Township] | type[Village] | type[Cell]


async def cells_at(
    pool: asyncpg.Pool, lon: float, lat: float, accuracy_m: float = 0.0
) -> bytes:
    """Tell which cell a coordinate lies in and which its accuracy circle touches.

    Parameters
    ----------
    pool
        Reading connections; nothing that is asked here is protected.
    lon, lat
        Degrees, EPSG:4490. On an edge that cells share, the smallest code has it.
    accuracy_m
        Radius in metres of the circle in which the true place lies.

    Returns
    -------
    bytes
        JSON with ``place``, ``cell`` (or null), ``touches`` (nearest first, without
        the cell itself) and ``within_county``.
    """
    if not is_on_ground(lon, lat):
        return ELSEWHERE
    arguments = LOCATION.arguments(lon=lon, lat=lat, accuracy_m=accuracy_m)
    async with reading(pool) as connection:
        found: str = await connection.fetchval(LOCATION.sql, *arguments)
    return found.encode()


def is_on_ground(lon: float, lat: float) -> bool:
    """Tell whether a place lies where the metres of the county can be asked for."""
    west, south, east, north = GROUND
    return west <= lon <= east and south <= lat <= north


def _location() -> Select[str]:
    lon, lat = bindparam("lon", type_=Double), bindparam("lat", type_=Double)
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), crs.STORED)
    place = select(
        point.label("geom"), func.ST_Transform(point, crs.METRIC).label("geom_m")
    ).cte("place")
    cell = _covering(Cell, place, None)
    village = _covering(Village, place, cell.c.code)
    township = _covering(Township, place, village.c.code)
    county = _covering(County, place, township.c.code)
    found = json_object(
        code=cell.c.code,
        name=cell.c.name,
        village_name=village.c.name,
        distance_m=literal_column("0"),
        officers=officers(cell.c.code),
    )
    answer = json_object(
        place=json_object(
            township=township.c.code,
            township_name=township.c.name,
            village=village.c.code,
            village_name=village.c.name,
        ),
        cell=case((cell.c.code.is_not(None), found)),
        touches=_touches(place, cell.c.code),
        within_county=county.c.code.is_not(None),
    )
    joined: FromClause = place
    for area in (cell, village, township, county):
        joined = joined.outerjoin(area, true())
    return select(cast(answer, Text)).select_from(joined)


def _covering(
    area: Divided, place: CTE, below: ColumnElement[str] | None
) -> LateralFromClause:
    """Return the area a place lies in: the one that holds what was found below."""
    covering = (
        select(area.code, area.name)
        .where(area.valid_to.is_(None), func.ST_Intersects(area.geom, place.c.geom))
        .limit(1)
    )
    if area is Cell:
        covering = covering.where(Cell.kind != "unit")
    if below is not None:
        holds_it = func.coalesce(func.starts_with(below, area.code), false())
        covering = covering.order_by(holds_it.desc())
    return covering.order_by(area.code).lateral(area.__name__.lower())


def _touches(place: CTE, own: ColumnElement[str]) -> ColumnElement[Any]:
    """Return the cells within the accuracy of a place as a JSON list."""
    accuracy_m = bindparam("accuracy_m", type_=Double)
    around = func.ST_Transform(func.ST_Expand(place.c.geom_m, accuracy_m), crs.STORED)
    cell_m = func.ST_Transform(Cell.geom, crs.METRIC)
    near = (
        select(
            Cell.code,
            Cell.name,
            Cell.village_code,
            func.ST_Distance(cell_m, place.c.geom_m).label("distance_m"),
        )
        .where(
            Cell.valid_to.is_(None),
            Cell.kind != "unit",
            Cell.geom.op("&&")(around),
            func.ST_DWithin(cell_m, place.c.geom_m, accuracy_m),
            Cell.code.is_distinct_from(own),
        )
        .order_by("distance_m", Cell.code)
        .limit(MOST_TOUCHED)
        .correlate(place, own.table)
        .lateral("near")
    )
    touched = json_object(
        code=near.c.code,
        name=near.c.name,
        village_name=_village_name(near.c.village_code),
        distance_m=func.round(cast(near.c.distance_m, Numeric), 1),
        officers=officers(near.c.code),
    )
    in_order = aggregate_order_by(touched, near.c.distance_m, near.c.code)
    listed = func.coalesce(func.json_agg(in_order), NOTHING)
    return select(listed).select_from(near).scalar_subquery()


def _village_name(code: ColumnElement[str]) -> ColumnElement[str]:
    return (
        select(Village.name)
        .where(Village.code == code, Village.valid_to.is_(None))
        .scalar_subquery()
    )


LOCATION = prepare(_location())
"""Compiled once; each connection prepares it on first use."""
