"""Frames: the features of a layer as a GeoDataFrame, for notebooks, pages and exports.

The same SELECT and the same scope as tiles and items, read by psycopg; in the reader's
role where rows are protected. Fields marked private are never in a frame.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pandas.api.types import pandas_dtype
from pyproj import CRS
from pyproj.exceptions import CRSError
from sqlalchemy import ColumnElement, Connection, Select, func, select, text

from gis_service import crs, occasion
from gis_service.access.scope import Scope
from gis_service.database import role_settings
from gis_service.errors import MalformedRequestError
from gis_service.publish import filters
from gis_service.publish.catalog import Layer, LayerField
from gis_service.publish.choosing import Choice
from gis_service.publish.extents import read_box
from gis_service.publish.questions import Box, Question
from gis_service.publish.rows import Rows

CHUNK_ROWS = 20_000
"""Rows of an export held at a time."""

NO_LIMIT = 2**62

LOCAL_TIME = ZoneInfo("Asia/Shanghai")

_EPSG = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a layer is wanted, and in which coordinates.

    Parameters
    ----------
    where
        Filter in CQL2 text.
    bbox
        West, south, east, north in degrees.
    srid
        EPSG code of the coordinates, longitude or easting first.
    limit
        How many features at most; None for all.
    zoom
        Take the shapes as they are drawn at this zoom, simplified for it, and of a
        pyramid its squares of this level.
    """

    where: str | None = None
    bbox: Sequence[float] | None = None
    srid: int = crs.STORED
    limit: int | None = None
    zoom: int | None = None


EVERYTHING = Asked()


def frame(
    connection: Connection, layer: Layer, scope: Scope, asked: Asked = EVERYTHING
) -> GeoDataFrame:
    """Return the features of a layer that a scope holds.

    Parameters
    ----------
    connection
        To the database, as its owner or as the login.
    layer, scope
        What, and whose rows of it.
    asked
        Filter, box, CRS and limit.

    Raises
    ------
    MalformedRequestError
        When the filter or the box cannot be understood.
    """
    found = list(chunks(connection, layer, scope, asked))
    if len(found) == 1:
        return found[0]
    return geopandas.GeoDataFrame(pd.concat(found, ignore_index=True))


def chunks(
    connection: Connection, layer: Layer, scope: Scope, asked: Asked = EVERYTHING
) -> Iterator[GeoDataFrame]:
    """Give the same features some thousands at a time; an empty frame if none."""
    statement = _statement(layer, scope, asked)
    with _in_role(connection, layer, scope):
        streaming = {"stream_results": True, "max_row_buffer": CHUNK_ROWS}
        with connection.execute(statement, execution_options=streaming) as result:
            parts = result.partitions(CHUNK_ROWS)
            for rows in chain([next(parts, [])], parts):
                if layer.protected:
                    occasion.count_rows(len(rows))
                yield _frame(layer, rows, asked.srid)


def has_more_than(
    most: int, connection: Connection, layer: Layer, scope: Scope, asked: Asked
) -> bool:
    """Tell whether more features than ``most`` are asked for, without reading them."""
    some = _statement(layer, scope, replace(asked, limit=most + 1)).subquery()
    with _in_role(connection, layer, scope):
        counted = connection.execute(select(func.count()).select_from(some))
        return bool(counted.scalar_one() > most)


def number_of(connection: Connection, layer: Layer, scope: Scope, asked: Asked) -> int:
    """Return how many features are asked for, without reading them."""
    wanted = _statement(layer, scope, asked).order_by(None).subquery()
    with _in_role(connection, layer, scope):
        counted = connection.execute(select(func.count()).select_from(wanted))
        return int(counted.scalar_one())


def read_srid(name: str) -> int:
    """Return the EPSG code that a name such as ``EPSG:4546`` gives.

    Raises
    ------
    MalformedRequestError
        When it names no CRS.
    """
    found = _EPSG.fullmatch(name.strip())
    try:
        if found:
            CRS.from_epsg(int(found[1]))
            return int(found[1])
    except CRSError:
        pass
    detail = f"不认识坐标系 {name}，请写作 EPSG:4490 (no such CRS, write EPSG:4490)"
    raise MalformedRequestError(detail, crs=name)


def _statement(layer: Layer, scope: Scope, asked: Asked) -> Select[Any]:
    kinds = {name: field.type for name, field in layer.drawn_fields.items()}
    condition = filters.parse(asked.where, kinds) if asked.where else None
    sides = None if asked.bbox is None else ",".join(map(str, asked.bbox))
    box, within = read_box({} if sides is None else {"bbox": sides})
    question = Question(
        box=box,
        within=within,
        condition=condition,
        properties=tuple(kinds),
        limit=NO_LIMIT if asked.limit is None else asked.limit,
    )
    if layer.pyramid and asked.zoom is not None:
        return _squares(layer, question, asked.zoom)
    choice = Choice(layer, scope, question)
    rows = choice.rows
    shape = rows["geom"]
    column = "geom" if asked.zoom is None else layer.shape_at(asked.zoom)
    if column not in {"geom", "geom_web"}:
        shape = func.ST_Transform(rows[column], crs.STORED)
    columns = (rows["id"], *map(rows.field, kinds), func.ST_AsBinary(shape))
    return choice.where(select(*columns)).order_by(*choice.order).limit(choice.limit)


def _squares(layer: Layer, question: Question, level: int) -> Select[Any]:
    """Select the squares of one level of a pyramid, which hold no row of anybody."""
    rows = Rows(layer)
    columns = (*map(rows.field, layer.drawn_fields), func.ST_AsBinary(rows["geom"]))
    chosen = select(rows["id"], *columns).where(rows["zoom"] == level)
    if question.box is not None:
        chosen = chosen.where(func.ST_Intersects(rows["geom"], envelope(question.box)))
    return chosen.order_by(rows["id"]).limit(question.limit)


def envelope(box: Box) -> ColumnElement[Any]:
    """Return a box as a polygon in stored coordinates."""
    return func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, crs.STORED)


@contextmanager
def _in_role(connection: Connection, layer: Layer, scope: Scope) -> Iterator[None]:
    """Read protected rows in the role of the scope, and be oneself again after."""
    if not layer.protected:
        yield
        return
    savepoint = connection.begin_nested()
    try:
        for statement in role_settings(scope):
            connection.execute(text(statement))
        yield
    finally:
        # Only going back undoes SET LOCAL before the end of the transaction.
        savepoint.rollback()


def _frame(layer: Layer, rows: Sequence[Any], srid: int) -> GeoDataFrame:
    names = list(layer.drawn_fields)
    values = list(zip(*rows, strict=True)) or [()] * (len(names) + 2)
    columns: dict[str, Any] = {"id": np.array(values[0], dtype=np.int64)}
    for name, column in zip(names, values[1:-1], strict=True):
        columns[name] = _column(layer.fields[name], column)
    shapes = shapely.from_wkb(np.array(values[-1], dtype=object))
    stored = geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs.STORED)
    return stored if srid == crs.STORED else stored.to_crs(srid)


def _column(field: LayerField, values: Sequence[Any]) -> "pd.Series[Any]":
    """Return a column in the type that holds it, empty values told from zeros."""
    held = pd.Series(values, dtype=object)
    if field.type == "time":
        return pd.to_datetime(held, utc=True).dt.tz_convert(LOCAL_TIME)
    if field.type == "date":
        return pd.to_datetime(held)
    whole, with_gaps = DTYPES[field.type]
    dtype = pandas_dtype(with_gaps if None in values else whole)
    return pd.Series(held.array, dtype=dtype)


DTYPES: dict[str, tuple[str, str]] = {
    "integer": ("int64", "Int64"),
    "boolean": ("bool", "boolean"),
    "number": ("float64", "float64"),
    "text": ("str", "str"),
    "list": ("object", "object"),
}
"""Type of a column by the type of its field: without and with empty values."""
