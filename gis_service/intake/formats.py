"""Tell what a file is, open it as that and nothing else, and answer with its rows.

Runs in the child process only.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from gis_service.intake import archives
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import FAULT, META, ROW_NO, SHAPE, Found, Request

Answer = tuple[Found, Iterator[pa.RecordBatch]]

VECTORS = {".shp": "Shapefile", ".gpkg": "GeoPackage", ".geojson": "GeoJSON",
           ".json": "GeoJSON"}  # fmt: skip
TABLES = {".csv": "CSV", ".tsv": "CSV", ".txt": "CSV", ".xlsx": "XLSX"}
PARQUET = {".parquet": "GeoParquet", ".geoparquet": "GeoParquet"}
KML = ".kml"
SUFFIXES = (*VECTORS, KML, *PARQUET, *TABLES)
"""What a file may end in, the best first when an archive holds several."""

BEGINNINGS = {
    ".shp": (b"\x00\x00\x27\x0a",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".kml": (b"<?xml", b"<kml"),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
}
"""First bytes a file of each kind must have: what it says is not what it is."""

TEXT_HEAD_BYTES = 1 << 20


def answer(request: Request, sink: BinaryIO, *, is_offline: bool) -> None:
    """Write the rows of the file as an Arrow stream.

    Raises
    ------
    FileRefusedError
        When it is not what it says, or cannot be read.
    """
    file = Path(request.file)
    if file.suffix.lower() == ".zip":
        file = _of_archive(file, request)
    found, batches = _open(file, request)
    schema = _schema(replace(found, is_offline=is_offline))
    with pa.ipc.new_stream(sink, schema) as stream:
        sink.flush()
        for batch in batches:
            stream.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            sink.flush()


def _open(file: Path, request: Request) -> Answer:
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        known = " ".join(one[1:] for one in (*SUFFIXES, ".zip"))
        message = f"不支持 {suffix or '无扩展名'} 文件；可用: {known} (unknown format)"
        raise FileRefusedError(message, reason="format")
    _check_beginning(file, suffix)
    # The libraries of the other formats are not even loaded.
    if suffix in VECTORS:
        from gis_service.intake import vectors  # noqa: PLC0415 - see above

        return vectors.read(file, VECTORS[suffix], request)
    if suffix == KML:
        from gis_service.intake import kml  # noqa: PLC0415 - see above

        return kml.read(file, request)
    if suffix in PARQUET:
        from gis_service.intake import parquet  # noqa: PLC0415 - see above

        return parquet.read(file)
    if TABLES[suffix] == "XLSX":
        from gis_service.intake import xlsx  # noqa: PLC0415 - see above

        return xlsx.read(file, request)
    from gis_service.intake import tables  # noqa: PLC0415 - see above

    return tables.read(file, request)


def _check_beginning(file: Path, suffix: str) -> None:
    try:
        with file.open("rb") as opened:
            head = opened.read(TEXT_HEAD_BYTES)
    except OSError as error:
        message = f"文件无法打开: {error.strerror} (cannot open the file)"
        raise FileRefusedError(message, reason="broken") from error
    if not head:
        message = "文件是空的 (the file is empty)"
        raise FileRefusedError(message, reason="broken")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    wanted = BEGINNINGS.get(suffix)
    if wanted is not None and not (head if suffix == ".shp" else start).startswith(
        wanted
    ):
        message = f"内容不是 {suffix[1:]} 文件 (not what its name says)"
        raise FileRefusedError(message, reason="format")


def _of_archive(file: Path, request: Request) -> Path:
    """Unpack an archive and return the file in it that is meant."""
    # A folder of its own: nothing is looked for in it but what was asked for.
    folder = Path(request.folder, "unpacked")
    folder.mkdir()
    unpacked = archives.unpack(file, folder)
    others: set[str] = set()
    for suffix in SUFFIXES:
        fitting = [one for one in unpacked if one.suffix.lower() == suffix]
        names = "、".join(sorted(one.stem for one in fitting))
        if len(fitting) > 1 and request.layer is not None:
            fitting = [one for one in fitting if one.stem == request.layer]
            others |= set() if fitting else {names}
        if len(fitting) > 1:
            message = f"压缩包内有多个图层: {names}；请用 --layer 指定 (several layers)"
            raise FileRefusedError(message, reason="layer")
        if fitting:
            return fitting[0]
    if others:
        names = "、".join(sorted(others))
        message = f"没有图层 {request.layer}；有: {names} (no such layer)"
        raise FileRefusedError(message, reason="layer")
    message = "压缩包里没有可导入的文件 (nothing to take in the archive)"
    raise FileRefusedError(message, reason="archive")


def _schema(found: Found) -> pa.Schema:
    fields = [pa.field(ROW_NO, pa.int32()), pa.field(FAULT, pa.string())]
    fields += [pa.field(column, pa.string()) for column in found.columns]
    fields += [pa.field(SHAPE, pa.binary())] if found.has_shape else []
    return pa.schema(fields, metadata={META: found.as_bytes()})
