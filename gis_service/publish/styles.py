"""How a layer looks: which legend entry speaks for a value, and Leaflet's options.

Colors are written once, in ``layers/*.toml`` and, for themes, in ``maps/*.toml``;
``maplibre.py`` makes MapLibre styles of the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gis_service.publish.catalog import Layer, LegendEntry, Style
from gis_service.publish.map_description import ThemeDescription

WHITE = "#ffffff"
NO_DATA = "#e2dfd6"
"""Fill of a place whose number is not known, so that nobody takes it for a zero."""

FINEST_TILE = 16
"""Beyond this zoom a tile is enlarged rather than asked for anew."""

HOLLOW = frozenset({"ring", "frame", "dashed"})
"""Shapes drawn as an outline on white: planned and unfinished things."""


def height(layer: Layer, *, is_shaded: bool) -> int:
    """Return what lies under what: shaded ground, areas, lines, borders, points."""
    if layer.geometry == "Point":
        return 40
    if is_shaded:
        return 0
    if layer.element == "borders":
        return 30
    return 20 if layer.style.symbol == "line" else 10


def is_outlined(layer: Layer) -> bool:
    """Tell whether areas are drawn by their edge alone."""
    return layer.element == "borders" or layer.style.symbol == "line"


def entry_of(style: Style, value: object) -> LegendEntry | None:
    """Return the legend entry that speaks for a value, None if none does."""
    if style.color_by is None:
        return style.legend[0] if style.legend else None
    return next((each for each in style.legend if _covers(each, value)), None)


def _covers(entry: LegendEntry, value: object) -> bool:
    if entry.value is not None:
        return word_of(entry.value) == word_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    is_range = entry.min is not None or entry.max is not None
    above = entry.min is None or value >= entry.min
    below = entry.max is None or value < entry.max
    return is_range and above and below


def word_of(value: object) -> str:
    """Return a value as legends write it and as MapLibre's ``to-string`` does."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def look(layer: Layer, entry: LegendEntry | None) -> dict[str, Any]:
    """Return Leaflet's path options, and the shape, for one entry of a legend."""
    style = layer.style
    color = entry.color if entry else style.color
    if layer.geometry == "Point":
        shape = (entry.shape if entry else None) or style.shape or "circle"
        ink, fill = (color, WHITE) if shape in HOLLOW else (WHITE, color)
        return _path(ink, fill, weight=1.6, shape=shape)
    if style.symbol == "line":
        return _path(color, None, weight=style.width or 1.5, dash=style.dash)
    if is_outlined(layer):
        edge = style.outline or color
        return _path(edge, None, weight=style.width or 1, dash=style.dash)
    edge, weight = style.outline or WHITE, style.width or 0.7
    return _path(edge, color, weight=weight, dash=style.dash)


def shades(theme: ThemeDescription) -> list[dict[str, Any]]:
    """Return Leaflet's path options per class of a theme, the last for no data."""
    return [_path(WHITE, color, weight=0.7) for color in (*theme.colors, NO_DATA)]


def class_of(theme: ThemeDescription, value: object) -> int:
    """Return the number of the class a value falls in, one past the last if none."""
    if isinstance(value, int | float) and value >= theme.breaks[0]:
        return sum(value >= lower for lower in theme.breaks) - 1
    return len(theme.breaks)


def style_function(
    layer: Layer, theme: ThemeDescription | None = None
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a ``style_function`` for ``folium.GeoJson`` with the layer's colors."""

    def options(feature: Mapping[str, Any]) -> dict[str, Any]:
        properties = feature["properties"]
        if theme is not None:
            return shades(theme)[class_of(theme, properties.get(theme.color_by))]
        value = properties.get(layer.style.color_by) if layer.style.color_by else None
        return look(layer, entry_of(layer.style, value))

    return options


def _path(
    color: str,
    fill: str | None,
    *,
    weight: float,
    dash: Sequence[float] | None = None,
    shape: str | None = None,
) -> dict[str, Any]:
    options: dict[str, Any] = {
        "color": color,
        "weight": weight,
        "fill": fill is not None,
    }
    if fill is not None:
        options |= {"fillColor": fill, "fillOpacity": 1}
    if dash:
        options["dashArray"] = " ".join(f"{each:g}" for each in dash)
    return options | ({"shape": shape} if shape else {})
