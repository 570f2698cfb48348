"""Descriptions of a layer's vector tiles: OGC tileset metadata and TileJSON."""

from typing import Any

from gis_service import crs
from gis_service.publish.catalog import MAX_ZOOM, Layer
from gis_service.publish.features import link
from gis_service.publish.references import CRS84

MATRIX_SET = "WebMercatorQuad"
REL = "http://www.opengis.net/def/rel/ogc/1.0"

TILE = "application/vnd.mapbox-vector-tile"
_WEB = "http://www.opengis.net/def/crs/EPSG/0/3857"
_DEFINITION = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
_TILE_PIXELS = 256
_PIXEL_M = 0.00028
"""Side of a pixel of the standard's screen, from which it counts scales."""

Bounds = tuple[float, float, float, float]


def template(layer: Layer, api: str, row: str, column: str, zoom: str) -> str:
    """Return the address of a layer's tiles with the names given in braces."""
    place = f"{{{zoom}}}/{{{row}}}/{{{column}}}"
    return f"{api}/collections/{layer.id}/tiles/{MATRIX_SET}/{place}"


def summary(layer: Layer, api: str, bounds: Bounds) -> dict[str, Any]:
    """Return what a list of tilesets says about a layer's."""
    west, south, east, north = bounds
    here = f"{api}/collections/{layer.id}/tiles/{MATRIX_SET}"
    tiles = template(layer, api, "tileRow", "tileCol", "tileMatrix")
    return {
        "title": layer.title,
        "dataType": "vector",
        "crs": _WEB,
        "tileMatrixSetURI": _DEFINITION,
        "boundingBox": {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": CRS84,
        },
        "links": [
            link("self", here, "application/json"),
            link(
                f"{REL}/tiling-scheme",
                f"{api}/tileMatrixSets/{MATRIX_SET}",
                "application/json",
            ),
            {**link("item", tiles, TILE), "templated": True},
        ],
    }


def metadata(layer: Layer, api: str, bounds: Bounds) -> dict[str, Any]:
    """Return the metadata of a layer's tileset."""
    lowest, highest = layer.zooms
    return {
        **summary(layer, api, bounds),
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(zoom),
                "minTileRow": 0,
                "maxTileRow": 2**zoom - 1,
                "minTileCol": 0,
                "maxTileCol": 2**zoom - 1,
            }
            for zoom in range(lowest, highest + 1)
        ],
        "layers": [
            {
                "id": layer.id,
                "title": layer.title,
                "dataType": "vector",
                "minTileMatrix": str(lowest),
                "maxTileMatrix": str(highest),
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        name: {"title": field.title}
                        for name, field in layer.drawn_fields.items()
                    },
                },
            }
        ],
    }


def tilejson(
    layer: Layer, api: str, bounds: Bounds, attribution: str
) -> dict[str, Any]:
    """Return the TileJSON 3.0 of a layer."""
    lowest, highest = layer.zooms
    fields = {
        name: f"{field.title} ({field.title_en})"
        for name, field in layer.drawn_fields.items()
    }
    return {
        "tilejson": "3.0.0",
        "name": layer.title,
        "description": layer.about,
        "attribution": attribution,
        "scheme": "xyz",
        "tiles": [template(layer, api, "y", "x", "z")],
        "minzoom": lowest,
        "maxzoom": highest,
        "bounds": bounds,
        "vector_layers": [
            {"id": layer.id, "fields": fields, "minzoom": lowest, "maxzoom": highest}
        ],
    }


def matrix_sets(api: str) -> dict[str, Any]:
    """Return the list of tile matrix sets."""
    address = f"{api}/tileMatrixSets/{MATRIX_SET}"
    links = [link("self", address, "application/json")]
    described = {"id": MATRIX_SET, "title": MATRIX_SET, "uri": _DEFINITION}
    return {"tileMatrixSets": [{**described, "links": links}]}


def matrix_set() -> dict[str, Any]:
    """Return the definition of WebMercatorQuad, as the standard's annex has it."""
    side_m = 2 * crs.EARTH_HALF_M
    matrices = []
    for zoom in range(MAX_ZOOM + 1):
        cell_m = side_m / 2**zoom / _TILE_PIXELS
        matrices.append(
            {
                "id": str(zoom),
                "scaleDenominator": cell_m / _PIXEL_M,
                "cellSize": cell_m,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-crs.EARTH_HALF_M, crs.EARTH_HALF_M],
                "tileWidth": _TILE_PIXELS,
                "tileHeight": _TILE_PIXELS,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
        )
    return {
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": _DEFINITION,
        "crs": _WEB,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    }
