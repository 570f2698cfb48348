"""Routes of maps: the list, one map described, its folium page, its MapLibre style."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State

from gis_service import occasion
from gis_service.access.reader import Reader
from gis_service.access.rules import open_to_all
from gis_service.access.signing_in import current_reader
from gis_service.publish import folium_page, maplibre
from gis_service.publish.map_description import MapDescription, description
from gis_service.publish.turns import Turns

router = APIRouter(tags=["maps"], dependencies=[Depends(open_to_all)])

Asking = Annotated[Reader, Depends(current_reader)]


async def page_turns(request: Request) -> Turns:
    """Return the turns at making pages, which hold all their rows in memory."""
    state = request.app.state
    if getattr(state, "page_turns", None) is None:
        state.page_turns = Turns()
    kept: Turns = state.page_turns
    return kept


Taking = Annotated[Turns, Depends(page_turns)]


class MapLink(BaseModel):
    """A map the reader may open."""

    id: str
    title: str
    title_en: str | None
    about: str


@router.get("/api/maps")
async def list_maps(request: Request, reader: Asking) -> list[MapLink]:
    """List the maps the reader may open, the one to start with first."""
    fields = set(MapLink.model_fields)
    return [
        MapLink(**each.model_dump(include=fields))
        for each in request.app.state.maps.open_to(reader)
    ]


@router.get("/api/maps/{map_id}")
def show_map(request: Request, map_id: str, reader: Asking) -> MapDescription:
    """Describe a map, ready to draw, with the layers the reader may see."""
    state = request.app.state
    shown = state.maps.opened_by(reader, map_id)
    with state.engine.connect() as connection:
        return description(connection, state.maps, shown, reader, state.settings)


@router.get("/maps/{map_id}.html", response_class=HTMLResponse)
async def show_page(
    request: Request, map_id: str, reader: Asking, turns: Taking
) -> HTMLResponse:
    """Give a map as one file that works anywhere, with the reader's rows inside."""
    await occasion.check_budget()
    async with turns.take():
        return await run_in_threadpool(_page, request.app.state, map_id, reader)


def _page(state: State, map_id: str, reader: Reader) -> HTMLResponse:
    shown = state.maps.opened_by(reader, map_id)
    with state.engine.connect() as connection:
        made = folium_page.map_for(
            connection, state.maps, shown, reader, state.settings
        )
    headers = {"Cache-Control": "private, no-store"}
    return HTMLResponse(folium_page.html(made), headers=headers)


@router.get("/api/ogc/styles/{map_id}")
def show_style(request: Request, map_id: str, reader: Asking) -> JSONResponse:
    """Give a map as a MapLibre style."""
    state = request.app.state
    shown = state.maps.opened_by(reader, map_id)
    with state.engine.connect() as connection:
        described = description(connection, state.maps, shown, reader, state.settings)
    origin = str(request.base_url).rstrip("/")
    style: dict[str, Any] = maplibre.style(state.maps, described, origin)
    return JSONResponse(style, media_type="application/vnd.mapbox.style+json")
