"""What a folium page carries: the features of a map's layers, ready to be read.

Everything that decides is decided here: which class a feature has, what a code means,
how a time is written. The page only draws.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from gis_service.publish import styles
from gis_service.publish.catalog import Layer, LayerField
from gis_service.publish.labelling import SYNTHETIC
from gis_service.publish.map_description import (
    GroupDescription,
    MapDescription,
    ThemeDescription,
)

LOCAL_TIME = ZoneInfo("Asia/Shanghai")

PRECISION_DEG = 1e-6
"""A tenth of a metre: finer than the eye, and half the size of the file."""

DEFAULT_TEXT_ZOOM = 14

LABEL_SIZES = {10: "great", 12: "middle", 99: "small"}
"""Size of a layer's labels by the zoom they appear at, at most: great names first."""

ELEMENT_COLORS = {
    "people": "#3371c2",
    "land": "#364a1e",
    "objects": "#770d54",
    "matters": "#cc720b",
    "borders": "#1c2430",
}

LINE = shapely.LineString([(0, 0), (1, 1)])

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A layer of the page with its features."""

    layer: Layer
    features: GeoDataFrame
    is_left_out: bool = False
    """Whether there are more features than a page carries: then it has none."""


def page_data(described: MapDescription, parts: Mapping[str, Part]) -> str:
    """Return the content of a page as JSON.

    Parameters
    ----------
    described
        The map as described for the reader.
    parts
        Its layers with their features, by id; those left out are not in the page.
    """
    themes = [each for each in described.themes if each.layer in parts]
    shaded = {theme.layer for theme in themes}
    content = {
        "title": described.title,
        "about": described.about,
        "synthetic": SYNTHETIC if described.is_synthetic else None,
        "bounds": described.bounds,
        "attribution": described.attribution,
        "made": f"{datetime.now(LOCAL_TIME):%Y年%m月%d日}制作",
        "groups": [_group(group, parts, shaded) for group in described.groups],
        "themes": [_theme(each, parts[each.layer].features) for each in themes],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _group(
    group: GroupDescription, parts: Mapping[str, Part], shaded: set[str]
) -> Json:
    layers = [
        {"on": each.visible} | _layer(parts[each.id], is_shaded=each.id in shaded)
        for each in group.layers
        if each.id in parts
    ]
    color = ELEMENT_COLORS[group.element]
    return {"title": group.title, "color": color, "layers": layers}


def _layer(part: Part, *, is_shaded: bool) -> Json:
    layer, features = part.layer, part.features
    style = layer.style
    names = list(layer.drawn_fields)
    drawn = _features(layer, features, names)
    used = {look for _, look, _ in drawn}
    from_zoom, to_zoom = layer.zooms
    return {
        "id": layer.id,
        "title": layer.title,
        "about": layer.about,
        "kind": _kind(layer),
        "rank": styles.height(layer, is_shaded=is_shaded),
        # A layer is drawn from half a zoom before its own, and to the end if it
        # reaches the finest tiles.
        "zooms": [
            from_zoom - 0.5,
            99 if to_zoom > styles.FINEST_TILE else to_zoom + 0.5,
        ],
        "looks": [styles.look(layer, entry) for entry in (*style.legend, None)],
        "keys": [
            [at, entry.label] for at, entry in enumerate(style.legend) if at in used
        ],
        "fields": [
            {"title": layer.fields[name].title, "unit": layer.fields[name].unit}
            for name in names
        ],
        "name_at": _name_at(layer, names),
        "text_zoom": style.text_zoom or DEFAULT_TEXT_ZOOM,
        "size": _label_size(style.text_zoom),
        "texts": _texts(layer, features),
        "count": "" if part.is_left_out else f"{len(features):,}",
        "note": "条数太多，未放入本页" if part.is_left_out else None,
        "features": drawn,
    }


def _kind(layer: Layer) -> str:
    if layer.geometry == "Point":
        return "point"
    is_line = layer.geometry in {"MultiLineString", "Geometry"}
    return "line" if is_line else "area"


def _label_size(text_zoom: int | None) -> str:
    zoom = text_zoom or DEFAULT_TEXT_ZOOM
    return next(size for most, size in LABEL_SIZES.items() if zoom <= most)


def _name_at(layer: Layer, names: list[str]) -> int | None:
    text = layer.style.text
    if text in names and layer.fields[text].type == "text":
        return names.index(text)
    ending = [at for at, name in enumerate(names) if name.endswith("name")]
    return ending[0] if ending else None


def _features(layer: Layer, features: GeoDataFrame, names: list[str]) -> list[Any]:
    snapped = shapely.set_precision(
        features.geometry.to_numpy(), PRECISION_DEG, mode="pointwise"
    )
    shapes = map(json.loads, shapely.to_geojson(snapped))
    columns = [_words(layer.fields[name], features[name]) for name in names]
    rows = zip(*columns, strict=True) if columns else ([] for _ in range(len(features)))
    return [
        [shape, look, list(row)]
        for shape, look, row in zip(shapes, _looks(layer, features), rows, strict=True)
    ]


def _looks(layer: Layer, features: GeoDataFrame) -> list[int]:
    style = layer.style
    entries = {id(entry): at for at, entry in enumerate(style.legend)}
    values = features[style.color_by] if style.color_by else [None] * len(features)
    found = (styles.entry_of(style, value) for value in values)
    return [len(entries) if entry is None else entries[id(entry)] for entry in found]


def _words(field: LayerField, values: "pd.Series[Any]") -> list[str | None]:
    return [None if _is_missing(value) else word(field, value) for value in values]


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value  # noqa: PLR0124 - NaN


def word(field: LayerField, value: Any) -> str:  # noqa: ANN401 - a value of any field
    """Return a value as people read it."""
    if field.labels:
        parts = value if isinstance(value, list | np.ndarray) else [value]
        words = [styles.word_of(part) for part in parts]
        return "、".join(field.labels.get(each, each) for each in words)
    return WORDS[field.type](value)


def _moment(value: Any) -> str:  # noqa: ANN401 - what pandas takes for a time
    return f"{pd.Timestamp(value).tz_convert(LOCAL_TIME):%Y-%m-%d %H:%M}"


WORDS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "integer": lambda value: f"{int(value):,}",
    "number": lambda value: f"{float(value):,.2f}".rstrip("0").rstrip("."),
    "boolean": lambda value: "是" if value else "否",
    "time": _moment,
    "date": lambda value: f"{pd.Timestamp(value):%Y-%m-%d}",
    "list": lambda value: "、".join(map(str, value)),
}
"""How a value of each type of field is written for people."""


def _texts(layer: Layer, features: GeoDataFrame) -> list[Any] | None:
    text = layer.style.text
    if text is None or text not in layer.drawn_fields:
        return None
    points = _label_points(features.geometry.to_numpy())
    places = zip(shapely.get_x(points), shapely.get_y(points), strict=True)
    words = _words(layer.fields[text], features[text])
    return [
        [round(float(x), 6), round(float(y), 6), said]
        for (x, y), said in zip(places, words, strict=True)
        if said
    ]


def _label_points(shapes: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return where names stand: the middle of a line, a point inside of an area."""
    # An area stands in for a line here only so that every row has a value.
    lines = np.where(shapely.get_dimensions(shapes) == 1, shapes, LINE)
    longest = shapely.line_merge(lines)
    is_line = shapely.get_type_id(longest) == shapely.GeometryType.LINESTRING
    middle = shapely.line_interpolate_point(
        np.where(is_line, longest, LINE), 0.5, normalized=True
    )
    is_named_midway = is_line & (shapely.get_dimensions(shapes) == 1)
    points = np.where(is_named_midway, middle, shapely.point_on_surface(shapes))
    return np.asarray(points)


def _theme(theme: ThemeDescription, features: GeoDataFrame) -> Json:
    values = [
        None if _is_missing(value) else float(value)
        for value in features[theme.color_by]
    ]
    return {
        "id": theme.id,
        "title": theme.title,
        "unit": theme.unit,
        "layer": theme.layer,
        "looks": styles.shades(theme),
        "labels": class_labels(theme.breaks),
        "classes": [styles.class_of(theme, value) for value in values],
        "values": values,
    }


def class_labels(breaks: list[float]) -> list[str]:
    """Return words for classes that never overlap: 0, 1, 2, 3–4, ≥5."""
    is_whole = all(float(each).is_integer() for each in breaks)
    labels = []
    for lower, upper in pairwise(breaks):
        if not is_whole:
            labels.append(f"{lower:g}–<{upper:g}")
        elif upper - 1 == lower:
            labels.append(f"{lower:,.0f}")
        else:
            labels.append(f"{lower:,.0f}–{upper - 1:,.0f}")
    last = f"{breaks[-1]:,.0f}" if is_whole else f"{breaks[-1]:g}"
    return [*labels, f"≥{last}"]
