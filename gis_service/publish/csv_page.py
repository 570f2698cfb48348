"""A page of features as CSV: id, fields, and the geometry as WKT."""

import csv
import io
import json
from collections.abc import Collection, Mapping
from typing import Any

import shapely

from gis_service.publish.catalog import Layer
from gis_service.spreadsheets import disarmed

CSV = "text/csv; charset=utf-8"


def features_csv(
    layer: Layer, answer: Mapping[str, Any], names: Collection[str] | None
) -> bytes:
    """Return the features of an answer as a table that runs nothing.

    Parameters
    ----------
    layer
        Their layer.
    answer
        A feature collection, or one feature.
    names
        The fields asked for; None for all. Private ones are in no file.
    """
    asked = layer.fields if names is None else names
    columns = [name for name in asked if name in layer.drawn_fields]
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(["id", *columns, "wkt"])
    for feature in answer.get("features", [answer]):
        kept = feature["properties"]
        cells = (disarmed(_cell(kept[name])) for name in columns)
        writer.writerow([feature["id"], *cells, _wkt(feature["geometry"])])
    return page.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return "、".join(map(str, value)) if isinstance(value, list) else value


def _wkt(geometry: Mapping[str, Any] | None) -> str:
    if geometry is None:
        return ""
    shape = shapely.from_geojson(json.dumps(geometry))
    return str(shapely.to_wkt(shape, rounding_precision=7))
