"""The route of exports: a layer as a file, under the reader's scope, for a reason."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, StringConstraints
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State

from gis_service import occasion
from gis_service.access import trail
from gis_service.access.reader import Reader
from gis_service.access.roles import STAFF
from gis_service.access.rules import need
from gis_service.access.token_scopes import READ_LAYERS
from gis_service.publish.export_rules import (
    checked_reason,
    refuse_too_many,
    without_values,
)
from gis_service.publish.exports import Exported, Extract, digest, export
from gis_service.publish.frames import Asked
from gis_service.publish.readership import layer_for
from gis_service.publish.turns import Turns
from gis_service.publish.watermarks import watermark

router = APIRouter(tags=["exports"])

Words = StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)
Format = Literal["xlsx", "csv", "gpkg", "geojson", "parquet", "shp", "kml"]


class ExportWanted(BaseModel):
    """Which layer in which format, which of its rows (CQL2 text), and why."""

    layer: Annotated[str, StringConstraints(max_length=60)]
    format: Format
    where: Annotated[str, Words] | None = None
    reason: Annotated[str, Words] | None = None


async def export_turns(request: Request) -> Turns:
    """Return the turns at making files."""
    state = request.app.state
    if getattr(state, "export_turns", None) is None:
        state.export_turns = Turns()
    kept: Turns = state.export_turns
    return kept


@router.post("/api/exports", response_class=Response)
async def make_export(
    wanted: ExportWanted,
    request: Request,
    reader: Annotated[Reader, Depends(need(STAFF, writes=READ_LAYERS))],
    turns: Annotated[Turns, Depends(export_turns)],
) -> Response:
    """Give a layer as a file; several files come in a zip. The trail has it first."""
    layer = layer_for(request.app.state.catalog, wanted.layer, reader)
    reason = checked_reason(layer, wanted.reason)
    asked = Asked(where=wanted.where or None)
    extract = Extract(layer, reader.scope, asked, watermark(reader))
    if layer.protected:
        await occasion.check_budget()
    async with turns.take():
        state = request.app.state
        return await run_in_threadpool(_file, state, reader, extract, wanted, reason)


def _file(
    state: State,
    reader: Reader,
    extract: Extract,
    wanted: ExportWanted,
    reason: str | None,
) -> Response:
    folder = tempfile.TemporaryDirectory(prefix="gis-export-")
    try:
        with state.engine.begin() as connection:
            refuse_too_many(connection, extract, state.settings.export_max_rows)
            path = Path(folder.name) / f"{extract.layer.id}.{wanted.format}"
            made = export(connection, extract, path, state.settings)
            sent = _one_file(made, path)
            facts = {
                "rows": made.rows,
                "format": wanted.format,
                "where": without_values(wanted.where),
                "number": made.number,
                "sha256": digest(sent),
            }
            subject = f"layer {extract.layer.id}"
            trail.record(
                connection, reader, "exported", subject, reason=reason, facts=facts
            )
    except BaseException:
        folder.cleanup()
        raise
    name = f"{extract.layer.id}_{made.number}{sent.suffix}"
    head = {"Cache-Control": "private, no-store"}
    done = BackgroundTask(folder.cleanup)
    return FileResponse(sent, filename=name, headers=head, background=done)


def _one_file(made: Exported, path: Path) -> Path:
    if made.files == (path,):
        return path
    whole = path.with_suffix(".zip")
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        for each in made.files:
            archive.write(each, each.name)
    return whole
