"""Routes of maps: the list, one map described, its folium page, its MapLibre style."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from gis_service.access.reader import Reader
from gis_service.access.rules import open_to_all
from gis_service.access.signing_in import current_reader
from gis_service.publish import folium_page, maplibre
from gis_service.publish.map_description import MapDescription, description

router = APIRouter(tags=["maps"], dependencies=[Depends(open_to_all)])

Asking = Annotated[Reader, Depends(current_reader)]


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
def show_page(request: Request, map_id: str, reader: Asking) -> HTMLResponse:
    """Give a map as one file that works anywhere, with the reader's rows inside."""
    state = request.app.state
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
