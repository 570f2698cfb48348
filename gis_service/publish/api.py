"""The rest of OGC API: landing page, conformance, collections, schemas, tilesets.

Tiles and items themselves are answered in front of the framework (``serving``).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from gis_service.access.reader import Reader
from gis_service.access.rules import open_to_all
from gis_service.access.signing_in import current_reader
from gis_service.errors import NotFoundError
from gis_service.publish import collections, openapi, pages, tilesets
from gis_service.publish.catalog import Layer
from gis_service.publish.conformance import CONFORMS_TO
from gis_service.publish.extents import refuse
from gis_service.publish.features import link
from gis_service.publish.labelling import attribution
from gis_service.publish.map_links import map_link
from gis_service.publish.parameters import read_query
from gis_service.publish.readership import layer_for, layers_for

router = APIRouter(prefix="/api/ogc", tags=["ogc"], dependencies=[Depends(open_to_all)])

Asking = Annotated[Reader, Depends(current_reader)]

SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def as_json(request: Request) -> None:
    """Refuse what is asked of an answer that is JSON and takes nothing else."""
    _form(request, "json")


AS_JSON = [Depends(as_json)]


def address_of(request: Request) -> str:
    """Return the address of the API's landing page, as the client sees it."""
    return f"{request.base_url}api/ogc"


def opened(request: Request, layer_id: str, reader: Asking) -> Layer:
    """Return the layer of a route, as the reader sees it."""
    return layer_for(request.app.state.catalog, layer_id, reader)


@router.get("")
async def landing(request: Request) -> Response:
    """Show where everything is."""
    here = address_of(request)
    origin = str(request.base_url).rstrip("/")
    links = [
        link("self", here, "application/json", title="本页 (this page)"),
        link(
            "service-desc",
            f"{here}/openapi.json",
            OPENAPI,
            title="接口定义 (OpenAPI)",
        ),
        link("service-doc", f"{origin}/api/docs", "text/html", title="接口文档 (docs)"),
        link(
            "conformance",
            f"{here}/conformance",
            "application/json",
            title="符合的规范 (conformance)",
        ),
        link(
            "data",
            f"{here}/collections",
            "application/json",
            title="图层 (collections)",
        ),
        link(
            f"{tilesets.REL}/tiling-schemes",
            f"{here}/tileMatrixSets",
            "application/json",
            title="瓦片矩阵集 (tile matrix sets)",
        ),
    ]
    title = "网格一张图 (One Map of the Grid)"
    about = "网格、人、地、物、事 (grid cells, people, land, objects and matters)"
    body = {"title": title, "description": about, "links": links}
    return _answer(request, body, title)


@router.get("/openapi.json", dependencies=AS_JSON)
async def api_document(request: Request, reader: Asking) -> Response:
    """Define this API in OpenAPI 3.0, with the layers the reader may open."""
    layers = layers_for(request.app.state.catalog, reader)
    body = openapi.document(layers, address_of(request))
    return JSONResponse(body, media_type=OPENAPI)


@router.get("/conformance", dependencies=AS_JSON)
async def conformance() -> dict[str, tuple[str, ...]]:
    """List the conformance classes that are implemented, and no others."""
    return {"conformsTo": CONFORMS_TO}


@router.get("/collections")
async def all_collections(request: Request, reader: Asking) -> Response:
    """List the layers that the reader may open."""
    here = address_of(request)
    bounds = await collections.county_bounds(request.app.state.pool)
    described = [
        collections.describe(layer, here, bounds)
        for layer in layers_for(request.app.state.catalog, reader)
    ]
    links = [link("self", f"{here}/collections", "application/json")]
    body = {"links": links, "crs": collections.CRS, "collections": described}
    return _answer(request, body, "图层 (collections)")


@router.get("/collections/{layer_id}")
async def collection(
    request: Request, layer: Annotated[Layer, Depends(opened)], reader: Asking
) -> Response:
    """Describe one layer."""
    bounds = await collections.county_bounds(request.app.state.pool)
    body = collections.describe(layer, address_of(request), bounds)
    if _wants_page(request):
        on_map = map_link(request.app.state.maps, reader, layer)
        return HTMLResponse(pages.layer_page(layer, body["links"], on_map))
    return JSONResponse(body)


@router.get("/page.css", include_in_schema=False)
async def page_style() -> Response:
    """Give the style sheet of the pages."""
    kept = {"Cache-Control": "public, max-age=3600"}
    return Response(pages.style(), headers=kept, media_type="text/css")


@router.get("/collections/{layer_id}/schema", dependencies=AS_JSON)
async def schema(
    request: Request, layer: Annotated[Layer, Depends(opened)]
) -> Response:
    """Give the JSON schema of a layer's features."""
    address = f"{address_of(request)}/collections/{layer.id}/schema"
    body = collections.schema(layer, address)
    return JSONResponse(body, media_type=SCHEMA)


@router.get("/collections/{layer_id}/queryables", dependencies=AS_JSON)
async def queryables(
    request: Request, layer: Annotated[Layer, Depends(opened)]
) -> Response:
    """Give the JSON schema of what filters may ask of a layer."""
    address = f"{address_of(request)}/collections/{layer.id}/queryables"
    body = collections.queryables(layer, address)
    return JSONResponse(body, media_type=SCHEMA)


@router.get("/collections/{layer_id}/tiles", dependencies=AS_JSON)
async def tilesets_of(
    request: Request, layer: Annotated[Layer, Depends(opened)]
) -> dict[str, Any]:
    """List the tilesets of a layer: one, in Web Mercator."""
    here = address_of(request)
    bounds = await collections.county_bounds(request.app.state.pool)
    return {
        "links": [
            link("self", f"{here}/collections/{layer.id}/tiles", "application/json")
        ],
        "tilesets": [tilesets.summary(layer, here, bounds)],
    }


@router.get("/collections/{layer_id}/tiles/{tile_matrix_set}", dependencies=AS_JSON)
async def tileset(
    request: Request, layer: Annotated[Layer, Depends(opened)], tile_matrix_set: str
) -> dict[str, Any]:
    """Describe the tileset of a layer."""
    _check_matrix_set(tile_matrix_set)
    bounds = await collections.county_bounds(request.app.state.pool)
    return tilesets.metadata(layer, address_of(request), bounds)


@router.get("/collections/{layer_id}/tilejson", dependencies=AS_JSON)
@router.get(
    "/collections/{layer_id}/tiles/{tile_matrix_set}/tilejson", dependencies=AS_JSON
)
async def tilejson(
    request: Request,
    layer: Annotated[Layer, Depends(opened)],
    tile_matrix_set: str = tilesets.MATRIX_SET,
) -> dict[str, Any]:
    """Give the TileJSON 3.0 of a layer, as MapLibre reads it."""
    _check_matrix_set(tile_matrix_set)
    bounds = await collections.county_bounds(request.app.state.pool)
    words = attribution(request.app.state.settings)
    return tilesets.tilejson(layer, address_of(request), bounds, words)


@router.get("/tileMatrixSets", dependencies=AS_JSON)
async def tile_matrix_sets(request: Request) -> dict[str, Any]:
    """List the tile matrix sets: one."""
    return tilesets.matrix_sets(address_of(request))


@router.get("/tileMatrixSets/{tile_matrix_set}", dependencies=AS_JSON)
async def tile_matrix_set_of(tile_matrix_set: str) -> dict[str, Any]:
    """Define the tile matrix set."""
    _check_matrix_set(tile_matrix_set)
    return tilesets.matrix_set()


def _form(request: Request, *forms: str) -> str | None:
    """Return the form asked for; unknown parameters are refused, as for items."""
    form = read_query(request.scope["query_string"], frozenset({"f"})).get("f")
    if form not in {None, *forms}:
        refuse("f", f"应为 {' 或 '.join(forms)} (one of these)")
    return form


def _check_matrix_set(name: str) -> None:
    if name != tilesets.MATRIX_SET:
        message = f"瓦片矩阵集只有 {tilesets.MATRIX_SET} (the only tile matrix set)"
        raise NotFoundError(message)


def _wants_page(request: Request) -> bool:
    form = _form(request, "json", "html")
    accepts_page = request.headers.get("accept", "").startswith("text/html")
    return form == "html" or (form is None and accepts_page)


def _answer(request: Request, body: dict[str, Any], title: str) -> Response:
    if _wants_page(request):
        listed = list(body["links"])
        for described in body.get("collections", ()):
            own = described["links"][0]
            listed.append({**own, "title": described["title"]})
        return HTMLResponse(pages.links_page(title, listed))
    return JSONResponse(body)
