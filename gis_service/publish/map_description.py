"""A map described for one reader: what the answer of ``GET /api/maps/{id}`` holds.

It says what may be drawn and how, where to look first, and in which classes a theme
shades its areas; the data itself comes by tiles and items.
"""

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    Connection,
    Select,
    TableClause,
    column,
    func,
    select,
    table,
    union_all,
)

from gis_service import crs
from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Element, Layer
from gis_service.publish.maps import TITLES, Map, Maps, Theme
from gis_service.publish.rows import Rows
from gis_service.settings import Settings

Bounds = tuple[float, float, float, float]

WHOLE_COUNTRY: Bounds = (73.0, 18.0, 135.5, 53.6)
"""What a map shows while the database holds no boundary yet."""

SYNTHETIC = "合成演示数据，非真实记录 (synthetic demonstration data)"

SCREEN_PX = 640
"""Side of the window that the suggested zoom fits the bounds into."""

PLACES_BY_DIGITS: dict[int, TableClause] = {
    digits: table(
        name, column("code"), column("geom"), column("valid_to"), schema=schema
    )
    for digits, schema, name in (
        (6, "divisions", "counties"),
        (9, "divisions", "townships"),
        (12, "divisions", "villages"),
        (15, "grid", "cells"),
    )
}
"""Where the ground of a code is kept, by its digits."""


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


def attribution(settings: Settings) -> str:
    """Return whose data it is, and that it is invented if it is."""
    county = f"{settings.county_name} · 网格一张图"
    return f"{SYNTHETIC} · {county}" if settings.is_demo else county


def extent(connection: Connection, scope: Scope) -> Bounds:
    """Return the box around all branches of a scope, in degrees."""
    found = connection.execute(_extent_of(scope)).one()
    if found[0] is None:
        return WHOLE_COUNTRY
    west, south, east, north = (round(float(each), 6) for each in found)
    return west, south, east, north


def _extent_of(scope: Scope) -> Select[Any]:
    places = union_all(
        *(
            select(place.c.geom).where(
                place.c.code.in_(
                    [code for code in scope.branches if len(code) == digits]
                ),
                place.c.valid_to.is_(None),
            )
            for digits, place in PLACES_BY_DIGITS.items()
        )
    ).subquery("places")
    box = func.ST_Extent(places.c.geom)
    sides = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    return select(*(side(box) for side in sides))


def zoom_to_fit(bounds: Bounds) -> float:
    """Return the zoom (of 256 px tiles) at which the bounds fill a small window."""
    project = crs.transformer(crs.GPS, crs.WEB).transform
    (left, right), (low, high) = project(bounds[::2], bounds[1::2])
    side = max(right - left, high - low, 1.0)
    zoom = math.log2(2 * crs.EARTH_HALF_M / 256 * SCREEN_PX / side)
    return round(min(max(zoom, 3.0), 18.0), 2)


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
