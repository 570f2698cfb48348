"""Objects (物) of the demo county: lamps, covers, ponds, bridges near where people live."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.demo import county
from gis_service.demo.houses import DECIMALS, Yard
from gis_service.demo.streams import Counts, Numbers, Streams, chosen

TOTAL = 600_000
MOST_OF_A_KIND = 99
"""A cell has at most so many of a category: the last two digits of a code count them."""

DEPARTMENTS = {
    "01": "城市管理和综合执法局",
    "02": "交通运输局",
    "03": "城市管理和综合执法局",
    "04": "林业局",
    "05": "住房和城乡建设局",
    "21": "农业农村局",
}

# Category (GB/T 30428.2), name, weight in a community, weight in a village.
KINDS = tuple(
    (code, name, float(town), float(rural))
    for code, name, town, rural in (
        row.split()
        for row in """
0101 上水井盖 9 1
0102 污水井盖 9 1
0103 雨水井盖 8 0
0105 电力井盖 6 0
0107 通讯井盖 6 1
0113 消防设施 5 1
0115 通讯交接箱 3 1
0116 电力设施 4 7
0117 立杆 6 11
0118 路灯 12 13
0126 健身设施 2 1
0203 公交站亭 2 1
0208 跨河桥 0.5 2
0209 交通标志牌 4 4
0213 路名牌 3 1
0214 交通信号灯 1 0
0301 公共厕所 1 0.6
0305 垃圾箱 7 5
0307 广告牌匾 5 0.5
0401 古树名木 0.3 1.2
0402 行道树 8 2
0501 宣传栏 2 2
2101 机耕路 0 4
2102 山塘水库 0 3
2103 灌渠 0 6
2104 饮水设施 0.5 6
2105 变压器 1 4
2106 公示栏 0.6 2
2107 广播 0.6 4
2108 地灾隐患点标牌 0.1 1.5
2109 垃圾收集点 1 6
2110 文化广场 0.3 1
2111 快递点 0.6 0.6
2112 健身器材 1 3
2113 消防水池 0.2 1.6
2114 危桥 0.1 0.4
2115 村道护栏 0.2 5
""".strip().splitlines()
    )
)

STATES = ("ok", "damaged", "lost", "removed", "occupied")
STATE_WEIGHTS = [0.955, 0.025, 0.006, 0.008, 0.006]


def weights(registered: Numbers) -> Numbers:
    """Return how objects spread over cells: with people, but not as steeply."""
    return np.asarray((registered + 30.0) ** 0.55)


def objects(yards: list[Yard], counts: Counts, streams: Streams) -> pd.DataFrame:
    """Return the objects of some cells, so many in each."""
    return pd.concat(
        [
            _cell(yard, int(count), streams)
            for yard, count in zip(yards, counts.tolist(), strict=True)
            if count
        ],
        ignore_index=True,
    )


def _cell(yard: Yard, count: int, streams: Streams) -> pd.DataFrame:
    draws = streams.rows("objects", yard.code, (count, 8))
    kind_weights = [row[2] if yard.is_town else row[3] for row in KINDS]
    kind = chosen(draws[:, 0], kind_weights)
    places = near_houses(yard, draws[:, 1:4], far_m=90.0)
    number = pd.Series(kind).groupby(kind).cumcount().to_numpy() + 1
    kept = number <= MOST_OF_A_KIND
    kind, number, places, draws = kind[kept], number[kept], places[kept], draws[kept]
    codes = np.array([row[0] for row in KINDS], dtype=object)[kind]
    kind_names = np.array([row[1] for row in KINDS], dtype=object)[kind]
    inspected = np.datetime64(county.TODAY) - (draws[:, 5] ** 2 * 400).astype(int)
    return pd.DataFrame(
        {
            "yard": yard.at,
            "grid_code": yard.code,
            "code": _codes(codes, yard.serial, number),
            "category": codes,
            "name": [
                f"{yard.name.removesuffix('网格')}{name}{one}"
                for name, one in zip(kind_names.tolist(), number.tolist(), strict=True)
            ],
            "state": np.array(STATES, dtype=object)[chosen(draws[:, 4], STATE_WEIGHTS)],
            "accuracy": np.where(draws[:, 6] < 0.2, "B", "C"),  # noqa: PLR2004 - a share
            "department": [DEPARTMENTS[code[:2]] for code in codes.tolist()],
            "village_code": yard.village_code,
            "surveyed_on": np.datetime64("2023-03-01")
            + (draws[:, 7] * 500).astype(int),
            "inspected_on": inspected,
            "geom": shapely.points(places),
        }
    )


def _codes(codes: NDArray[np.object_], serial: int, number: Counts) -> list[str]:
    """Write 16 digits: county, category, and a serial that names cell and number."""
    return [
        f"{county.CODE}{code}{serial:04}{one:02}"
        for code, one in zip(codes.tolist(), number.tolist(), strict=True)
    ]


def near_houses(yard: Yard, draws: Numbers, far_m: float) -> Numbers:
    """Return places up to ``far_m`` from the first houses, inside the cell.

    ``draws`` has three columns; a place that falls outside comes in to its house.
    """
    house = yard.spots[(draws[:, 0] * len(yard.spots)).astype(int)]
    angle = draws[:, 1] * 2 * np.pi
    radius = 6 + draws[:, 2] ** 2 * far_m
    moved = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, np.newaxis]
    places = np.round(house + moved / yard.scale, DECIMALS)
    outside = ~_inside(yard, places)
    nudge = np.round(moved[outside] * 0.01 / yard.scale, DECIMALS)
    places[outside] = house[outside] + nudge
    still = ~_inside(yard, places)
    places[still] = house[still]
    return np.round(places, DECIMALS)


def _inside(yard: Yard, places: Numbers) -> NDArray[np.bool_]:
    return np.asarray(shapely.contains_xy(yard.shape, places[:, 0], places[:, 1]))
