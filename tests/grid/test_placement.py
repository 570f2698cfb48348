"""Which cell a place lies in, also where it is not plain to see."""

import numpy as np
import pytest
import shapely
from shapely import box
from sqlalchemy import Connection

from gis_service.grid.areas import NOWHERE, Areas
from gis_service.grid.attachment import Cells
from tests import village
from tests.village import CELLS, COUNTY, EAST, FAR, FIRST_CELL, NORTH, WEST


@pytest.fixture
def cells(connection: Connection) -> Cells:
    return Cells.load(connection)


@pytest.mark.parametrize(
    ("x_m", "y_m", "code"),
    [
        (500, 500, FIRST_CELL),
        (1500, 1500, f"{EAST}004"),
        (5000, 2000, f"{FAR}001"),
        (3500, 500, WEST),
        (1000, 3000, NORTH),
        (-4990, 2000, COUNTY),
        (-5200, 2000, ""),
    ],
)
def test_place_gets_the_longest_code_known(
    cells: Cells, x_m: float, y_m: float, code: str
) -> None:
    lon, lat = village.place(x_m, y_m)
    assert cells.codes_at([lon], [lat]).tolist() == [code]


def test_place_on_a_shared_corner_gets_the_smallest_code(cells: Cells) -> None:
    corner = shapely.get_coordinates(cells.levels[0].shapes[0])[1]
    sharing = shapely.intersects_xy(cells.levels[0].shapes, *corner)
    assert sharing.sum() == 4
    assert cells.codes_at(*corner.reshape(2, 1)).tolist() == [FIRST_CELL]


def test_every_vertex_of_the_grid_gets_the_smallest_code_that_has_it(
    cells: Cells,
) -> None:
    areas = cells.levels[0]
    places = shapely.get_coordinates(areas.shapes)
    expected = [
        min(areas.codes[shapely.intersects_xy(areas.shapes, *place)])
        for place in places
    ]
    assert cells.codes_at(places[:, 0], places[:, 1]).tolist() == expected


def test_point_in_the_middle_of_a_shared_edge_gets_the_smallest_code() -> None:
    areas = Areas.of(
        ["b", "a", "c"], [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 2, 2)]
    )
    found = areas.at(np.array([1.0, 0.5, 1.5, 1.0]), np.array([0.5, 1.0, 1.0, 1.0]))
    assert areas.codes[found].tolist() == ["a", "b", "a", "a"]


def test_many_places_agree_with_asking_one_by_one() -> None:
    rng = np.random.default_rng(5)
    edges = np.linspace(0, 1, 12)
    shapes = [
        box(west, south, west + edges[1], south + edges[1])
        for west in edges[:-1]
        for south in edges[:-1]
    ]
    areas = Areas.of([f"{n:03}" for n in range(len(shapes))], shapes)
    lon, lat = rng.uniform(-0.1, 1.1, (2, 3000))
    found = areas.at(lon, lat)
    for x, y, position in zip(lon, lat, found, strict=True):
        hit = np.flatnonzero(shapely.intersects_xy(areas.shapes, x, y))
        assert position == (hit.min() if len(hit) else NOWHERE)


def test_no_place_and_no_number_get_no_code(cells: Cells) -> None:
    wrong = [float("nan"), float("inf"), 0.0, 1e300]
    assert cells.codes_at(wrong, [27.7] * 4).tolist() == [""] * 4
    assert cells.codes_at([], []).tolist() == []
    empty = [None, shapely.Point(), shapely.Polygon()]
    assert cells.codes_of(empty).tolist() == [""] * 3


def test_area_is_placed_by_a_point_inside_it(cells: Cells) -> None:
    shapes = [village.stored(box(*bounds)) for bounds in CELLS.values()]
    assert cells.codes_of(shapes).tolist() == list(CELLS)


def test_county_without_cells_falls_back_to_its_divisions(cells: Cells) -> None:
    bare = Cells.of(Areas.of([], []), *cells.levels[1:])
    lon, lat = village.place(500, 500)
    assert bare.codes_at([lon], [lat]).tolist() == [EAST]
