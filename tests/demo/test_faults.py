"""The files with known faults hold exactly the faults that their list names."""

import json
from pathlib import Path

import geopandas
import pandas as pd
import pytest

from gis_service import crs
from gis_service.demo import county, faults
from gis_service.demo.faults import FIRST_ROW, Planted
from gis_service.demo.plan import Plan
from gis_service.offsets import gps_from_gcj02
from gis_service.people.id_number import check_all


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("faults")
    faults.plant(plan, place)
    return place


@pytest.fixture(scope="module")
def listed(folder: Path) -> list[Planted]:
    text = json.loads((folder / "faults.json").read_text(encoding="utf-8"))
    assert text["label"] == county.LABEL
    return [Planted(**one) for one in text["faults"]]


def _rows(listed: list[Planted], kind: str) -> list[int]:
    return [one.row - FIRST_ROW for one in listed if one.kind == kind and one.row]


def test_repeated_and_wrong_numbers_are_where_the_list_says(
    folder: Path, listed: list[Planted]
) -> None:
    residents = pd.read_csv(folder / "residents_repeated.csv", dtype="str")
    numbers = residents["身份证号"]
    assert numbers.index[numbers.duplicated()].tolist() == _rows(listed, "repeated_id")
    problems = check_all(numbers, county.TODAY)["problem"]
    assert problems.index[problems.notna()].tolist() == _rows(listed, "wrong_check")


def test_shifted_and_swapped_points_are_the_same_places(folder: Path) -> None:
    shifted = pd.read_csv(folder / "objects_gcj02.csv")
    swapped = pd.read_csv(folder / "objects_swapped.csv")
    lon, lat = gps_from_gcj02(shifted["经度"], shifted["纬度"])
    assert lon == pytest.approx(swapped["纬度"].to_numpy(), abs=2e-7)
    assert lat == pytest.approx(swapped["经度"].to_numpy(), abs=2e-7)


def test_one_parcel_is_a_bow_tie(folder: Path, listed: list[Planted]) -> None:
    parcels = geopandas.read_file(folder / "parcels_bow_tie.gpkg")
    wrong = parcels.index[~parcels.is_valid].tolist()
    assert wrong == _rows(listed, "bow_tie")
    assert parcels.to_crs(crs.METRIC).area[wrong[0]] == pytest.approx(0.0, abs=0.01)


def test_one_village_has_its_old_name(folder: Path, listed: list[Planted]) -> None:
    villages = geopandas.read_file(folder / "villages_old_name.gpkg")
    (row,) = _rows(listed, "old_name")
    assert villages.loc[row, "村名称"] == "卢家桥村"


def test_one_matter_lies_three_metres_outside(
    folder: Path, listed: list[Planted], plan: Plan
) -> None:
    matters = pd.read_csv(folder / "matters_outside.csv")
    places = geopandas.points_from_xy(matters["经度"], matters["纬度"], crs=crs.STORED)
    whole = plan.county.to_crs(crs.METRIC)["geom"].iloc[0]
    far_m = geopandas.GeoSeries(places).to_crs(crs.METRIC).distance(whole)
    (row,) = _rows(listed, "outside")
    assert far_m[far_m > 0].index.tolist() == [row]
    assert far_m[row] == pytest.approx(3.0, abs=0.05)
