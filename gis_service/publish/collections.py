"""Descriptions of layers as OGC collections, and the schemas of their features."""

from typing import Any

import asyncpg

from gis_service.database import reading
from gis_service.publish.catalog import Layer, LayerField
from gis_service.publish.features import GEOJSON, link
from gis_service.publish.references import CRS84, REFERENCES, STORAGE
from gis_service.publish.tilesets import MATRIX_SET, REL

CRS = list(REFERENCES)

Bounds = tuple[float, float, float, float]

WHOLE_WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
"""Bounds while no county was taken in."""

# The extent is that of the county, never of a layer's rows: a box around the rows of
# a protected layer would tell of rows that the reader may not see.
_BOUNDS = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (
    SELECT ST_Extent(township.geom) AS box
    FROM divisions.townships AS township
    WHERE township.valid_to IS NULL
) AS county
WHERE box IS NOT NULL
"""

_JSON_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


async def county_bounds(pool: asyncpg.Pool) -> Bounds:
    """Return west, south, east, north of the townships in force, in degrees."""
    async with reading(pool) as connection:
        row = await connection.fetchrow(_BOUNDS)
    return tuple(row) if row else WHOLE_WORLD


def describe(layer: Layer, api: str, bounds: Bounds) -> dict[str, Any]:
    """Return a layer as an OGC collection.

    Parameters
    ----------
    layer
        The layer as its reader sees it.
    api
        Address of the landing page.
    bounds
        Of the county, in degrees.
    """
    here = f"{api}/collections/{layer.id}"
    extent: dict[str, Any] = {"spatial": {"bbox": [bounds], "crs": CRS84}}
    if layer.time is not None:
        extent["temporal"] = {"interval": [[None, None]]}
    tiles = f"{here}/tiles"
    return {
        "id": layer.id,
        "title": f"{layer.title} ({layer.title_en})",
        "description": layer.about,
        "itemType": "feature",
        "extent": extent,
        "crs": CRS,
        "storageCrs": STORAGE.uri,
        "links": [
            link("self", here, "application/json"),
            link("alternate", f"{here}?f=html", "text/html"),
            link("items", f"{here}/items", GEOJSON, title=layer.title),
            link("items", f"{here}/items?f=html", "text/html", title=layer.title),
            link(
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                f"{here}/queryables",
                "application/schema+json",
            ),
            link(
                "http://www.opengis.net/def/rel/ogc/1.0/schema",
                f"{here}/schema",
                "application/schema+json",
            ),
            link(f"{REL}/tilesets-vector", tiles, "application/json"),
            link("tilejson", f"{tiles}/{MATRIX_SET}/tilejson", "application/json"),
        ],
    }


def schema(layer: Layer, address: str) -> dict[str, Any]:
    """Return the JSON schema of a layer's features."""
    number = {"type": "integer", "x-ogc-role": "id", "title": "编号", "readOnly": True}
    properties = {"id": number, **_properties(layer)}
    if layer.time is not None:
        properties[layer.time]["x-ogc-role"] = "primary-instant"
    return _schema(layer, address, properties)


def queryables(layer: Layer, address: str) -> dict[str, Any]:
    """Return the JSON schema of what filters may ask of a layer."""
    lists = {name for name, field in layer.fields.items() if field.type == "list"}
    properties = {
        name: described
        for name, described in _properties(layer).items()
        if name not in lists
    }
    return _schema(layer, address, properties)


def _schema(
    layer: Layer, address: str, properties: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": layer.title,
        "description": layer.about,
        "properties": properties,
        "additionalProperties": False,
    }


def _properties(layer: Layer) -> dict[str, dict[str, Any]]:
    kind = {"MultiPolygon": "multipolygon", "MultiLineString": "multilinestring"}
    shape = kind.get(layer.geometry, layer.geometry.lower())
    geom = {
        "title": "几何",
        "format": "geometry-any" if shape == "geometry" else f"geometry-{shape}",
        "x-ogc-role": "primary-geometry",
    }
    fields = enumerate(layer.fields.items(), 1)
    described = {name: _property(field, place) for place, (name, field) in fields}
    return {"geom": geom, **described}


def _property(field: LayerField, place: int) -> dict[str, Any]:
    described = {
        "title": field.title,
        "description": field.title_en,
        **_JSON_TYPES[field.type],
        "x-ogc-propertySeq": place,
    }
    if field.unit is not None:
        described["x-ogc-unit"] = field.unit
    if field.labels and field.type == "text":
        described["oneOf"] = [
            {"const": value, "title": label} for value, label in field.labels.items()
        ]
    return described
