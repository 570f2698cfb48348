"""The OpenAPI of what is answered in front of the framework: items and tiles."""

from collections.abc import Iterable
from typing import Any

from gis_service import __version__
from gis_service.publish.catalog import Layer
from gis_service.publish.features import GEOJSON
from gis_service.publish.questions import DEFAULT_LIMIT, MOST_FEATURES
from gis_service.publish.references import CRS84, REFERENCES
from gis_service.publish.tilesets import TILE

_PROBLEM = {
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
_TEXT = {"type": "string"}
_CRS = {"type": "string", "enum": list(REFERENCES), "default": CRS84}
_WORDS = {
    400: "参数错误",
    401: "请先登录",
    404: "没有找到",
    422: "查询超过时限",
    503: "数据库暂不可用",
}

_PAGE: dict[str, tuple[dict[str, Any], str]] = {
    "bbox": (_TEXT, "west,south,east,north (in bbox-crs)"),
    "bbox-crs": (_CRS, "CRS of bbox"),
    "datetime": (_TEXT, "RFC 3339 time or interval, .. for an open end"),
    "limit": (
        {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_FEATURES,
            "default": DEFAULT_LIMIT,
        },
        "most features on a page",
    ),
    "filter": (_TEXT, "CQL2 over the queryables"),
    "filter-lang": (
        {
            "type": "string",
            "enum": ["cql2-text", "cql2-json"],
            "default": "cql2-text",
        },
        "form of the filter",
    ),
    "filter-crs": (_CRS, "CRS of geometries in the filter"),
    "sortby": (_TEXT, "fields, each with - for downward order"),
    "cursor": (_TEXT, "where a page goes on, from a next link"),
    "resultType": (
        {"type": "string", "enum": ["results", "hits"], "default": "results"},
        "hits gives numberMatched alone",
    ),
    "count": (
        {"type": "string", "enum": ["true", "false"], "default": "false"},
        "true adds numberMatched",
    ),
}
_ONE: dict[str, tuple[dict[str, Any], str]] = {
    "crs": (_CRS, "CRS of the answer"),
    "properties": (_TEXT, "fields to give, separated by commas"),
    "f": ({"type": "string", "enum": ["json", "html", "csv"]}, "format"),
}
_ITEMS = "/api/ogc/collections/{layer_id}/items"
_TILE = (
    "/api/ogc/collections/{layer_id}/tiles/WebMercatorQuad/"
    "{tileMatrix}/{tileRow}/{tileCol}"
)


def extend_openapi(schema: dict[str, Any]) -> dict[str, Any]:
    """Add the paths of items and tiles to an OpenAPI document and return it."""
    asked = [_in_query(*each) for each in {**_PAGE, **_ONE}.items()]
    one = [_in_query(*each) for each in _ONE.items()]
    layer = _in_path("layer_id", _TEXT)
    numbers = [
        _in_path(name, {"type": "integer", "minimum": 0})
        for name in ("tileMatrix", "tileRow", "tileCol")
    ]
    number = _in_path("feature_id", {"type": "integer", "minimum": 0})
    schema.setdefault("paths", {}).update(
        {
            _ITEMS: _get("items_of_layer", "图层的要素", [layer, *asked], GEOJSON),
            f"{_ITEMS}/{{feature_id}}": _get(
                "item_of_layer", "一个要素", [layer, number, *one], GEOJSON
            ),
            _TILE: _get("tile_of_layer", "矢量瓦片", [layer, *numbers], TILE),
        }
    )
    return schema


def document(layers: Iterable[Layer], address: str) -> dict[str, Any]:
    """Return the OpenAPI 3.0 of the OGC API alone, each layer with its own paths.

    GDAL and QGIS look there for a layer's page size and for the fields they may ask.
    """
    one = [_in_query(*each) for each in _ONE.items()]
    number = _in_path("feature_id", {"type": "integer", "minimum": 0})
    paths: dict[str, Any] = {
        path: _get(name, name, [], "application/json")
        for path, name in (
            ("/", "landing"),
            ("/conformance", "conformance"),
            ("/collections", "collections"),
        )
    }
    for layer in layers:
        here = f"/collections/{layer.id}"
        asked = [_in_query(*each) for each in {**_PAGE, **_ONE}.items()]
        asked += [
            _in_query(name, (_TEXT, field.title_en))
            for name, field in layer.fields.items()
            if field.type != "list"
        ]
        paths[here] = _get(layer.id, layer.title, [], "application/json")
        name = f"items_of_{layer.id}"
        paths[f"{here}/items"] = _get(name, layer.title, asked, GEOJSON)
        paths[f"{here}/items/{{feature_id}}"] = _get(
            f"item_of_{layer.id}", layer.title, [number, *one], GEOJSON
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "网格一张图 (One Map of the Grid)", "version": __version__},
        "servers": [{"url": address}],
        "paths": paths,
    }


def _get(
    name: str, summary: str, parameters: list[dict[str, Any]], kind: str
) -> dict[str, Any]:
    content = {"type": "object"} if kind == GEOJSON else {"type": "string"}
    answers: dict[str, Any] = {
        "200": {"description": summary, "content": {kind: {"schema": content}}},
        "304": {"description": "没有变化 (not changed)"},
    }
    answers |= {
        str(code): {"description": words, **_PROBLEM} for code, words in _WORDS.items()
    }
    return {
        "get": {
            "tags": ["ogc"],
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": answers,
        }
    }


def _in_query(name: str, described: tuple[dict[str, Any], str]) -> dict[str, Any]:
    schema, words = described
    return {"name": name, "in": "query", "schema": schema, "description": words}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}
