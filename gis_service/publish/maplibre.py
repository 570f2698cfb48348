"""A map as a MapLibre style: the same layers, order and colors as everywhere else."""

from collections.abc import Sequence
from typing import Any

from gis_service.publish.catalog import Layer, LegendEntry, Style
from gis_service.publish.map_description import (
    LayerDescription,
    MapDescription,
    ThemeDescription,
)
from gis_service.publish.maps import Maps
from gis_service.publish.styles import (
    FINEST_TILE,
    HOLLOW,
    NO_DATA,
    WHITE,
    height,
    is_outlined,
    word_of,
)

PAPER = "#f6f4ee"

INK = "#1c2430"

GREAT_NAMES_ZOOM = 10
"""Names shown from this zoom or before are drawn larger."""

Expression = list[Any] | str | float


def style(maps: Maps, described: MapDescription, origin: str) -> dict[str, Any]:
    """Return a map as a MapLibre style document.

    Parameters
    ----------
    maps
        All maps, for the catalogue they draw from.
    described
        The map described for the reader: only what it lists is drawn.
    origin
        Scheme and host before every path, without a slash at the end.
    """
    themes = {theme.layer: theme for theme in reversed(described.themes)}
    layers = [
        (_as_described(maps.catalog[each.id], each), each.visible, each.tiles)
        for group in described.groups
        for each in group.layers
    ]
    ranked = sorted(
        layers, key=lambda row: height(row[0], is_shaded=row[0].id in themes)
    )
    drawn = [
        part | {"layout": part.get("layout", {}) | _visibility(is_on=is_on)}
        for layer, is_on, _ in ranked
        for part in (*_parts(layer, themes.get(layer.id)), *_labels(layer))
    ]
    return {
        "version": 8,
        "name": described.title,
        "metadata": {"gis-grid:about": described.about},
        "center": list(described.center),
        # Its tiles are 512 px wide, so that its zooms are one less.
        "zoom": max(described.zoom - 1, 0),
        "sources": {
            layer.id: {
                "type": "vector",
                "tiles": [f"{origin}{tiles}"],
                "minzoom": layer.zooms[0],
                "maxzoom": max(layer.zooms[0], min(layer.zooms[1], FINEST_TILE)),
                "bounds": list(described.bounds),
                "attribution": described.attribution,
            }
            for layer, _, tiles in layers
        },
        "layers": [
            {"id": "paper", "type": "background", "paint": {"background-color": PAPER}},
            *drawn,
        ],
    }


def _as_described(layer: Layer, described: LayerDescription) -> Layer:
    return layer.model_copy(update={"zooms": described.zooms})


def _visibility(*, is_on: bool) -> dict[str, str]:
    return {"visibility": "visible" if is_on else "none"}


def _parts(layer: Layer, theme: ThemeDescription | None) -> list[dict[str, Any]]:
    """Return the MapLibre layers that draw one of ours, the lowest first."""
    if theme is not None:
        color = _steps(theme)
        fill = {"fill-color": color, "fill-outline-color": WHITE}
        return [_part(layer, "fill", "Polygon", fill)]
    color = _color(layer.style)
    if layer.geometry == "Point":
        parts = [_part(layer, "circle", "Point", _circle(layer.style, color))]
    else:
        parts = _area_parts(layer, color)
    if layer.geometry == "Geometry":
        parts.append(_part(layer, "circle", "Point", _circle(layer.style, color)))
    return parts


def _labels(layer: Layer) -> list[dict[str, Any]]:
    """Return the layer of names, drawn with fonts the client has itself."""
    style = layer.style
    if style.text not in layer.drawn_fields:
        return []
    is_line = layer.geometry in {"MultiLineString", "Geometry"}
    part = _part(
        layer,
        "symbol",
        None,
        {"text-color": INK, "text-halo-color": WHITE, "text-halo-width": 1.5},
    )
    part["minzoom"] = max(layer.zooms[0], style.text_zoom or 14)
    part["layout"] = {
        "text-field": ["to-string", ["get", style.text]],
        "text-size": 14 if part["minzoom"] <= GREAT_NAMES_ZOOM else 12,
        "symbol-placement": "line" if is_line else "point",
        "text-offset": [0, 1.1] if layer.geometry == "Point" else [0, 0],
    }
    return [part]


def _area_parts(layer: Layer, color: Expression) -> list[dict[str, Any]]:
    style = layer.style
    width = style.width or 1.0
    edge = style.outline or (color if is_outlined(layer) else WHITE)
    line = {"line-color": edge, "line-width": width}
    if style.dash:
        # MapLibre counts dashes in widths of the line, we in pixels.
        line["line-dasharray"] = [round(each / width, 3) for each in style.dash]
    parts = []
    if not is_outlined(layer):
        parts.append(_part(layer, "fill", "Polygon", {"fill-color": color}))
    if style.symbol == "line" and style.outline:
        casing = {"line-color": style.outline, "line-width": width + 1.6}
        parts.append(_part(layer, "line", "LineString", casing, suffix="-casing"))
        line["line-color"] = color
    parts.append(_part(layer, "line", None, line))
    return parts


def _part(
    layer: Layer,
    kind: str,
    geometry: str | None,
    paint: dict[str, Any],
    suffix: str = "",
) -> dict[str, Any]:
    part: dict[str, Any] = {
        "id": f"{layer.id}-{kind}{suffix}",
        "type": kind,
        "source": layer.id,
        "source-layer": layer.id,
        "minzoom": layer.zooms[0],
        "metadata": {"gis-grid:title": layer.title},
        "paint": paint,
    }
    if layer.zooms[1] < FINEST_TILE:
        part["maxzoom"] = layer.zooms[1] + 1
    if geometry is not None and layer.geometry == "Geometry":
        part["filter"] = ["==", ["geometry-type"], geometry]
    return part


def _circle(style: Style, color: Expression) -> dict[str, Any]:
    is_hollow = style.shape in HOLLOW
    fill = WHITE if is_hollow else color
    edge = color if is_hollow else WHITE
    hollow = [each for each in style.legend if each.shape in HOLLOW]
    if hollow and style.color_by:
        # Hollow entries swap the two colors.
        fill = ["case", _any_of(style.color_by, hollow), WHITE, color]
        edge = ["case", _any_of(style.color_by, hollow), color, WHITE]
    return {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 3, 14, 5, 17, 8],
        "circle-color": fill,
        "circle-stroke-color": edge,
        "circle-stroke-width": 1.5,
    }


def _any_of(field: str, entries: Sequence[LegendEntry]) -> Expression:
    return ["any", *(_condition(field, each) for each in entries)]


def _color(style: Style) -> Expression:
    if not style.color_by or not style.legend:
        return style.legend[0].color if style.legend else style.color
    cases = [
        part
        for each in style.legend
        for part in (_condition(style.color_by, each), each.color)
    ]
    return ["case", *cases, style.color]


def _condition(field: str, entry: LegendEntry) -> Expression:
    if entry.value is not None:
        return ["==", ["to-string", ["get", field]], word_of(entry.value)]
    number = ["to-number", ["get", field], -1]
    above = [[">=", number, entry.min]] if entry.min is not None else []
    below = [["<", number, entry.max]] if entry.max is not None else []
    return ["all", ["has", field], *above, *below]


def _steps(theme: ThemeDescription) -> Expression:
    classes = [
        part for pair in zip(theme.breaks, theme.colors, strict=True) for part in pair
    ]
    below = theme.breaks[0] - 1
    return ["step", ["to-number", ["get", theme.color_by], below], NO_DATA, *classes]
