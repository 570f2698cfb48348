"""The legend of a layer, the same on every kind of map."""

import json
from typing import Any

import pytest
from sqlalchemy import Connection

from gis_service import definitions
from gis_service.publish import maplibre, styles
from gis_service.publish.catalog import Catalog, LegendEntry, Style
from gis_service.publish.map_description import ThemeDescription, description
from gis_service.publish.maps import Maps
from gis_service.settings import Settings

CATALOG = Catalog.load(definitions.folder("layers"))
ALL = Maps.load(definitions.folder("maps"), CATALOG)
THEME = ThemeDescription(
    id="open",
    title="未结",
    title_en=None,
    layer="grid_cells",
    color_by="open_matters",
    unit="件",
    breaks=[0, 1, 5],
    colors=["#ffffff", "#888888", "#000000"],
)


def _style(*entries: LegendEntry) -> Style:
    return Style(symbol="circle", color="#111111", color_by="x", legend=entries)


def _entry(**words: Any) -> LegendEntry:  # noqa: ANN401 - whatever an entry may say
    return LegendEntry(label="x", color="#222222", **words)


@pytest.mark.parametrize(
    ("entry", "value", "speaks"),
    [
        (_entry(value="open"), "open", True),
        (_entry(value="1"), 1, True),
        (_entry(value=1), 1.0, True),
        (_entry(value=True), True, True),
        (_entry(value=True), False, False),
        (_entry(min=5, max=20), 5, True),
        (_entry(min=5, max=20), 20, False),
        (_entry(min=200), 1e9, True),
        (_entry(min=0), None, False),
        (_entry(), "anything", False),
    ],
)
def test_legend_entry_speaks_for_its_values(
    entry: LegendEntry, value: object, *, speaks: bool
) -> None:
    assert (styles.entry_of(_style(entry), value) is entry) == speaks


def test_value_outside_the_legend_has_the_color_of_the_layer() -> None:
    layer = CATALOG["service_centers"]
    options = styles.style_function(layer)({"properties": {"status": "elsewhere"}})
    assert options["fillColor"] == layer.style.color


def test_unfinished_things_are_drawn_hollow() -> None:
    draw = styles.style_function(CATALOG["service_centers"])
    built = draw({"properties": {"status": "open"}})
    planned = draw({"properties": {"status": "planned"}})
    assert (planned["color"], planned["fillColor"]) == (built["fillColor"], "#ffffff")


@pytest.mark.parametrize(
    ("value", "at"), [(0, 0), (1, 1), (4, 1), (5, 2), (900, 2), (None, 3), ("x", 3)]
)
def test_class_of_a_theme_begins_at_its_break(value: object, at: int) -> None:
    assert styles.class_of(THEME, value) == at


def test_place_without_a_number_is_not_taken_for_a_zero() -> None:
    draw = styles.style_function(CATALOG["grid_cells"], THEME)
    zero = draw({"properties": {"open_matters": 0}})
    unknown = draw({"properties": {}})
    assert zero["fillColor"] == "#ffffff"
    assert unknown["fillColor"] == styles.NO_DATA


@pytest.mark.parametrize("layer_id", CATALOG)
def test_folium_has_the_colors_of_the_legend(layer_id: str) -> None:
    layer = CATALOG[layer_id]
    for entry in layer.style.legend:
        look = styles.look(layer, entry)
        assert entry.color in {look["color"], look.get("fillColor")}


def _maplibre(connection: Connection, map_id: str) -> dict[str, Any]:
    described = description(connection, ALL, ALL[map_id], None, Settings())
    return maplibre.style(ALL, described, "http://127.0.0.1:8000")


@pytest.mark.parametrize("map_id", ALL)
def test_maplibre_layers_draw_the_layers_of_the_map(
    connection: Connection, map_id: str
) -> None:
    style = _maplibre(connection, map_id)
    drawn = style["layers"][1:]
    assert {each["source"] for each in drawn} == set(ALL[map_id].layer_ids)
    assert {each["source"] for each in drawn} == set(style["sources"])
    names = [each["id"] for each in style["layers"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("map_id", ALL)
def test_maplibre_has_the_colors_of_every_legend(
    connection: Connection, map_id: str
) -> None:
    style = _maplibre(connection, map_id)
    for layer_id in ALL[map_id].layer_ids:
        own = [each for each in style["layers"] if each.get("source") == layer_id]
        text = json.dumps(own)
        is_shaded = layer_id in {theme.layer for theme in ALL[map_id].themes}
        for entry in () if is_shaded else CATALOG[layer_id].style.legend:
            assert entry.color in text


def test_points_are_drawn_above_areas(connection: Connection) -> None:
    style = _maplibre(connection, "supervisor")
    order = [each["id"] for each in style["layers"]]
    assert order.index("grid_cells-fill") < order.index("roads-line")
    assert order.index("roads-line") < order.index("villages-line")
    assert order.index("villages-line") < order.index("open_matters-circle")
