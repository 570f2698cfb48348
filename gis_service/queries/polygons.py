"""Polygons that readers draw: checked before any statement sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import shapely
from pyproj import Geod

from gis_service.errors import TooLargeError, UnprocessableError

MOST_VERTICES = 5_000
LARGEST_KM2 = 5_000
WIDEST = 20
"""Degrees from side to side; a county is about one wide."""
LEAST_CORNERS = 4
POSITION_NUMBERS = (2, 3)
FARTHEST_LON, FARTHEST_LAT = 180.0, 85.0
"""Web Mercator ends a little beyond 85 degrees."""

_EARTH = Geod(ellps="GRS80")


class BadPolygonError(UnprocessableError):
    """What was sent as a polygon is none."""

    code = "bad_polygon"
    title = "多边形有误 (not a valid polygon)"


class PolygonTooLargeError(TooLargeError):
    """The polygon has too many vertices or covers too much ground."""

    code = "polygon_too_large"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A polygon in stored coordinates.

    Parameters
    ----------
    wkb
        The polygon or multipolygon.
    bounds
        West, south, east, north in degrees.
    """

    wkb: bytes
    bounds: tuple[float, float, float, float]


def read_polygon(geometry: dict[str, Any]) -> Drawn:
    """Read a GeoJSON Polygon or MultiPolygon in longitude and latitude.

    Raises
    ------
    BadPolygonError
        When it is of another type, not closed, not a number somewhere, out of the
        range of degrees, or crosses itself.
    PolygonTooLargeError
        Beyond 5,000 vertices or 5,000 km².
    """
    shape = _shape(geometry.get("type"), geometry.get("coordinates"))
    if not shapely.is_valid(shape):
        reason = shapely.is_valid_reason(shape)
        message = "多边形自相交或环有误，请重画 (the polygon crosses itself)"
        raise BadPolygonError(message, reason=reason)
    west, south, east, north = shape.bounds
    # Around half the earth the area would be that of what is left of it.
    is_wide = max(east - west, north - south) > WIDEST
    area_m2, _ = _EARTH.geometry_area_perimeter(shapely.orient_polygons(shape))
    if is_wide or abs(area_m2) > LARGEST_KM2 * 1e6:
        message = f"多边形超过 {LARGEST_KM2} 平方公里 (the polygon is too large)"
        raise PolygonTooLargeError(message, limit_km2=LARGEST_KM2)
    return Drawn(shapely.to_wkb(shape), shape.bounds)


def _shape(kind: object, coordinates: object) -> Any:  # noqa: ANN401 - shapely's
    if kind == "Polygon":
        polygons = [coordinates]
    elif kind == "MultiPolygon":
        polygons = _list(coordinates)
    else:
        message = "只接受 Polygon 或 MultiPolygon (a polygon is needed)"
        raise BadPolygonError(message)
    left = MOST_VERTICES
    parts = []
    for polygon in polygons:
        rings = []
        for ring in _list(polygon):
            left -= len(_list(ring))
            if left < 0:
                message = f"多边形超过 {MOST_VERTICES} 个顶点 (too many vertices)"
                raise PolygonTooLargeError(message, limit_vertices=MOST_VERTICES)
            rings.append(list(_positions(ring)))
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if kind == "Polygon" else shapely.MultiPolygon(parts)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        message = "坐标应为非空数组 (coordinates are lists that are not empty)"
        raise BadPolygonError(message)
    return value


def _positions(ring: list[Any]) -> Iterator[tuple[float, float]]:
    if len(ring) < LEAST_CORNERS or ring[0] != ring[-1]:
        message = "每个环至少四点且首尾相同 (a ring ends where it begins)"
        raise BadPolygonError(message)
    for position in ring:
        if not isinstance(position, list) or len(position) not in POSITION_NUMBERS:
            message = "每个坐标应为经度、纬度 (a position is longitude, latitude)"
            raise BadPolygonError(message)
        lon, lat = position[:2]
        if isinstance(position[-1], bool) or not isinstance(position[-1], int | float):
            message = "坐标应为数 (coordinates are numbers)"
            raise BadPolygonError(message)
        if not (_is_within(lon, FARTHEST_LON) and _is_within(lat, FARTHEST_LAT)):
            message = "坐标不是有效的经度、纬度 (not a longitude and latitude)"
            raise BadPolygonError(message)
        yield float(lon), float(lat)


def _is_within(value: object, farthest: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # An int may be too long for a float: compare before anything else.
    return -farthest <= value <= farthest and isfinite(value)
