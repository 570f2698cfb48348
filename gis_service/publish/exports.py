"""Exports: a layer under a scope, written to a file, with what it is said with it.

Nothing private leaves; spreadsheets get no formula; synthetic data says that it is. The
file appears when it is whole: until then it grows in a folder of its own beside it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from geopandas import GeoDataFrame
from sqlalchemy import Connection

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.errors import ConflictError, NotFoundError, UnprocessableError
from gis_service.publish.catalog import Layer
from gis_service.publish.export_files import (
    GeoJsonWriter,
    GeoPackageWriter,
    GeoParquetWriter,
    Heading,
    KmlWriter,
    ShapefileWriter,
    Writer,
)
from gis_service.publish.export_sheets import CsvWriter, XlsxWriter
from gis_service.publish.frames import EVERYTHING, Asked, chunks
from gis_service.publish.labelling import nature
from gis_service.publish.watermarks import COLUMN, TITLE, Watermark
from gis_service.settings import Settings

WRITERS: dict[str, Callable[[Path, Heading], Writer]] = {
    ".gpkg": GeoPackageWriter,
    ".geojson": GeoJsonWriter,
    ".parquet": GeoParquetWriter,
    ".shp": ShapefileWriter,
    ".xlsx": XlsxWriter,
    ".csv": CsvWriter,
    ".kml": KmlWriter,
}
"""Writer by the ending of the file's name."""

ALWAYS_GPS = frozenset({".geojson", ".kml"})
"""Formats whose coordinates are WGS 84 by their standard."""

LOCAL_TIME = ZoneInfo("Asia/Shanghai")


class UnknownFormatError(UnprocessableError):
    """The ending of the file's name is none we write."""

    code = "unknown_format"
    title = "不支持的导出格式 (unknown export format)"


@dataclass(frozen=True, slots=True)
class Extract:
    """What is exported: rows of a layer, whose, and which of them."""

    layer: Layer
    scope: Scope
    asked: Asked = EVERYTHING
    mark: Watermark | None = None
    """What says in the file who took it out; None in a notebook."""

    @property
    def is_marked_by_row(self) -> bool:
        """Tell whether each row says which export it left with."""
        return self.mark is not None and self.layer.protected


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    layer: str
    rows: int
    files: tuple[Path, ...]
    number: str | None = None


def export(
    connection: Connection, extract: Extract, path: Path, settings: Settings
) -> Exported:
    """Write the features of a layer to a file, in the format its name ends with.

    Parameters
    ----------
    connection
        To the database, as its owner or as the login.
    extract
        What is wanted.
    path
        The file to make; it must not be there yet.
    settings
        Whose county it is, and whether it is a demonstration.

    Raises
    ------
    UnknownFormatError
        When the ending names no format.
    ConflictError
        When the file is there.
    NotFoundError
        When the folder is not.
    """
    srid = _srid(path, extract.asked)
    if path.exists():
        detail = f"文件已存在，请换名或先删除 (the file exists): {path}"
        raise ConflictError(detail)
    if not path.parent.is_dir():
        detail = f"没有文件夹 {path.parent} (no such folder)"
        raise NotFoundError(detail)
    layer = extract.layer
    titles = {"id": "编号"} | {
        name: _title(field.title, field.unit)
        for name, field in layer.drawn_fields.items()
    }
    labels = {name: field.labels for name, field in layer.drawn_fields.items()}
    notes = notes_of(layer, settings, srid)
    if extract.mark is not None:
        notes = {**notes, **extract.mark.notes}
    if extract.is_marked_by_row:
        titles[COLUMN] = TITLE
    heading = Heading(layer.id, titles, labels, notes)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        draft = Path(folder) / path.name
        writer = WRITERS[path.suffix.lower()](draft, heading)
        in_crs = replace(extract, asked=replace(extract.asked, srid=srid))
        rows = _write(writer, connection, in_crs)
        if not writer.keeps_notes:
            _write_notes(draft, heading.notes)
        files = tuple(
            Path(shutil.move(each, path.parent / each.name))
            for each in sorted(Path(folder).iterdir())
        )
    number = None if extract.mark is None else extract.mark.number
    return Exported(layer.id, rows, files, number)


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def notes_of(layer: Layer, settings: Settings, srid: int) -> Mapping[str, str]:
    """Return what is said with every export: what it is, of whom, under what terms."""
    now = datetime.now(LOCAL_TIME)
    source = f"{settings.county_name} · 网格一张图"
    if settings.is_demo:
        terms = "合成数据可自由使用，转载请保留合成标注 (free to use, keep the label)"
    else:
        terms = "仅限授权用途，不得擅自公开或转让 (for authorised use only)"
    return {
        "标题": layer.title,
        "说明": layer.about,
        "数据性质": nature(settings),
        "许可": terms,
        "来源": source,
        "坐标系": f"EPSG:{srid}，经度（或东坐标）在前",
        "导出时间": f"{now:%Y-%m-%d %H:%M}",
        "时间": "均为北京时间 (all times are China standard time)",
    }


def _srid(path: Path, asked: Asked) -> int:
    ending = path.suffix.lower()
    if ending not in WRITERS:
        endings = "、".join(each.removeprefix(".") for each in WRITERS)
        detail = f"不支持 {ending or path.name}，可用 (use one of): {endings}"
        raise UnknownFormatError(detail)
    if ending not in ALWAYS_GPS:
        return asked.srid
    if asked.srid not in {crs.STORED, crs.GPS}:
        detail = f"{ending} 只能是经纬度，请去掉 --crs (longitude and latitude only)"
        raise UnprocessableError(detail)
    return crs.GPS


def _title(title: str, unit: str | None) -> str:
    return f"{title}（{unit}）" if unit else title


def _write(writer: Writer, connection: Connection, extract: Extract) -> int:
    rows = 0
    for chunk in chunks(connection, extract.layer, extract.scope, extract.asked):
        ready = _with_lists_as_text(chunk, extract.layer)
        if extract.mark is not None and extract.is_marked_by_row:
            ready = ready.assign(**{COLUMN: extract.mark.number})
        writer.write(ready)
        rows += len(chunk)
    writer.close()
    return rows


def _with_lists_as_text(chunk: GeoDataFrame, layer: Layer) -> GeoDataFrame:
    lists = [name for name, field in layer.drawn_fields.items() if field.type == "list"]
    return chunk.assign(
        **{name: chunk[name].map("、".join, na_action="ignore") for name in lists}
    )


def _write_notes(draft: Path, notes: Mapping[str, str]) -> None:
    lines = [f"{name}：{words}\n" for name, words in notes.items()]
    draft.with_suffix(f"{draft.suffix}.txt").write_text("".join(lines), "utf-8-sig")
