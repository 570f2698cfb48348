"""GeoParquet, streamed page by page.

Runs in the child process only.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import Found

ROWS = 4096
BUFFER_BYTES = 1 << 20
FAULTS = (pa.ArrowException, OSError, ValueError, KeyError, TypeError)

Answer = tuple[Found, Iterator[pa.RecordBatch]]


def read(file: Path) -> Answer:
    """Open a GeoParquet file and return what it is and its rows.

    Raises
    ------
    FileRefusedError
        When it cannot be read, or its geometry is not WKB.
    """
    try:
        opened = pq.ParquetFile(file, buffer_size=BUFFER_BYTES, pre_buffer=False)
        schema = opened.schema_arrow
        shape, crs = _geometry(schema)
    except FAULTS as error:
        raise _broken(error) from error
    columns = tuple(name for name in schema.names if name not in {shape, "bbox"})
    numeric = tuple(
        name for name in columns if pa.types.is_floating(schema.field(name).type)
    )
    found = Found(
        "GeoParquet",
        columns,
        "utf-8",
        crs,
        numeric=numeric,
        has_shape=shape is not None,
    )
    return found, _rows(opened, found, shape)


def _geometry(schema: pa.Schema) -> tuple[str | None, str | None]:
    """Return the geometry column and its CRS, by the file's own metadata."""
    told = (schema.metadata or {}).get(b"geo")
    if told is None:
        return None, None
    geo: dict[str, Any] = json.loads(told)
    name = geo["primary_column"]
    column = geo["columns"][name]
    if column.get("encoding") != "WKB":
        message = "GeoParquet 的几何须为 WKB 编码 (geometry must be WKB)"
        raise FileRefusedError(message, reason="format")
    if "crs" not in column:  # The standard: longitude and latitude of WGS 84.
        return name, "EPSG:4326"
    return name, json.dumps(column["crs"]) if column["crs"] else None


def _rows(
    opened: pq.ParquetFile, found: Found, shape: str | None
) -> Iterator[pa.RecordBatch]:
    names = [*found.columns, *([shape] if shape else [])]
    row_no = 2
    try:
        for batch in opened.iter_batches(ROWS, columns=names, use_threads=False):
            count = batch.num_rows
            arrays = [
                pa.array(range(row_no, row_no + count), pa.int32()),
                pa.nulls(count, pa.string()),
                *(_text(batch.column(name)) for name in found.columns),
            ]
            if shape:
                arrays.append(_checked(batch.column(shape)))
            yield pa.RecordBatch.from_arrays(
                arrays, [str(n) for n in range(len(arrays))]
            )
            row_no += count
    except FAULTS as error:
        raise _broken(error) from error


def _checked(wkb: pa.Array) -> pa.Array:
    """Read and write the geometry again: what the parent gets is well-formed."""
    values = getattr(wkb, "storage", wkb).cast(pa.binary()).to_pylist()
    shapes = shapely.from_wkb(values, on_invalid="ignore")
    return pa.array(list(shapely.to_wkb(shapes)), pa.binary())


def _text(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        texts = [None if one is None else str(one)[:1000] for one in values.to_pylist()]
        return pa.array(texts, pa.string())
    return pc.cast(values, pa.string())


def _broken(error: Exception) -> FileRefusedError:
    told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    message = f"GeoParquet 文件无法读取: {told} (cannot be read)"
    return FileRefusedError(message, reason="broken")
