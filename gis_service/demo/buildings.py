"""Buildings of the demo county: one per house, turned the way their cell lies."""

import numpy as np
import pandas as pd
import shapely

from gis_service.demo.houses import Yard
from gis_service.demo.land import rectangles
from gis_service.demo.streams import Streams, chosen

DANGER = (None, "A", "B", "C", "D")
DANGER_WEIGHTS = [0.9, 0.05, 0.03, 0.014, 0.006]
TOWN_USES = ("住宅", "商业", "公共", "其他")
TOWN_USE_WEIGHTS = [0.78, 0.15, 0.05, 0.02]


def buildings(yards: list[Yard], streams: Streams) -> pd.DataFrame:
    """Return a building for every house of the cells."""
    return pd.concat(
        [_cell(yard, streams) for yard in yards if len(yard.houses)],
        ignore_index=True,
    )


def _cell(yard: Yard, streams: Streams) -> pd.DataFrame:
    count = len(yard.houses)
    draws = streams.rows("buildings", yard.code, (count, 5))
    if yard.is_town:
        sides = np.column_stack([22 + 16 * draws[:, 0], 10 + 4 * draws[:, 1]])
        use = np.array(TOWN_USES, dtype=object)[chosen(draws[:, 2], TOWN_USE_WEIGHTS)]
        floors = 4 + (draws[:, 3] ** 2 * 14).astype(int)
    else:
        sides = np.column_stack([10 + 4 * draws[:, 0], 8 + 3 * draws[:, 1]])
        use = np.full(count, "农房", dtype=object)
        floors = 1 + (draws[:, 3] * 3).astype(int)
    return pd.DataFrame(
        {
            "yard": yard.at,
            "grid_code": yard.code,
            "code": [f"{yard.code}{number:05}" for number in range(1, count + 1)],
            "use": use,
            "floors": floors,
            "danger": np.array(DANGER, dtype=object)[
                chosen(draws[:, 4], DANGER_WEIGHTS)
            ],
            "village_code": yard.village_code,
            "geom": shapely.polygons(rectangles(yard.houses, sides, yard)),
        }
    )
