"""Matters (事) of two years, with a course each that its state follows from.

The shape is that of real report histories: half are closed within a day, a tenth take
months, one in five is late, most come from the same few places.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.demo import county, flow, limits
from gis_service.demo.classes import Classes
from gis_service.demo.limits import Times
from gis_service.demo.streams import Counts, Numbers, Streams, chosen, normal
from gis_service.demo.yards import Yards

TOTAL = 500_000
DAYS = 730
NOW = np.datetime64(county.TODAY) + np.timedelta64(8, "h")
"""When the county stands still: eight o'clock of the last morning, local time."""

LATE_SHARE = 0.2
LATE_MEDIAN_H, LATE_SPREAD = 3_500.0, 1.0
"""Late matters take months: a tenth of all closed ones took over 1,900 hours."""

EARLY_POWER = 1.8
"""How early the others are: the larger, the more of the limit is left (half of all
are closed within 22 hours)."""

SPOTS = 6
SPOT_SHARE = 0.72

SOURCES = ("officer", "public", "iot", "leader", "transfer", "superior")
SOURCE_WEIGHTS = [0.62, 0.27, 0.03, 0.01, 0.05, 0.02]
LEVELS = ("village", "township", "county")
LEVEL_WEIGHTS = [0.58, 0.3, 0.12]
URGENT_SHARE = 0.02

# Weights by the hour of the day, from midnight on.
HOUR_WEIGHTS = [0.1] * 6 + [
    0.5,
    2,
    5,
    6,
    5,
    3,
    1.5,
    2,
    4,
    4.5,
    4,
    3,
    2,
    1.5,
    1,
    0.7,
    0.4,
    0.2,
]


@dataclass(frozen=True, slots=True)
class Histories:
    """Matters and their steps; ``steps.matter`` is a row number of the matters."""

    matters: pd.DataFrame
    steps: pd.DataFrame


class Chronicle:
    """Makes matters: what happened in the cells of the county in two years."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._classes = Classes.read()
        self._days = self._day_weights()

    def _day_weights(self) -> Numbers:
        days = np.datetime64(county.TODAY) - np.arange(DAYS, 0, -1)
        weekday = (days.astype(np.int64) + 3) % 7
        weight = np.select([weekday == 0, weekday > 4], [1.5, 0.6], 1.0)  # noqa: PLR2004 - Monday, weekend
        month = days.astype("datetime64[M]").astype(int) % 12 + 1
        weeks = (days - days[0]).astype(int) // 7
        rain = self._streams.rows("rain", 0, (DAYS // 7 + 1, 1))[weeks, 0]
        # Floods come in a third of the weeks from April to July.
        is_rain = (month >= 4) & (month <= 7) & (rain < 0.33)  # noqa: PLR2004 - months, a share
        return np.asarray(weight * np.where(is_rain, 2.6, 1.0))

    def histories(
        self, yards: Yards, counts: Counts, village_names: dict[str, str]
    ) -> Histories:
        """Return the matters of some cells, so many in each, and their steps."""
        owner, rows = yards.drawn(self._streams, "matters", counts, 20)
        matters = self._reported(yards, owner, rows.T)
        matters["geom"] = shapely.points(self._places(yards, owner, rows[:, 8:13]))
        matters["title"] = matters["place"] + matters["class_name"]
        villages = matters["grid_code"].str[:12]
        matters["village_code"] = villages
        matters["address"] = villages.map(village_names)
        matters["description"] = (
            matters["place"] + "附近：" + matters["class_name"] + "（合成演示数据）"
        )
        courses = flow.courses(matters, rows[:, 13:19].T, NOW)
        matters["due"] = courses.due
        steps = flow.steps(matters, courses, NOW)
        finished = flow.finished(matters, steps)
        return Histories(finished, steps)

    def _reported(self, yards: Yards, owner: Counts, draws: Numbers) -> pd.DataFrame:
        """Return what is known of matters when they are reported."""
        classes = self._classes
        class_no = self._class_numbers(yards.is_town[owner], draws[1])
        reported = self._times(draws[2], draws[3], draws[4])
        kinds = classes.kind[class_no]
        due = limits.due(reported, kinds, classes.value[class_no])
        return pd.DataFrame(
            {
                "grid_code": yards.code[owner],
                "number": self._numbers(reported, yards.serial[owner]),
                "class_code": classes.code[class_no],
                "class_name": classes.name[class_no],
                "source": np.array(SOURCES)[chosen(draws[5], SOURCE_WEIGHTS)],
                "level": np.array(LEVELS)[chosen(draws[6], LEVEL_WEIGHTS)],
                "is_urgent": (kinds == "urgent_hour") | (draws[7] < URGENT_SHARE),
                "department": classes.department[class_no],
                "accuracy_m": np.round(3 + 25 * draws[19] ** 2, 1),
                "place": yards.name[owner],
                "reported": reported,
                "due": due,
                "rating": draws[19] * 31 % 1,
                "hours": _hours(limits.hours_between(reported, due), draws[0]),
            }
        )

    def _class_numbers(self, is_town: NDArray[np.bool_], draw: Numbers) -> Counts:
        return np.where(
            is_town,
            chosen(draw, self._classes.town_weight),
            chosen(draw, self._classes.village_weight),
        )

    def _times(self, day: Numbers, hour: Numbers, minute: Numbers) -> Times:
        first = np.datetime64(county.TODAY) - np.timedelta64(DAYS, "D")
        days = first + chosen(day, self._days).astype("timedelta64[D]")
        seconds = chosen(hour, HOUR_WEIGHTS) * 3600 + (minute * 3600).astype(int)
        return np.asarray(days + seconds.astype("timedelta64[s]"))

    def _numbers(self, reported: Times, serials: Counts) -> NDArray[np.object_]:
        """Return 20 digits: day, county, and a serial that names cell and number."""
        days = reported.astype("datetime64[D]")
        day_texts = np.char.replace(days.astype(str), "-", "")
        count = pd.DataFrame({"day": days, "cell": serials})
        order = count.groupby(["day", "cell"]).cumcount().to_numpy() + 1
        return np.array(
            [
                f"{day}{county.CODE}{serial:04}{one:02}"
                for day, serial, one in zip(
                    day_texts.tolist(), serials.tolist(), order.tolist(), strict=True
                )
            ],
            dtype=object,
        )

    def _places(self, yards: Yards, owner: Counts, draws: Numbers) -> Numbers:
        """Return places, most of them one of a few spots of the cell."""
        every = np.full(len(yards.each), SPOTS)
        spot_owner, spot_draws = yards.drawn(self._streams, "spots", every, 3)
        spots = yards.near(spot_owner, spot_draws, far_m=40.0).reshape(-1, SPOTS, 2)
        own = yards.near(owner, draws[:, :3], far_m=160.0)
        is_spot = draws[:, 3] < SPOT_SHARE
        picked = (draws[:, 4] ** 2 * SPOTS).astype(int)
        return np.where(is_spot[:, np.newaxis], spots[owner, picked], own)


def _hours(limit: Numbers, draw: Numbers) -> Numbers:
    """Return the hours from report to close: one matter in five is late."""
    is_late = draw < LATE_SHARE
    months = LATE_MEDIAN_H * np.exp(LATE_SPREAD * normal(draw / LATE_SHARE))
    rest = (draw - LATE_SHARE) / (1 - LATE_SHARE)
    early = limit * np.clip(rest, 0.0, 1.0) ** EARLY_POWER
    return np.where(is_late, np.maximum(months, 1.02 * limit), early)


def public_ids(seed: int, numbers: pd.Series) -> list[str]:
    """Return what the public knows matters by: it tells nothing."""
    return [
        hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
        for number in numbers.tolist()
    ]
