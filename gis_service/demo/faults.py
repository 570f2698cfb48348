"""Files with known faults, to score checks of the intake exactly.

Every fault is one that real files have. ``faults.json`` beside the files says, fault
by fault, in which file and row it is and what is right. Rows count from 1 with the
heading, as a spreadsheet shows them.
"""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.demo import county, identity, names
from gis_service.demo.plan import Plan
from gis_service.demo.roads import seats_of
from gis_service.demo.shapes import DECIMALS, Frame, in_degrees, in_metres
from gis_service.demo.streams import Numbers
from gis_service.offsets import gcj02_from_gps

ROWS = 120
REPEATED = (17, 48, 83)
WRONG_CHECK = (30, 95)
OUTSIDE_M = 3.0
FIRST_ROW = 2
"""Row of the first record: the heading is row 1."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: where it is, what is wrong, and what would be right.

    ``row`` is None when it concerns the whole file.
    """

    kind: str
    file: str
    row: int | None
    column: str | None
    about: str
    right: str | None


def plant(plan: Plan, folder: Path) -> list[Planted]:
    """Write the files of a plan into a folder, with their list, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    planted = [
        *_shifted(plan, folder),
        *_swapped(plan, folder),
        *_repeated(plan, folder),
        *_old_name(plan, folder),
        *_bow_tie(plan, folder),
        *_outside(plan, folder),
    ]
    text = json.dumps(
        {"label": county.LABEL, "faults": [asdict(one) for one in planted]},
        ensure_ascii=False,
        indent=2,
    )
    (folder / "faults.json").write_text(text + "\n", encoding="utf-8")
    return planted


def _places(plan: Plan) -> tuple[pd.DataFrame, Numbers]:
    """Return some cells all over the county, and a place in each."""
    picked = np.linspace(0, len(plan.cells) - 1, ROWS).astype(int)
    return plan.cells.iloc[picked].reset_index(drop=True), seats_of(plan)[picked]


def _objects(cells: pd.DataFrame, lon: Numbers, lat: Numbers) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "部件编码": [
                f"{county.CODE}0118{900_000 + at}" for at in range(len(cells))
            ],
            "类别": "0118",
            "名称": cells["name"] + "路灯",
            "经度": np.round(lon, DECIMALS),
            "纬度": np.round(lat, DECIMALS),
        }
    )


def _shifted(plan: Plan, folder: Path) -> list[Planted]:
    cells, places = _places(plan)
    lon, lat = gcj02_from_gps(*places.T)
    file = folder / "objects_gcj02.csv"
    _objects(cells, lon, lat).to_csv(file, index=False)
    about = "坐标为GCJ-02，未声明 (coordinates are GCJ-02, undeclared)"
    return [Planted("gcj02", file.name, None, "经度", about, "--crs gcj02")]


def _swapped(plan: Plan, folder: Path) -> list[Planted]:
    cells, places = _places(plan)
    file = folder / "objects_swapped.csv"
    _objects(cells, places[:, 1], places[:, 0]).to_csv(file, index=False)
    about = "经纬度互换 (longitude and latitude are swapped)"
    return [Planted("swapped", file.name, None, "经度", about, "经度 ⇄ 纬度")]


def _repeated(plan: Plan, folder: Path) -> list[Planted]:
    cells, places = _places(plan)
    draws = plan.streams.rows("faulty residents", 0, (ROWS, 4))
    is_male = draws[:, 0] < 0.5  # noqa: PLR2004 - half
    born = np.datetime64("1950-01-01") + (draws[:, 1] * 24_000).astype(int)
    # Area numbers no cell has, so that these people are nobody of the county.
    numbers = identity.numbers(9_000 + np.arange(ROWS), born, is_male)
    file = folder / "residents_repeated.csv"
    found = []
    for row in REPEATED:
        numbers[row] = numbers[row - 1]
        about = "身份证号与上一行重复 (same identity number as the row before)"
        found.append(_fault("repeated_id", file, row, "身份证号", about, None))
    for row in WRONG_CHECK:
        good = numbers[row]
        numbers[row] = good[:-1] + ("0" if good[-1] != "0" else "1")
        about = "身份证校验位错误 (wrong check character)"
        found.append(_fault("wrong_check", file, row, "身份证号", about, good))
    called = names.surnames(draws[:, 2]) + names.given_names(draws[:, 3], is_male)
    pd.DataFrame(
        {
            "姓名": called,
            "身份证号": numbers,
            "性别": np.where(is_male, "男", "女"),
            "出生日期": born.astype(str),
            "村代码": cells["village_code"],
            "经度": places[:, 0],
            "纬度": places[:, 1],
        }
    ).to_csv(file, index=False)
    return found


def _old_name(plan: Plan, folder: Path) -> list[Planted]:
    villages = plan.villages[["code", "name", "kind", "geom"]].copy()
    new, old = next(iter(county.OTHER_SPELLINGS.items()))
    row = int(np.flatnonzero(villages["name"] == new)[0])
    villages.loc[row, "name"] = old
    titles = {"code": "村代码", "name": "村名称", "kind": "类别"}
    file = folder / "villages_old_name.gpkg"
    _write(villages.rename(columns=titles), file)
    about = f"旧写法：{old} (old spelling)"
    return [_fault("old_name", file, row, "村名称", about, new)]


def _bow_tie(plan: Plan, folder: Path) -> list[Planted]:
    cells, places = _places(plan)
    side = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * 1e-4
    rings = places[:, np.newaxis, :] + side
    row = ROWS // 2
    rings[row, [1, 2]] = rings[row, [2, 1]]
    file = folder / "parcels_bow_tie.gpkg"
    parcels = geopandas.GeoDataFrame(
        {
            "地块编码": cells["village_code"] + "9999999",
            "类别": "承包地",
            "村代码": cells["village_code"],
        },
        geometry=shapely.polygons(np.round(rings, DECIMALS)),
        crs=crs.STORED,
    )
    _write(parcels.drop_duplicates("地块编码"), file)
    about = "多边形自相交，面积为零 (bow-tie, its area is zero)"
    return [_fault("bow_tie", file, row, "geometry", about, None)]


def _outside(plan: Plan, folder: Path) -> list[Planted]:
    cells, places = _places(plan)
    row = ROWS // 3
    places[row] = _beyond_border(plan)
    file = folder / "matters_outside.csv"
    pd.DataFrame(
        {
            "事项编号": [f"20261101{county.CODE}{990_000 + at}" for at in range(ROWS)],
            "类别": "D02",
            "标题": cells["name"] + "路灯不亮",
            "上报时间": "2026-11-01 09:00:00",
            "经度": places[:, 0],
            "纬度": places[:, 1],
        }
    ).to_csv(file, index=False)
    about = "位于县界外3米 (three metres outside the county)"
    return [_fault("outside", file, row, "经度", about, None)]


def _beyond_border(plan: Plan) -> Numbers:
    """Return a place three metres outside the border, on a straight part of it."""
    whole = shapely.transform(plan.county["geom"].iloc[0], in_metres)
    ring = shapely.get_coordinates(whole.geoms[0].exterior)
    for start, end in pairwise(ring):
        along = (end - start) / np.hypot(*(end - start))
        middle = (start + end) / 2
        for side in (1, -1):
            place = middle + side * OUTSIDE_M * np.array([-along[1], along[0]])
            point = shapely.Point(place)
            if abs(point.distance(whole) - OUTSIDE_M) < 0.01:  # noqa: PLR2004 - a centimetre
                return np.asarray(in_degrees(place[np.newaxis])[0])
    message = "no straight part of the border"
    raise AssertionError(message)


def _fault(  # noqa: PLR0913, PLR0917 - the columns of the list
    kind: str, file: Path, at: int, column: str, about: str, right: str | None
) -> Planted:
    return Planted(kind, file.name, at + FIRST_ROW, column, about, right)


def _write(frame: Frame, file: Path) -> None:
    file.unlink(missing_ok=True)
    frame.to_file(file, driver="GPKG")
