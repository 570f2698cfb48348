"""Coverages stay without gaps when drawn coarser, and their faults are found."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.grid import coverage
from tests.village import CELLS, EAST, FIRST_CELL, Box

BANDS = ", ".join(coverage.BANDS)


def _bands(connection: Connection) -> dict[str, tuple[str, ...]]:
    query = f"SELECT code, {BANDS} FROM grid.cells WHERE valid_to IS NULL"  # noqa: S608
    return {row[0]: tuple(row[1:]) for row in connection.execute(text(query))}


def _drawn(shape: BaseGeometry) -> BaseGeometry:
    """Place a shape whose unit is a hundred-thousandth of a degree, about a metre."""
    return shapely.transform(shape, lambda at: at * 1e-5 + (111.0, 27.0))


def _frame(**areas: Box) -> geopandas.GeoDataFrame:
    shapes = [_drawn(box(*bounds)) for bounds in areas.values()]
    return geopandas.GeoDataFrame(
        {"code": list(areas)}, geometry=shapes, crs=crs.STORED
    )


def _wobbly(rng: np.random.Generator, edge: shapely.LineString) -> np.ndarray:
    places = shapely.get_coordinates(shapely.segmentize(edge, 20))
    places[1:-1] += rng.uniform(-6, 6, (len(places) - 2, 2))
    return places


def test_simplified_neighbours_still_share_every_edge() -> None:
    rng = np.random.default_rng(7)
    middle = _wobbly(rng, shapely.LineString([(1000, 0), (1000, 1000)]))
    left = shapely.Polygon([(0, 0), *middle, (0, 1000)])
    right = shapely.Polygon([*middle, (2000, 1000), (2000, 0)])
    thin = coverage.simplified(np.array([left, right]), 153)
    assert shapely.coverage_is_valid(thin)
    assert shapely.get_num_coordinates(thin).sum() < 20
    assert set(shapely.get_type_id(thin)) == {shapely.GeometryType.MULTIPOLYGON}


def test_overlapping_areas_are_drawn_all_the_same() -> None:
    areas = np.array([box(0, 0, 10, 10), box(5, 0, 15, 10)])
    assert shapely.is_valid(coverage.simplified(areas, 100)).all()


def test_renewing_a_few_gives_what_renewing_all_gives(connection: Connection) -> None:
    coverage.renew_bands(connection, "grid.cells")
    whole = _bands(connection)
    connection.execute(text("UPDATE grid.cells SET geom_web_z10 = NULL"))
    written = coverage.renew_bands(connection, "grid.cells", [FIRST_CELL])
    again = _bands(connection)
    assert written == 4
    assert all(again[f"{EAST}00{n}"] == whole[f"{EAST}00{n}"] for n in range(1, 5))


def test_every_table_of_areas_gets_its_bands(connection: Connection) -> None:
    for table in coverage.TABLES:
        assert coverage.renew_bands(connection, table) > 0
    query = "SELECT count(*) FROM divisions.villages WHERE geom_web_z12 IS NULL"
    assert connection.execute(text(query)).scalar_one() == 0


def test_table_that_is_no_coverage_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match=r"people\.residents"):
        coverage.renew_bands(connection, "people.residents")


def test_sound_cells_have_no_fault() -> None:
    cells = _frame(**{code: CELLS[code] for code in CELLS if code.startswith(EAST)})
    parents = _frame(**{EAST: (0, 0, 2000, 2000)})
    assert coverage.check(cells) == []
    assert coverage.check(cells, parents) == []


def test_overlap_names_both_codes_and_its_area() -> None:
    cells = _frame(a=(0, 0, 1000, 1000), b=(990, 0, 2000, 1000))
    (fault,) = coverage.check(cells)
    assert (fault.kind, fault.codes) == ("overlap", ("a", "b"))
    assert fault.area_m2 == pytest.approx(10_900, rel=0.02)


def test_hole_between_cells_is_a_gap_with_those_around_it() -> None:
    cells = _frame(
        a=(0, 0, 300, 100),
        b=(0, 100, 100, 200),
        c=(200, 100, 300, 200),
        d=(0, 200, 300, 300),
    )
    (fault,) = coverage.check(cells)
    assert (fault.kind, fault.codes) == ("gap", ("a", "b", "c", "d"))
    assert fault.area_m2 == pytest.approx(10_900, rel=0.02)


def test_parent_shows_what_is_missing_and_what_lies_outside() -> None:
    parents = _frame(**{EAST: (0, 0, 2000, 1000)})
    cells = _frame(
        **{f"{EAST}001": (0, 0, 1000, 1000), f"{EAST}002": (1000, 0, 1900, 1100)}
    )
    kinds = {fault.kind: fault for fault in coverage.check(cells, parents)}
    assert kinds.keys() == {"gap", "outside_parent"}
    assert kinds["gap"].area_m2 == pytest.approx(109_000, rel=0.02)
    assert kinds["outside_parent"].area_m2 == pytest.approx(98_000, rel=0.02)
    assert kinds["outside_parent"].parent_code == EAST


def test_bow_tie_and_orphan_are_named() -> None:
    cells = _frame(
        **{f"{EAST}001": (0, 0, 1000, 1000), "431322001999001": (5000, 0, 5100, 100)}
    )
    tie = _drawn(shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]))
    cells.loc[len(cells)] = [f"{EAST}002", tie]
    faults = coverage.check(cells, _frame(**{EAST: (0, 0, 1000, 1000)}))
    assert [(fault.kind, fault.codes[0][-3:]) for fault in faults] == [
        ("invalid", "002"),
        ("no_parent", "001"),
    ]
