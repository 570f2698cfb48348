"""The command ``gis-grid export``: a layer written to a file."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from gis_service import crs, definitions
from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.access.scope import Scope
from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.errors import NotFoundError
from gis_service.publish.catalog import Catalog
from gis_service.publish.export_rules import (
    checked_reason,
    refuse_too_many,
    without_values,
)
from gis_service.publish.exports import Exported, Extract, digest
from gis_service.publish.exports import export as write
from gis_service.publish.frames import Asked, read_srid
from gis_service.publish.watermarks import watermark
from gis_service.settings import Settings

app = typer.Typer(add_completion=False, help="导出 Layers written to files.")


@app.command("export")
def export(  # noqa: PLR0913 - a parameter per option
    layer: Annotated[str, typer.Argument(help="图层 Layer, such as grid_cells.")],
    file: Annotated[
        Path,
        typer.Argument(
            help="目标文件 File: .gpkg .geojson .parquet .shp .xlsx .csv .kml"
        ),
    ],
    where: Annotated[
        str | None, typer.Option(help="筛选条件 Filter in CQL2 text.")
    ] = None,
    to_crs: Annotated[
        str, typer.Option("--crs", help="坐标系 CRS of the coordinates, EPSG:….")
    ] = f"EPSG:{crs.STORED}",
    reason: Annotated[
        str | None,
        typer.Option(help="事由，记入日志 Why; wanted for persons and matters."),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON for scripts.")
    ] = False,
) -> None:
    """导出图层 Write a layer to a file, private fields left out."""
    settings = Settings()
    catalog = Catalog.load(definitions.folder("layers"))
    if layer not in catalog:
        detail = f"没有图层 {layer}，有 (no such layer, there are): {' '.join(catalog)}"
        raise NotFoundError(detail)
    why = checked_reason(catalog[layer], reason)
    asked = Asked(where=where, srid=read_srid(to_crs))
    mark = watermark(replace(COMMAND_LINE, login=getpass.getuser()))
    extract = Extract(catalog[layer], Scope((settings.county_code,)), asked, mark)
    with _owner(settings) as connection:
        if extract.layer.protected:
            refuse_too_many(connection, extract, settings.export_max_rows)
        exported = write(connection, extract, file, settings)
        _record(connection, exported, file, where, why)
    typer.echo(_report(exported, as_json=as_json))


@contextmanager
def _owner(settings: Settings) -> Iterator[Connection]:
    owner = engine(database_url(settings))
    try:
        with owner.begin() as connection:
            yield connection
    finally:
        owner.dispose()


def _record(
    connection: Connection,
    exported: Exported,
    file: Path,
    where: str | None,
    reason: str | None,
) -> None:
    facts = {
        "rows": exported.rows,
        "format": file.suffix.removeprefix("."),
        "where": without_values(where),
        "number": exported.number,
        "sha256": {each.name: digest(each) for each in exported.files},
    }
    subject = f"layer {exported.layer}"
    trail.record(
        connection, COMMAND_LINE, "exported", subject, reason=reason, facts=facts
    )


def _report(exported: Exported, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(exported), ensure_ascii=False, default=str)
    files = "、".join(str(each) for each in exported.files)
    return f"已导出 {exported.rows:,} 条 (rows written): {files}"
