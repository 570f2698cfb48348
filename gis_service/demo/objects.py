"""Objects (物) of the demo county: lamps, covers, ponds near where people live."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.demo import county
from gis_service.demo.streams import Counts, Numbers, Streams, chosen
from gis_service.demo.yards import Yards

TOTAL = 600_000
MOST_OF_A_KIND = 99
"""A cell has at most so many of a category: two digits of a code count them."""

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


def objects(yards: Yards, counts: Counts, streams: Streams) -> pd.DataFrame:
    """Return the objects of some cells, so many in each."""
    owner, draws = yards.drawn(streams, "objects", counts, 8)
    kind = _kinds(yards.is_town[owner], draws[:, 0])
    number = _counted(owner, kind)
    kept = number <= MOST_OF_A_KIND
    owner, kind, number, draws = owner[kept], kind[kept], number[kept], draws[kept]
    codes = np.array([row[0] for row in KINDS], dtype=object)[kind]
    departments = np.array([DEPARTMENTS[row[0][:2]] for row in KINDS], dtype=object)
    inspected = np.datetime64(county.TODAY) - (draws[:, 5] ** 2 * 400).astype(int)
    return pd.DataFrame(
        {
            "grid_code": yards.code[owner],
            "code": _codes(codes, yards.serial[owner], number),
            "category": codes,
            "name": _names(yards.name[owner], kind, number),
            "state": np.array(STATES, dtype=object)[chosen(draws[:, 4], STATE_WEIGHTS)],
            "accuracy": np.where(draws[:, 6] < 0.2, "B", "C"),  # noqa: PLR2004 - a share
            "department": departments[kind],
            "village_code": yards.village_code[owner],
            "surveyed_on": np.datetime64("2023-03-01")
            + (draws[:, 7] * 500).astype(int),
            "inspected_on": inspected,
            "geom": shapely.points(yards.near(owner, draws[:, 1:4], far_m=90.0)),
        }
    )


def _kinds(is_town: NDArray[np.bool_], draw: Numbers) -> Counts:
    town, rural = [row[2] for row in KINDS], [row[3] for row in KINDS]
    return np.where(is_town, chosen(draw, town), chosen(draw, rural))


def _counted(owner: Counts, kind: Counts) -> Counts:
    """Return the number of each object among its kind in its cell, from 1."""
    group = pd.Series(owner * len(KINDS) + kind)
    return np.asarray(group.groupby(group).cumcount().to_numpy() + 1)


def _names(cells: NDArray[np.object_], kind: Counts, number: Counts) -> list[str]:
    kinds = [row[1] for row in KINDS]
    return [
        f"{cell.removesuffix('网格')}{kinds[at]}{one}"
        for cell, at, one in zip(cells, kind.tolist(), number.tolist(), strict=True)
    ]


def _codes(codes: NDArray[np.object_], serials: Counts, number: Counts) -> list[str]:
    """Write 16 digits: county, category, and a serial that names cell and number."""
    return [
        f"{county.CODE}{code}{serial:04}{one:02}"
        for code, serial, one in zip(
            codes, serials.tolist(), number.tolist(), strict=True
        )
    ]
