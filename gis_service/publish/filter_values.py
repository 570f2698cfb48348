"""Literals of a filter: numbers, texts, times and geometries, each checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from math import isfinite
from typing import Any, NoReturn

import shapely
from shapely.errors import GEOSException

from gis_service import crs
from gis_service.errors import MalformedRequestError
from gis_service.publish.references import Reference

MOST_VERTICES = 5_000
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d(?:$|[Tt ]\d\d:)", re.ASCII)
COUNTY_TIME = timezone(timedelta(hours=8))
"""A date without a time means that day in China, which has one time zone."""


class FilterError(MalformedRequestError):
    """A filter cannot be understood."""

    code = "malformed_filter"
    title = "筛选条件错误 (malformed filter)"


def refuse(sentence: str) -> NoReturn:
    """Refuse a filter with one sentence that says what is wrong with it."""
    # JSON can name a field by half a character; an answer cannot carry it.
    raise FilterError(sentence.encode(errors="replace").decode())


@dataclass(frozen=True, slots=True)
class Geometry:
    """A geometry literal.

    Parameters
    ----------
    wkb
        In stored coordinates.
    bounds
        Its box in stored coordinates: west, south, east, north.
    """

    wkb: bytes
    bounds: tuple[float, float, float, float]


def value_of(node: object, kind: str) -> object:
    """Return a literal as a value of a field's type.

    Raises
    ------
    FilterError
        When it is no value of that type.
    """
    try:
        return _VALUES[kind](node)
    except (ValueError, TypeError, KeyError, OverflowError):
        refuse(f"值与字段类型 {kind} 不符 (not a value of {kind})")


def literal_of(text: str, kind: str) -> object:
    """Return what a plain query parameter means, as a filter would write it.

    Raises
    ------
    FilterError
        When it is no value of the type.
    """
    if kind in {"integer", "number"}:
        try:
            return float(text)
        except ValueError:
            refuse(f"值与字段类型 {kind} 不符 (not a value of {kind})")
    if kind == "boolean" and text in {"true", "false", "1", "0"}:
        return text in {"true", "1"}
    return text


def _text(node: object) -> str:
    if not isinstance(node, str) or "\x00" in node:
        raise TypeError
    # A lone surrogate, as JSON can write it, is no text for the database.
    node.encode()
    return node


def _number(node: object) -> float:
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise TypeError
    if not isfinite(node):
        raise ValueError
    return float(node)


def _integer(node: object) -> float:
    # Compared as a number, so that 2.5 people are a question with an answer.
    return _number(node)


def _boolean(node: object) -> bool:
    # GDAL writes yes and no as 1 and 0.
    if not isinstance(node, bool | int | float) or node not in {0, 1}:
        raise TypeError
    return bool(node)


def _date(node: object) -> date:
    text = node["date"] if isinstance(node, Mapping) else node
    if not isinstance(text, str):
        raise TypeError
    return date.fromisoformat(text)


def _time(node: object) -> datetime:
    if isinstance(node, Mapping) and set(node) == {"date"}:
        return datetime.combine(_date(node), time(), COUNTY_TIME)
    text = node["timestamp"] if isinstance(node, Mapping) else node
    if not isinstance(text, str):
        raise TypeError
    return moment(text)


def moment(text: str) -> datetime:
    """Return the time that RFC 3339 writes, or midnight of a bare date.

    Raises
    ------
    ValueError
        When it is neither.
    """
    if not _RFC_3339.match(text):
        raise ValueError(text)
    read = datetime.fromisoformat(text)
    placed = read if read.tzinfo else read.replace(tzinfo=COUNTY_TIME)
    try:
        return placed.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


_VALUES = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
}


def geometry_of(node: object, reference: Reference) -> Geometry:
    """Return a geometry literal: GeoJSON or a bbox, in the CRS given.

    Raises
    ------
    FilterError
        When it is no valid geometry on the ground the CRS covers.
    """
    try:
        shape = _shape(node)
    except (ValueError, TypeError, KeyError, OverflowError, GEOSException):
        refuse("几何写法有误 (not a geometry)")
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        refuse(f"几何超过 {MOST_VERTICES} 个点 (too many vertices)")
    if reference.is_north_first:
        shape = shapely.transform(shape, lambda places: places[:, ::-1])
    return stored_geometry(shape, reference.srid)


def stored_geometry(shape: Any, srid: int) -> Geometry:  # noqa: ANN401 - shapely
    """Return a shapely geometry in the CRS ``srid`` as a literal.

    Raises
    ------
    FilterError
        When it is empty, not valid, or reaches beyond the globe.
    """
    if srid not in {crs.STORED, crs.GPS}:
        transform = crs.transformer(srid, crs.STORED).transform
        shape = shapely.transform(shape, transform, interleaved=False)
    shape = shapely.force_2d(shape)
    if shape.is_empty or not shape.is_valid:
        refuse("几何为空或无效 (empty or invalid geometry)")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        refuse("坐标超出经纬度范围 (coordinates are not on the globe)")
    return Geometry(shapely.to_wkb(shape), (west, south, east, north))


def _shape(node: object) -> Any:  # noqa: ANN401 - shapely
    if not isinstance(node, Mapping):
        raise TypeError
    if set(node) == {"bbox"}:
        sides = [_number(side) for side in node["bbox"]]
        if len(sides) == 6:  # noqa: PLR2004 - a box with heights
            sides = [*sides[:2], *sides[3:5]]
        west, south, east, north = sides
        return shapely.box(west, south, east, north)
    # Through text, as shapely's own reader of mappings is lenient about rings.
    return shapely.from_geojson(json.dumps(node))
