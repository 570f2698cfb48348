"""Which maps there are, what they show to whom, and where they open."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.roles import MAPS
from gis_service.access.scope import Scope
from gis_service.errors import DefinitionError, NotFoundError
from gis_service.publish.catalog import Catalog
from gis_service.publish.map_description import description, nice_breaks
from gis_service.publish.map_extents import WHOLE_COUNTRY, extent
from gis_service.publish.maps import Maps
from gis_service.settings import Settings
from tests import village

CATALOG = Catalog.load(definitions.folder("layers"))
ALL = Maps.load(definitions.folder("maps"), CATALOG)
OFFICER = Reader(
    1, "officer", "曾网格员", "officer", Scope((village.FIRST_CELL,)), None
)
SMALLEST = 'title = "图"\nabout = "试"\n[layers]\nborders = ["villages"]\n'
THEME = """
[[themes]]
id = "counts"
title = "人口"
layer = "grid_cells"
color_by = "residents"
unit = "人"
"""


def _read(folder: Path, text: str) -> Maps:
    (folder / "trial.toml").write_text(text, encoding="utf-8")
    return Maps.load(folder, CATALOG)


@pytest.mark.parametrize("map_id", ALL)
def test_layers_stand_under_the_element_they_belong_to(map_id: str) -> None:
    for element, layers in ALL[map_id].layers.items():
        assert {CATALOG[each].element for each in layers} == {element}


@pytest.mark.parametrize("role", MAPS)
def test_every_map_a_role_may_open_is_there(role: str) -> None:
    reader = Reader(1, "x", "x", role, Scope(()), None)
    assert [each.id for each in ALL.open_to(reader)] == list(MAPS[role])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SMALLEST.replace('"villages"', '"moons"'), "moons"),
        (f"off_at_start = ['parcels']\n{SMALLEST}", "parcels"),
        (f"colour = 'red'\n{SMALLEST}", "colour"),
        (f"{SMALLEST}{THEME}colors = ['#ffffff', '#000000']", "residents"),
        ("title = ", "trial.toml"),
    ],
)
def test_map_that_names_what_is_not_there_stops_the_start(
    tmp_path: Path, wrong: str, said: str
) -> None:
    with pytest.raises(DefinitionError, match=said):
        _read(tmp_path, wrong)


@pytest.mark.parametrize(
    "classes",
    [
        "breaks = [0, 5]\ncolors = ['#ffffff', '#cccccc', '#000000']",
        "breaks = [5, 0]\ncolors = ['#ffffff', '#000000']",
        "colors = ['red', 'blue']",
        "colors = ['#ffffff']",
    ],
)
def test_theme_whose_classes_and_colors_disagree_is_refused(
    tmp_path: Path, classes: str
) -> None:
    text = SMALLEST.replace("villages", "grid_cells") + THEME + classes
    with pytest.raises(DefinitionError):
        _read(tmp_path, text)


@pytest.mark.parametrize("map_id", ["officer", "supervisor", "moon", "../county"])
def test_visitor_is_not_told_of_maps_that_are_not_public(map_id: str) -> None:
    with pytest.raises(NotFoundError):
        ALL.opened_by(VISITOR, map_id)


def test_visitor_sees_public_layers_only() -> None:
    groups = ALL.layers_of(ALL["officer"], VISITOR)
    audiences = {layer.audience for layers in groups.values() for layer in layers}
    assert audiences == {"public"}
    assert "matters" not in groups


@pytest.mark.parametrize(
    ("branch", "box_m"),
    [
        (village.FIRST_CELL, (0, 0, 1000, 1000)),
        (village.WEST, (2000, 0, 4000, 2000)),
        (village.COUNTY, (0, 0, 6000, 4000)),
    ],
)
def test_map_opens_on_the_whole_territory_of_the_reader(
    connection: Connection, branch: str, box_m: tuple[int, int, int, int]
) -> None:
    reader = Reader(1, "x", "x", "supervisor", Scope((branch,)), None)
    found = description(connection, ALL, ALL["supervisor"], reader, Settings())
    west, south = village.place(*box_m[:2])
    east, north = village.place(*box_m[2:])
    # Sides straight in metres are a few metres off straight in degrees.
    assert found.bounds == pytest.approx((west, south, east, north), abs=5e-4)
    assert found.bounds[0] < found.center[0] < found.bounds[2]


def test_public_map_opens_on_the_county_for_everybody(connection: Connection) -> None:
    by_visitor = description(connection, ALL, ALL["county"], VISITOR, Settings())
    by_officer = description(connection, ALL, ALL["county"], OFFICER, Settings())
    assert by_visitor.bounds == by_officer.bounds


def test_county_is_as_large_as_the_townships_that_are_there(
    connection: Connection,
) -> None:
    county = Scope((village.COUNTY,))
    connection.execute(text("DELETE FROM divisions.townships WHERE name = '乙镇'"))
    assert extent(connection, county)[2] < village.place(4100, 0)[0]
    connection.execute(text("DELETE FROM divisions.townships"))
    assert extent(connection, county)[2] > village.place(5900, 0)[0]


def test_map_of_an_empty_county_still_opens(empty_connection: Connection) -> None:
    found = description(empty_connection, ALL, ALL["planner"], None, Settings())
    assert found.bounds == WHOLE_COUNTRY
    assert found.themes[0].breaks == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("map_id", ALL)
def test_description_says_which_fields_no_tile_holds(
    connection: Connection, map_id: str
) -> None:
    found = description(connection, ALL, ALL[map_id], None, Settings())
    for group in found.groups:
        for layer in group.layers:
            in_tiles = {
                name for name, each in layer.fields.items() if not each["private"]
            }
            assert in_tiles == set(CATALOG[layer.id].drawn_fields)


def test_demonstration_says_that_it_is_synthetic(connection: Connection) -> None:
    demo = description(connection, ALL, ALL["county"], VISITOR, Settings())
    real = Settings(is_demo=False)
    working = description(connection, ALL, ALL["county"], VISITOR, real)
    assert demo.attribution.startswith("合成演示数据")
    assert "合成" not in working.attribution


def test_theme_of_a_layer_the_reader_may_not_see_is_left_out(
    connection: Connection, tmp_path: Path
) -> None:
    theme = THEME.replace("grid_cells", "parcels").replace("residents", "area_mu")
    text = f'title = "图"\nabout = "试"\n[layers]\nland = ["parcels"]\n{theme}'
    maps = _read(tmp_path, f"{text}colors = ['#ffffff', '#000000']")
    found = description(connection, maps, maps["trial"], VISITOR, Settings())
    assert found.themes == []
    assert found.groups == []


@pytest.mark.parametrize(
    ("quantiles", "breaks"),
    [
        ((0, 0, 0, 0), (0, 1, 2, 3, 4)),
        ((118, 236, 371, 590), (0, 120, 240, 370, 590)),
        ((3, 3, 8, 15), (0, 3, 4, 8, 15)),
        ((1234, 2345, 3456, 4567), (0, 1200, 2300, 3500, 4600)),
    ],
)
def test_classes_rise_in_figures_people_read_at_ease(
    quantiles: tuple[float, ...], breaks: tuple[float, ...]
) -> None:
    assert nice_breaks(quantiles) == breaks


async def test_service_lists_and_describes_maps(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/api/maps")).json()
    assert [each["id"] for each in listed] == ["county"]
    shown = (await client.get("/api/maps/county")).json()
    assert shown["groups"][0]["layers"][0]["tiles"].endswith("/{z}/{y}/{x}")
    refused = await client.get("/api/maps/officer")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_service_gives_a_style_and_a_page(client: httpx.AsyncClient) -> None:
    style = (await client.get("/api/ogc/styles/county")).json()
    assert style["version"] == 8
    assert style["sources"]["villages"]["tiles"][0].startswith("http://grid.test/api")
    page = await client.get("/maps/county.html")
    assert page.headers["content-type"].startswith("text/html")
    assert (await client.get("/maps/planner.html")).status_code == 404
