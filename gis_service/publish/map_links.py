"""Addresses of the web client: a layer on one of the reader's maps, at a place."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import shapely
from shapely.geometry import shape

from gis_service.access.reader import Reader
from gis_service.publish.catalog import Layer
from gis_service.publish.maps import Maps
from gis_service.publish.references import DEFAULT, Reference

CLOSEST = 17
"""Zoom for a single point: a house and what stands around it."""

_WIDTH_PX = 640
_TILE_PX = 256


def map_link(
    maps: Maps,
    reader: Reader,
    layer: Layer,
    features: Sequence[Mapping[str, Any]] = (),
    reference: Reference = DEFAULT,
) -> dict[str, str] | None:
    """Return the link to a layer on the first map of the reader that shows it.

    Parameters
    ----------
    maps, reader, layer
        All maps, and who is to see the layer.
    features
        GeoJSON features the map shall open at; without them it opens as always.
    reference
        What their coordinates are in; another than the default says no place.

    Returns
    -------
    dict or None
        None when no map of the reader has the layer.
    """
    having = (each for each in maps.open_to(reader) if layer.id in each.layer_ids)
    first = next(having, None)
    if first is None:
        return None
    place = _place(layer, features) if reference is DEFAULT else {}
    query = urlencode({"m": first.id, "l": layer.id, **place})
    title = f"在地图上查看 (show on the map) · {first.title}"
    return {
        "rel": "related",
        "href": f"/#/map?{query}",
        "type": "text/html",
        "title": title,
    }


def _place(layer: Layer, features: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    shapes = [shape(each["geometry"]) for each in features if each.get("geometry")]
    if not shapes:
        return {}
    west, south, east, north = shapely.total_bounds(shapes)
    widest = max(east - west, north - south)
    fitting = math.log2(360 / widest * _WIDTH_PX / _TILE_PX) if widest > 0 else CLOSEST
    zoom = max(layer.zooms[0], min(math.floor(fitting), CLOSEST, layer.zooms[1]))
    return {
        "z": str(zoom),
        "x": f"{(west + east) / 2:.5f}",
        "y": f"{(south + north) / 2:.5f}",
    }
