"""What of a layer is near a place, nearest first."""

from typing import TYPE_CHECKING, Any

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
from gis_service.grid.location import is_on_ground
from gis_service.publish.catalog import Layer
from gis_service.publish.choosing import FINEST_SQUARES
from gis_service.publish.features import collection
from gis_service.publish.reading import Reading
from gis_service.publish.rows import Rows
from gis_service.publish.statements import DEGREE_DIGITS
from gis_service.queries.asked import NearQuestion

if TYPE_CHECKING:
    from collections.abc import Mapping

_AFTER_TYPE = 20
"""Position in ST_AsGeoJSON's feature behind its opening ``{"type": "Feature", ``."""


NOWHERE = {"features": None, "returned": 0}
"""What is near a place so far away that it has no metres."""


class Nearness:
    """Asks layers what is near.

    Parameters
    ----------
    layers
        What reads layers under a reader's scope.
    """

    def __init__(self, layers: Reading) -> None:
        self._layers = layers

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
        row: Mapping[str, Any] = NOWHERE
        if is_on_ground(asked.lon, asked.lat):
            row = await self._layers.row(
                layer,
                scope,
                "near",
                lambda: near(layer, scope),
                asked.model_dump(exclude={"layer"}),
            )
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
