"""Shapefile, GeoPackage and GeoJSON, by the drivers of the allow-list.

Runs in the child process only.
"""

import codecs
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError
from pyogrio.raw import open_arrow

from gis_service.intake import encodings
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import ALLOWED, Found, Request

DRIVER_FAULTS = (DataSourceError, DataLayerError, CRSError, OSError, RuntimeError)
ROWS = 4096
TRIED_RECORDS = 50_000
BYTE_BY_BYTE = "ISO-8859-1"
"""Every byte is a character of it, so that nothing is lost before we decode."""

Answer = tuple[Found, Iterator[pa.RecordBatch]]


def read(file: Path, name: str, request: Request) -> Answer:
    """Open a file and return what it is and its rows.

    Raises
    ------
    FileRefusedError
        When the driver cannot read it, or a layer must be chosen.
    """
    if others := set(pyogrio.list_drivers()) - ALLOWED:
        message = f"驱动未关闭: {sorted(others)[:3]} (drivers are still on)"
        raise FileRefusedError(message, reason="format")
    if name == "Shapefile":
        _refuse_lone(file)
    encoding = _encoding(file, name, request.encoding)
    try:
        layer = _layer(file, request.layer)
        given = _driver_encoding(file, encoding) if name == "Shapefile" else None
        info = pyogrio.read_info(file, layer=layer, encoding=given)
    except DRIVER_FAULTS as error:
        raise _broken(name, error) from error
    columns = tuple(_whole(str(one), given) for one in info["fields"])
    numeric = tuple(
        column
        for column, kind in zip(columns, info["dtypes"], strict=True)
        if str(kind).startswith("float")
    )
    has_shape = info["geometry_type"] is not None
    crs = info["crs"] if has_shape else None
    found = Found(
        name, columns, encoding, crs, layer, numeric=numeric, has_shape=has_shape
    )
    return found, _rows(file, found, given)


def _refuse_lone(file: Path) -> None:
    lost = [one for one in (".shx", ".dbf") if _beside(file, one) is None]
    if lost:
        message = (
            f"缺少 {'、'.join(f'{file.stem}{one}' for one in lost)},Shapefile 的"
            " .shp、.shx、.dbf 须放在一起 (files that belong to the .shp are missing)"
        )
        raise FileRefusedError(message, reason="broken")


def _rows(file: Path, found: Found, given: str | None) -> Iterator[pa.RecordBatch]:
    opened = open_arrow(
        file,
        layer=found.layer,
        encoding=given,
        batch_size=ROWS,
        use_pyarrow=True,
        datetime_as_string=True,
    )
    try:
        with opened as (meta, reader):
            shape = meta["geometry_name"] or "wkb_geometry"
            row_no = 2
            for batch in reader:
                yield _as_text(_renamed(batch, given), found, shape, row_no)
                row_no += batch.num_rows
    except (*DRIVER_FAULTS, pa.ArrowException) as error:
        raise _broken(found.format, error) from error


def _driver_encoding(file: Path, encoding: str) -> str:
    """Return what the driver is told; a name cut within a character breaks it."""
    dbf = _beside(file, ".dbf") if encoding == "utf-8" else None
    if dbf is None or encodings.reads(_names(dbf), encoding):
        return encodings.GDAL_NAMES[encoding]
    return BYTE_BY_BYTE


def _names(dbf: Path) -> Iterator[bytes]:
    """Return the names of the fields of a DBF, each as a text of its own."""
    with dbf.open("rb") as opened:
        opened.seek(32)
        while len(field := opened.read(32)) == 32 and field[0] != 0x0D:  # noqa: PLR2004 - layout of dBASE
            yield field[:11].split(b"\0")[0] + b"\n"


def _whole(text: str, given: str | None) -> str:
    """Return a text that was read byte by byte, without a cut last character."""
    if given != BYTE_BY_BYTE:
        return text
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return decoder.decode(text.encode("latin-1", "replace"))


def _renamed(batch: pa.RecordBatch, given: str | None) -> pa.RecordBatch:
    """Return a batch that was read byte by byte as the UTF-8 it is."""
    if given != BYTE_BY_BYTE:
        return batch
    arrays = [
        pa.array(
            [None if one is None else _whole(one, given) for one in column.to_pylist()]
        )
        if pa.types.is_string(column.type)
        else column
        for column in batch.columns
    ]
    names = [_whole(name, given) for name in batch.schema.names]
    return pa.RecordBatch.from_arrays(arrays, names)


def _as_text(
    batch: pa.RecordBatch, found: Found, shape: str, row_no: int
) -> pa.RecordBatch:
    count = batch.num_rows
    arrays = [
        pa.array(range(row_no, row_no + count), pa.int32()),
        pa.nulls(count, pa.string()),
        *(_text(batch.column(name)) for name in found.columns),
    ]
    names = [str(number) for number in range(len(arrays))]
    if found.has_shape:
        wkb = batch.column(shape)
        arrays.append(getattr(wkb, "storage", wkb).cast(pa.binary()))
        names.append(shape)
    return pa.RecordBatch.from_arrays(arrays, names)


def _text(values: pa.Array) -> pa.Array:
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        texts = [None if one is None else str(one)[:1000] for one in values.to_pylist()]
        return pa.array(texts, pa.string())
    return pc.cast(values, pa.string())


def _layer(file: Path, wanted: str | None) -> str:
    layers = [str(name) for name, _ in pyogrio.list_layers(file)]
    if wanted in layers:
        return wanted
    # Of several files in an archive one was named; its only layer is meant.
    if len(layers) == 1 and wanted in {None, file.stem}:
        return layers[0]
    names = "、".join(layers) or "无"
    if wanted is not None:
        message = f"没有图层 {wanted}；有: {names} (no such layer)"
    else:
        message = f"文件内有多个图层: {names}；请用 --layer 指定 (several layers)"
    raise FileRefusedError(message, reason="layer")


def _encoding(file: Path, name: str, declared: str | None) -> str:
    if name == "GeoJSON":
        if encodings.reads(encodings.pieces(file), "utf-8"):
            return "utf-8"
        message = "GeoJSON 必须是 UTF-8 编码 (GeoJSON must be UTF-8)"
        raise FileRefusedError(message, reason="encoding")
    if name != "Shapefile":
        return "utf-8"
    dbf = _beside(file, ".dbf")
    if declared is not None:
        return encodings.codec(declared)
    if dbf is None:
        return "utf-8"
    said = _beside(file, ".cpg")
    if said is not None:
        word = said.read_bytes()[:40].decode("ascii", "replace").strip().lower()
        known = encodings.KNOWN.get(word)
        if known and encodings.reads_values(_values(dbf)(), known):
            return known
    return encodings.tried_values(_values(dbf))


def _beside(file: Path, suffix: str) -> Path | None:
    """Return the file of the same name beside it, whatever the case of its ending."""
    for one in (file.with_suffix(suffix), file.with_suffix(suffix.upper())):
        if one.is_symlink():
            message = f"{one.name} 是符号链接 (a symbolic link)"
            raise FileRefusedError(message, reason="format")
        if one.exists():
            return one
    return None


def _values(dbf: Path) -> Callable[[], Iterable[bytes]]:
    """Return a function that gives the names and text values of a DBF, as bytes."""

    def values() -> Iterator[bytes]:
        with dbf.open("rb") as opened:
            head = opened.read(32)
            try:
                records, start, size = struct.unpack("<4xIHH20x", head)
            except struct.error as error:
                name = dbf.name
                raise _broken(name, error) from error
            lengths = []
            while len(field := opened.read(32)) == 32 and field[0] != 0x0D:  # noqa: PLR2004 - layout of dBASE
                yield field[:11].split(b"\0")[0]
                lengths.append((field[11:12], field[16]))
            opened.seek(start)
            for _ in range(min(records, TRIED_RECORDS)):
                record = opened.read(size)
                at = 1
                for kind, length in lengths:
                    if kind == b"C":
                        yield record[at : at + length]
                    at += length

    return values


def _broken(name: str, error: Any) -> FileRefusedError:  # noqa: ANN401 - any fault
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    # Hints of the driver are for programmers; folders are nobody's business.
    if name == "GeoJSON" or "not recognized as being" in told:
        at = re.search(r"line (\d+), character (\d+)", told)
        place = f",第 {at[1]} 行第 {at[2]} 个字符处有误" if at else ""
        words = f"内容不完整或不是 {name}{place} (cut off, or not what it says)"
    else:
        words = re.sub(r"/\S*/", "", told)[:200] + " (cannot be read)"
    return FileRefusedError(f"{name} 文件无法读取: {words}", reason="broken")
