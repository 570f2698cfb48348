"""Where and when: the box and the interval of a request."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NoReturn

import shapely
from shapely.errors import GEOSException

from gis_service import crs
from gis_service.errors import MalformedRequestError
from gis_service.publish.filter_values import FilterError, moment, stored_geometry
from gis_service.publish.questions import Box, Interval
from gis_service.publish.references import Reference, reference

FARTHEST_M = 1e8
"""More than twice around the earth: no box in metres reaches so far."""

_OPEN = {"", ".."}


def refuse(name: str, reason: str) -> NoReturn:
    """Refuse a parameter by its name, with a reason."""
    message = f"参数 {name}：{reason}"
    raise MalformedRequestError(message, parameter=name)


def read_box(given: Mapping[str, str]) -> tuple[Box | None, bytes | None]:
    """Return the box of a request, and its exact area where the box is only around it.

    Raises
    ------
    MalformedRequestError
        When it is no box of its CRS.
    """
    text = given.get("bbox")
    if text is None:
        return None, None
    asked = reference(given.get("bbox-crs"))
    west, south, east, north = _sides(text, asked)
    if asked.srid in {crs.STORED, crs.GPS} and west <= east:
        _check_globe(west, south, east, north)
        return Box(west, south, east, north), None
    if asked.srid in {crs.STORED, crs.GPS}:
        _check_globe(east, south, west, north)
        # West of east is the way over the antimeridian.
        parts = [(west, south, 180, north), (-180, south, east, north)]
        both = shapely.multipolygons([shapely.box(*part) for part in parts])
        return Box(-180, south, 180, north), shapely.to_wkb(both)
    if west > east:
        refuse("bbox", "西边应小于东边 (west is east of east)")
    if max(map(abs, (west, south, east, north))) > FARTHEST_M:
        refuse("bbox", "超出该坐标系的范围 (beyond the ground of its CRS)")
    # Straight sides in metres are curves in degrees: with corners enough they fit.
    step_m = max(east - west, north - south, 1) / 16
    try:
        drawn = shapely.segmentize(_drawn(west, south, east, north), step_m)
        area = stored_geometry(drawn, asked.srid)
    except (FilterError, GEOSException):
        refuse("bbox", "不是该坐标系中的范围 (not a box of its CRS)")
    return Box(*area.bounds), area.wkb


def _drawn(west: float, south: float, east: float, north: float) -> Any:  # noqa: ANN401 - shapely
    """Return a box, or the line or the point that a box without width is."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    if (west, south) == (east, north):
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def _sides(text: str, asked: Reference) -> tuple[float, float, float, float]:
    # Python alone would read digits of any script, and digits with underscores.
    if not text.isascii() or "_" in text:
        refuse("bbox", "应为 4 个数 (four numbers)")
    try:
        sides = [float(side) for side in text.split(",")]
    except ValueError:
        refuse("bbox", "应为 4 个数 (four numbers)")
    if not all(map(isfinite, sides)):
        refuse("bbox", "应为 4 个有限的数 (four finite numbers)")
    if len(sides) == 6:  # noqa: PLR2004 - a box with heights, which nothing here has
        sides = [*sides[:2], *sides[3:5]]
    if len(sides) != 4:  # noqa: PLR2004
        refuse("bbox", "应为 4 个数 (four numbers)")
    first, second, third, fourth = sides
    if asked.is_north_first:
        first, second, third, fourth = second, first, fourth, third
    if second > fourth:
        refuse("bbox", "南边应小于北边 (south is north of north)")
    return first, second, third, fourth


def _check_globe(west: float, south: float, east: float, north: float) -> None:
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        refuse("bbox", "超出经纬度范围 (not on the globe)")


def read_interval(text: str | None) -> Interval | None:
    """Return the time or interval of a request, None when it asks for none.

    Raises
    ------
    MalformedRequestError
        When it is neither.
    """
    if text is None:
        return None
    parts = text.split("/")
    try:
        if len(parts) == 1:
            return Interval(moment(text), _end_of(text))
        start, end = parts
        interval = Interval(
            None if start in _OPEN else moment(start),
            None if end in _OPEN else _end_of(end),
        )
    except (ValueError, OverflowError):
        refuse("datetime", "应为 RFC 3339 时间或区间 (time or interval)")
    if interval.start and interval.end and interval.start > interval.end:
        refuse("datetime", "开始晚于结束 (it ends before it starts)")
    return interval


def _end_of(text: str) -> datetime:
    # A bare date as an end means the whole of that day.
    is_day = len(text) == len("2026-01-01")
    return moment(text) + (
        timedelta(days=1, microseconds=-1) if is_day else timedelta()
    )
