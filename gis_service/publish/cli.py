"""The command ``gis-grid export``: a layer written to a file."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gis_service import crs, definitions
from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.access.scope import Scope
from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.errors import NotFoundError
from gis_service.publish.catalog import Catalog
from gis_service.publish.exports import Exported, Extract
from gis_service.publish.exports import export as write
from gis_service.publish.frames import Asked, read_srid
from gis_service.settings import Settings

app = typer.Typer(add_completion=False, help="导出 Layers written to files.")


@app.command("export")
def export(
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
    asked = Asked(where=where, srid=read_srid(to_crs))
    owner = engine(database_url(settings))
    with owner.begin() as connection:
        county = Scope((settings.county_code,))
        extract = Extract(catalog[layer], county, asked)
        exported = write(connection, extract, file, settings)
        facts = {"rows": exported.rows, "format": file.suffix, "where": where}
        subject = f"layer {layer}"
        trail.record(connection, COMMAND_LINE, "exported", subject, facts=facts)
    owner.dispose()
    typer.echo(_report(exported, as_json=as_json))


def _report(exported: Exported, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(exported), ensure_ascii=False, default=str)
    files = "、".join(str(each) for each in exported.files)
    return f"已导出 {exported.rows:,} 条 (rows written): {files}"
