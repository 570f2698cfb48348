"""Write a frame into a table in bulk, as a stream of COPY rows.

A column becomes text as a whole, never cell by cell in a row loop: that is what makes
this several times faster than inserts. The text form of COPY is used because PostGIS
reads hexadecimal EWKB in it as it is.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from gis_service import crs

ROWS_PER_PIECE = 20_000
"""Rows held as text at one time, so that memory stays flat for any frame."""

NULL = r"\N"
SPECIAL = re.compile(r"[\\\t\n\r]")
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
NEEDS_QUOTES = re.compile(r'[\s{},"\\]|^$|^null$', re.IGNORECASE)


def copy_frame(connection: psycopg.Connection, table: str, frame: pd.DataFrame) -> int:
    """Append the rows of a frame to a table and return how many.

    Parameters
    ----------
    connection
        Connection of psycopg; the caller commits.
    table
        Name with its schema, ``people.residents``.
    frame
        Columns named as in the table. Geometries are written with the frame's own
        CRS, or EPSG:4490 where the frame has none; missing values become NULL;
        lists become arrays, dictionaries JSON, bytes ``bytea``. Times without a
        zone are taken for UTC.
    """
    schema, name = table.split(".")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(schema, name),
        sql.SQL(", ").join(map(sql.Identifier, map(str, frame.columns))),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(frame), ROWS_PER_PIECE):
            piece = frame.iloc[start : start + ROWS_PER_PIECE]
            copy.write("".join(_lines(piece)))
    return len(frame)


def _lines(piece: pd.DataFrame) -> Iterable[str]:
    columns = [_column(piece.iloc[:, at]) for at in range(piece.shape[1])]
    return ("\t".join(row) + "\n" for row in zip(*columns, strict=True))


def _column(values: pd.Series) -> list[str]:
    """Return a column as COPY text, one entry per row."""
    texts = _texts(values)
    missing = values.isna().to_numpy()
    if missing.any():
        texts = [
            NULL if is_missing else text
            for text, is_missing in zip(texts, missing, strict=True)
        ]
    return texts


def _texts(values: pd.Series) -> list[str]:
    if values.dtype.name == "geometry":
        return _geometries(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _by_category(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _times(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return ["t" if is_true is True else "f" for is_true in values.tolist()]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return list(map(str, values.tolist()))
    return _objects(values.tolist())


def _geometries(values: pd.Series) -> list[str]:
    shapes = np.asarray(values.array)
    code = getattr(values, "crs", None)
    number = (code.to_epsg() if code is not None else None) or crs.STORED
    marked = shapely.set_srid(shapes, number)
    texts = shapely.to_wkb(marked, hex=True, include_srid=True)
    return [text if text is not None else NULL for text in texts]


def _by_category(values: pd.Series) -> list[str]:
    words = _texts(pd.Series(values.cat.categories))
    # A missing entry has the code -1 and takes the last word, which is NULL.
    return [(*words, NULL)[code] for code in values.cat.codes.tolist()]


def _times(values: pd.Series) -> list[str]:
    moments = values
    if getattr(values.dtype, "tz", None) is not None:
        moments = values.dt.tz_convert("UTC").dt.tz_localize(None)
    texts = np.datetime_as_string(moments.to_numpy().astype("datetime64[us]"))
    return [f"{text}+00" for text in texts.tolist()]


def _objects(values: Sequence[Any]) -> list[str]:
    """Write Python objects; a column may hold several kinds and gaps."""
    if all(type(value) is str for value in values):
        return _escaped(values)
    return [_one(value) for value in values]


def _escaped(texts: Sequence[str]) -> list[str]:
    # One search over all is far cheaper than a translation of each.
    if SPECIAL.search("\f".join(texts)) is None:
        return list(texts)
    return [text.translate(ESCAPES) for text in texts]


def _one(value: Any) -> str:  # noqa: ANN401 - whatever a frame may hold
    write = WRITERS.get(type(value))
    if write is not None:
        return write(value)
    return NULL if _is_missing(value) else str(value).translate(ESCAPES)


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a frame may hold
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124 - NaN


def _array(values: Iterable[Any]) -> str:
    return ("{" + ",".join(map(_element, values)) + "}").translate(ESCAPES)


def _element(value: Any) -> str:  # noqa: ANN401 - whatever an array may hold
    if value is None:
        return "NULL"
    text = str(value)
    if NEEDS_QUOTES.search(text) is None:
        return text
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


WRITERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value.translate(ESCAPES),
    bytes: lambda value: r"\\x" + value.hex(),
    bool: lambda value: "t" if value else "f",
    list: _array,
    tuple: _array,
    np.ndarray: _array,
    dict: lambda value: json.dumps(value, ensure_ascii=False).translate(ESCAPES),
}
