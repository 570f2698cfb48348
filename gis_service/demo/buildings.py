"""Buildings of the demo county: one per house, turned the way their cell lies."""

import numpy as np
import pandas as pd
import shapely

from gis_service.demo.streams import Streams, chosen
from gis_service.demo.yards import Yards

DANGER = (None, "A", "B", "C", "D")
DANGER_WEIGHTS = [0.9, 0.05, 0.03, 0.014, 0.006]
TOWN_USES = ("住宅", "商业", "公共", "其他")
TOWN_USE_WEIGHTS = [0.78, 0.15, 0.05, 0.02]


def buildings(yards: Yards, streams: Streams) -> pd.DataFrame:
    """Return a building for every house of the cells."""
    counts = np.array([len(yard.houses) for yard in yards.each])
    owner, draws = yards.drawn(streams, "buildings", counts, 5)
    long, wide, use, high, danger = draws.T
    is_town = yards.is_town[owner]
    sides = np.where(
        is_town[:, np.newaxis],
        np.column_stack([22 + 16 * long, 10 + 4 * wide]),
        np.column_stack([10 + 4 * long, 8 + 3 * wide]),
    )
    places = np.concatenate([yard.houses for yard in yards.each])
    town_use = np.array(TOWN_USES, dtype=object)[chosen(use, TOWN_USE_WEIGHTS)]
    floors = np.where(is_town, 4 + high**2 * 14, 1 + high * 3).astype(int)
    first = np.cumsum(counts) - counts
    number = np.arange(len(owner)) - first[owner] + 1
    return pd.DataFrame(
        {
            "grid_code": yards.code[owner],
            "code": [
                f"{code}{one:05}"
                for code, one in zip(yards.code[owner], number.tolist(), strict=True)
            ],
            "use": np.where(is_town, town_use, "农房"),
            "floors": floors,
            "danger": np.array(DANGER, dtype=object)[chosen(danger, DANGER_WEIGHTS)],
            "village_code": yards.village_code[owner],
            "geom": shapely.polygons(yards.rectangles(owner, places, sides)),
        }
    )
