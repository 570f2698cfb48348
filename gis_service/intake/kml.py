"""KML, streamed: its drivers in GDAL keep the whole document in memory.

Runs in the child process only.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import shapely

from gis_service.intake import xml_stream
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.placemarks import Placemark, Placemarks
from gis_service.intake.request import Found, Request

ROWS = 4096
COLUMNS = 500
UNREADABLE = b"\0"
"""No WKB: the row is refused for its geometry, with its number."""

Answer = tuple[Found, Iterator[pa.RecordBatch]]


def read(file: Path, request: Request) -> Answer:
    """Open a KML file and return what it is and its rows.

    It is gone through twice: only at its end are all columns known.

    Raises
    ------
    FileRefusedError
        When it cannot be read, or a layer must be chosen.
    """
    layers: dict[str, dict[str, None]] = {}
    for one in _placemarks(file):
        names = layers.setdefault(one.layer, {})
        names.update(dict.fromkeys(one.values))
        if len(names) > COLUMNS:
            message = f"超过 {COLUMNS} 列 (too many columns)"
            raise FileRefusedError(message, reason="limit")
    layer = _layer(list(layers), request.layer)
    columns = tuple(layers[layer])
    found = Found("KML", columns, "utf-8", "EPSG:4326", layer, has_shape=True)
    return found, _rows(file, found)


def _layer(layers: list[str], wanted: str | None) -> str:
    if wanted in layers or (wanted is None and len(layers) == 1):
        return wanted or layers[0]
    names = "、".join(layers) or "无"
    if wanted is not None:
        message = f"没有图层 {wanted}；有: {names} (no such layer)"
    elif layers:
        message = f"文件内有多个图层: {names}；请用 --layer 指定 (several layers)"
    else:
        message = "KML 中没有地标 (there is no placemark in it)"
    raise FileRefusedError(message, reason="layer" if layers else "broken")


def _placemarks(file: Path) -> Iterator[Placemark]:
    marks = Placemarks()
    with file.open("rb") as source:
        for _ in xml_stream.parse(source, marks.start, marks.end, marks.hear):
            yield from marks.done
            marks.done.clear()


def _rows(file: Path, found: Found) -> Iterator[pa.RecordBatch]:
    row_no, piece = 2, []
    for one in _placemarks(file):
        if one.layer == found.layer:
            piece.append(one)
        if len(piece) == ROWS:
            yield _batch(piece, found, row_no)
            row_no, piece = row_no + ROWS, []
    if piece:
        yield _batch(piece, found, row_no)


def _batch(piece: list[Placemark], found: Found, row_no: int) -> pa.RecordBatch:
    arrays = [
        pa.array(range(row_no, row_no + len(piece)), pa.int32()),
        pa.nulls(len(piece), pa.string()),
        *(
            pa.array([one.values.get(column) for one in piece], pa.string())
            for column in found.columns
        ),
    ]
    wkb = shapely.to_wkb([one.shape for one in piece])
    whole = (
        UNREADABLE if one.is_broken else shape
        for one, shape in zip(piece, wkb, strict=True)
    )
    arrays.append(pa.array(whole, pa.binary()))
    return pa.RecordBatch.from_arrays(arrays, [str(n) for n in range(len(arrays))])
