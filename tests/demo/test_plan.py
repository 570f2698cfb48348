"""The ground of the demo county: a coverage at every level, people that add up."""

import numpy as np
import pytest
import shapely

from gis_service import crs
from gis_service.demo import county
from gis_service.demo.plan import Plan, drawn
from gis_service.demo.scale import Scale


def test_county_has_the_townships_villages_and_cells_of_the_facts(plan: Plan) -> None:
    assert plan.townships["code"].tolist() == [one.code for one in county.TOWNSHIPS]
    assert len(plan.villages) == sum(one.villages for one in county.TOWNSHIPS)
    assert (plan.villages["kind"] == "社区").sum() == county.COMMUNITIES
    assert len(plan.cells) == county.CELLS + county.EXCLUSIVE_CELLS
    assert (plan.cells["kind"] == "exclusive").sum() == county.EXCLUSIVE_CELLS
    assert set(county.NAMED_VILLAGES.values()) <= set(plan.villages["name"])


def test_county_has_about_the_true_extent_and_area(plan: Plan) -> None:
    area_km2 = plan.county.to_crs(crs.METRIC).area.iloc[0] / 1e6
    assert area_km2 == pytest.approx(county.AREA_KM2, rel=0.01)
    assert plan.county.total_bounds == pytest.approx(county.EXTENT, abs=0.02)


@pytest.mark.parametrize("level", ["cells", "villages", "townships"])
def test_every_level_is_a_coverage_without_gap_or_overlap(
    plan: Plan, level: str
) -> None:
    areas = getattr(plan, level)["geom"]
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(np.asarray(areas.array))
    united = shapely.coverage_union_all(np.asarray(areas.array))
    assert united.equals(plan.county["geom"].iloc[0])


def test_cells_lie_in_their_village_to_the_last_digit(plan: Plan) -> None:
    villages = plan.villages.set_index("code")["geom"]
    for code, cells in plan.cells.groupby("village_code"):
        united = shapely.coverage_union_all(np.asarray(cells["geom"].array))
        assert united.equals(villages[code])


def test_some_villages_have_detached_ground(plan: Plan) -> None:
    parts = plan.villages["geom"].count_geometries()
    assert 10 <= (parts > 1).sum() <= 40


def test_cells_of_a_village_are_numbered_from_north_to_south(plan: Plan) -> None:
    north = plan.cells.to_crs(crs.METRIC)["geom"].centroid.y
    service = plan.cells[plan.cells["kind"] == "service"]
    villages = service.groupby("village_code").indices
    rows = service.index.to_numpy()
    is_ordered = [north[rows[at[0]]] >= north[rows[at[-1]]] for at in villages.values()]
    assert np.mean(is_ordered) > 0.95


@pytest.mark.parametrize(
    ("scale", "registered"), [(Scale.DEMO, 75_205), (Scale.FULL, county.REGISTERED)]
)
def test_people_add_up_to_the_total(scale: Scale, registered: int) -> None:
    assert drawn(1, scale).cells["registered"].sum() == registered


@pytest.mark.parametrize("seed", [2, 3])
def test_other_seeds_give_other_counties_that_hold_too(seed: int, plan: Plan) -> None:
    other = drawn(seed, Scale.DEMO)
    assert shapely.coverage_is_valid(np.asarray(other.cells["geom"].array))
    assert not other.county["geom"].iloc[0].equals(plan.county["geom"].iloc[0])
