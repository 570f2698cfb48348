"""A map described for one reader: what the answer of ``GET /api/maps/{id}`` holds.

It says what may be drawn and how, where to look first, and in which classes a theme
shades its areas; the data itself comes by tiles and items.
"""

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Element, Layer
from gis_service.publish.labelling import attribution
from gis_service.publish.map_extents import Bounds, extent, zoom_to_fit
from gis_service.publish.maps import TITLES, Map, Maps, Theme
from gis_service.publish.rows import Rows
from gis_service.settings import Settings


class LayerDescription(BaseModel):
    """A layer of the map, with where to fetch it and how to draw it."""

    id: str
    title: str
    title_en: str | None
    about: str
    geometry: str
    zooms: tuple[int, int]
    visible: bool
    tiles: str
    items: str
    fields: dict[str, dict[str, Any]]
    style: dict[str, Any]


class GroupDescription(BaseModel):
    """One of 人地物事 or the borders."""

    element: Element
    title: str
    layers: list[LayerDescription]


class ThemeDescription(BaseModel):
    """A theme with its classes worked out."""

    id: str
    title: str
    title_en: str | None
    layer: str
    color_by: str
    unit: str
    breaks: list[float]
    colors: list[str]


class MapDescription(BaseModel):
    """A map ready to draw."""

    id: str
    title: str
    title_en: str | None
    about: str
    center: tuple[float, float]
    zoom: float
    bounds: Bounds
    tools: list[str]
    themes: list[ThemeDescription]
    groups: list[GroupDescription]
    attribution: str
    is_synthetic: bool


def description(
    connection: Connection,
    maps: Maps,
    shown: Map,
    reader: Reader | None,
    settings: Settings,
) -> MapDescription:
    """Describe a map for a reader; None is the owner, who sees the whole county."""
    scope = Scope((settings.county_code,)) if reader is None else reader.scope
    if shown.opening == "county" or not scope.branches:
        opening = Scope((settings.county_code,))
    else:
        opening = scope
    bounds = extent(connection, opening)
    groups = maps.layers_of(shown, reader)
    seen = {layer.id: layer for layers in groups.values() for layer in layers}
    return MapDescription(
        **shown.model_dump(include={"id", "title", "title_en", "about", "tools"}),
        center=((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2),
        zoom=zoom_to_fit(bounds),
        bounds=bounds,
        themes=[
            _theme(connection, theme, seen[theme.layer])
            for theme in shown.themes
            if theme.layer in seen
        ],
        groups=[
            GroupDescription(
                element=element,
                title=TITLES[element],
                layers=[
                    _layer(each, is_on=each.id not in shown.off_at_start)
                    for each in layers
                ],
            )
            for element, layers in groups.items()
        ],
        attribution=attribution(settings),
        is_synthetic=settings.is_demo,
    )


def _layer(layer: Layer, *, is_on: bool) -> LayerDescription:
    place = f"/api/ogc/collections/{layer.id}"
    return LayerDescription(
        id=layer.id,
        title=layer.title,
        title_en=layer.title_en,
        about=layer.about,
        geometry=layer.geometry,
        zooms=layer.zooms,
        visible=is_on,
        tiles=f"{place}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}",
        items=f"{place}/items",
        fields={
            # Private fields too: items carry them to whoever may open the layer.
            name: field.model_dump(mode="json", exclude_none=True)
            for name, field in layer.fields.items()
        },
        style=layer.style.model_dump(mode="json", exclude_none=True),
    )


def _theme(connection: Connection, theme: Theme, layer: Layer) -> ThemeDescription:
    breaks = theme.breaks or _equal_classes(connection, theme, layer)
    return ThemeDescription(
        **theme.model_dump(exclude={"breaks", "colors"}),
        breaks=list(breaks),
        colors=list(theme.colors),
    )


def _equal_classes(
    connection: Connection, theme: Theme, layer: Layer
) -> tuple[float, ...]:
    """Return classes that hold about as many places each, over the whole county.

    Readers who compare their maps see the same color for the same number.
    """
    rows = Rows(layer)
    parts = [number / len(theme.colors) for number in range(1, len(theme.colors))]
    value = func.percentile_cont(parts).within_group(rows[theme.color_by])
    found = connection.execute(select(value).select_from(rows.table)).scalar_one()
    return nice_breaks(found or [0.0] * len(parts))


def nice_breaks(quantiles: Sequence[float]) -> tuple[float, ...]:
    """Return rising class limits from zero, rounded to figures people read at ease."""
    breaks = [0.0]
    for quantile in quantiles:
        step = 10 ** max(0, math.floor(math.log10(max(quantile, 1))) - 1)
        breaks.append(max(round(quantile / step) * step, breaks[-1] + step))
    return tuple(breaks)
