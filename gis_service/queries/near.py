"""What of a layer is near a place, nearest first."""

from typing import Any

import asyncpg
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    Numeric,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.prepared import Shapes
from gis_service.publish.catalog import Layer
from gis_service.publish.choosing import FINEST_SQUARES
from gis_service.publish.features import collection
from gis_service.publish.rows import Rows
from gis_service.publish.statements import DEGREE_DIGITS
from gis_service.queries.asked import NearQuestion

_AFTER_TYPE = 20
"""Position in ST_AsGeoJSON's feature behind its opening ``{"type": "Feature", ``."""


class Nearness:
    """Asks layers what is near; each shape of statement is compiled once.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._shapes = Shapes()

    async def features(self, layer: Layer, scope: Scope, asked: NearQuestion) -> bytes:
        """Return features as GeoJSON, each with ``distance_m``.

        Parameters
        ----------
        layer
            The layer as its reader sees it.
        scope
            What the reader may see.
        asked
            Place, radius and how many at most.
        """
        branches = scope.branches if layer.scope == "cell" else ()
        restricted = (layer.is_suppressed, layer.only_department is None)
        shape = (layer.id, restricted, len(branches))
        statement = self._shapes.get(shape, lambda: near(layer, scope))
        arguments = statement.arguments(
            lon=asked.lon,
            lat=asked.lat,
            radius_m=asked.radius_m,
            limit=asked.limit,
            department=layer.only_department,
            **{f"branch_{number}": code for number, code in enumerate(branches)},
        )
        async with reading(self._pool, scope if layer.protected else None) as reader:
            row = await reader.fetchrow(statement.sql, *arguments)
        return collection(row, [], matched=None)


def near(layer: Layer, scope: Scope) -> Select[Any]:
    """Select what lies near a place, in the columns ``features`` and ``returned``.

    Parameters are ``lon``, ``lat``, ``radius_m`` and ``limit``.
    """
    rows = Rows(layer)
    center = _center()
    shape_m = func.ST_Transform(rows["geom"], crs.METRIC)
    distance_m = func.ST_Distance(shape_m, center.c.geom_m)
    conditions = [
        *rows.touching(rows["geom_web"], center.c.around),
        func.ST_DWithin(shape_m, center.c.geom_m, center.c.radius_m),
        rows.in_scope(scope),
    ]
    if layer.pyramid:
        conditions.append(rows["zoom"] == FINEST_SQUARES)
    shown = func.ST_SetSRID(rows["geom"], crs.GPS).label("geom")
    found = (
        select(
            rows["id"],
            *map(rows.field, layer.fields),
            cast(distance_m, Numeric(12, 1)).label("distance_m"),
            shown,
            distance_m.label("exact_m"),
        )
        .select_from(center.join(rows.table, true()))
        .where(*conditions)
        .order_by(distance_m, rows["id"])
        .limit(bindparam("limit", type_=BigInteger))
        .subquery("found")
    )
    own = [found.c[name] for name in layer.fields if name != "distance_m"]
    whole = select(*own, found.c.distance_m, found.c.geom).correlate(found)
    feature = whole.lateral("feature")
    written = func.ST_AsGeoJSON(feature.table_valued(), "geom", DEGREE_DIGITS)
    # PostGIS 3.3 writes no id: it is put in behind the type.
    head = func.concat('{"type":"Feature","id":', found.c.id, ",")
    body = head.concat(func.substr(written, _AFTER_TYPE))
    comma: ColumnElement[str] = literal_column("','")
    in_order = aggregate_order_by(comma, found.c.exact_m, found.c.id)
    return select(
        func.convert_to(func.string_agg(body, in_order), "UTF8").label("features"),
        func.count().label("returned"),
    ).select_from(found.join(feature, true()))


def _center() -> CTE:
    """Return the place in metres and a box in Web Mercator that holds its circle."""
    lon, lat, radius_m = (
        bindparam(name, type_=Double) for name in ("lon", "lat", "radius_m")
    )
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), crs.STORED)
    point_m = func.ST_Transform(point, crs.METRIC)
    around = func.ST_Transform(func.ST_Expand(point_m, radius_m), crs.WEB)
    return (
        select(
            point_m.label("geom_m"),
            func.ST_Envelope(around).label("around"),
            radius_m.label("radius_m"),
        )
        .cte("center")
        .prefix_with("MATERIALIZED")
    )
