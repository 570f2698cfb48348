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
from scipy.special import ndtr

from gis_service import code_lists
from gis_service.demo import county, flow, limits
from gis_service.demo.houses import Yard
from gis_service.demo.limits import Times
from gis_service.demo.objects import near_houses
from gis_service.demo.streams import Counts, Numbers, Streams, chosen, normal

TOTAL = 500_000
DAYS = 730
NOW = np.datetime64(county.TODAY) + np.timedelta64(8, "h")
"""When the county stands still: eight o'clock of the last morning, local time."""

MEDIAN_H, SPREAD = 24.0, 3.3
"""Hours to close: median and spread of the logarithm (a tenth takes longer than
1,900 hours)."""

LIKENESS = 0.75
"""How closely a matter's length follows the limit of its class."""

SPOTS = 6
SPOT_SHARE = 0.72

SOURCES = ("officer", "public", "iot", "leader", "transfer", "superior")
SOURCE_WEIGHTS = [0.62, 0.27, 0.03, 0.01, 0.05, 0.02]
LEVELS = ("village", "township", "county")

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
class Classes:
    """The classes of matters now admitted, shortest limit first."""

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    kind: NDArray[np.str_]
    value: Counts
    department: NDArray[np.object_]
    town_weight: Numbers
    village_weight: Numbers

    @classmethod
    def read(cls) -> "Classes":
        """Read the list that ships with the service."""
        rows = [
            row
            for row in code_lists.rows("matters/classes.csv")
            if row["parent"] and not row["admitted_until"]
        ]
        hours = [
            limits.nominal_hours(str(row["limit_type"]), int(str(row["limit_value"])))
            for row in rows
        ]
        rows = [rows[at] for at in np.argsort(hours, kind="stable").tolist()]
        is_rural = np.array([str(row["code"])[0].isalpha() for row in rows])
        return cls(
            *(
                np.array([row[name] for row in rows], dtype=object)
                for name in ("code", "name")
            ),
            np.array([row["limit_type"] for row in rows]),
            np.array([int(str(row["limit_value"])) for row in rows]),
            np.array([row["department"] for row in rows], dtype=object),
            np.where(is_rural, 0.7, 1.0),
            np.where(is_rural, 1.0, 0.03),
        )


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
        self, yards: list[Yard], counts: Counts, village_names: dict[str, str]
    ) -> Histories:
        """Return the matters of some cells, so many in each, and their steps."""
        drawn = [
            self._streams.rows("matters", yard.code, (count, 20))
            for yard, count in zip(yards, counts.tolist(), strict=True)
        ]
        draws = np.concatenate(drawn).T
        yard_no = np.repeat(np.arange(len(yards)), counts)
        matters = self._reported(yards, yard_no, draws)
        places = [
            self._places(yard, part[:, 8:13])
            for yard, part in zip(yards, drawn, strict=True)
            if len(part)
        ]
        matters["geom"] = shapely.points(np.concatenate(places))
        matters["title"] = matters["place"] + matters["class_name"]
        villages = matters["grid_code"].str[:12]
        matters["village_code"] = villages
        matters["address"] = villages.map(village_names)
        matters["description"] = (
            matters["place"] + "附近：" + matters["class_name"] + "（合成演示数据）"
        )
        courses = flow.courses(matters, draws[13:19], NOW)
        steps = flow.steps(matters, courses, NOW)
        finished = flow.finished(matters, steps)
        return Histories(finished, steps)

    def _reported(
        self, yards: list[Yard], yard_no: Counts, draws: Numbers
    ) -> pd.DataFrame:
        """Return what is known of matters when they are reported."""
        is_town = np.array([yard.is_town for yard in yards])[yard_no]
        length = normal(draws[0])
        class_no = self._class_numbers(is_town, length, draws[1])
        classes = self._classes
        reported = self._times(draws[2], draws[3], draws[4])
        codes = np.array([yard.code for yard in yards], dtype=object)[yard_no]
        serials = np.array([yard.serial for yard in yards])[yard_no]
        urgent = classes.kind[class_no] == "urgent_hour"
        return pd.DataFrame(
            {
                "yard": np.array([yard.at for yard in yards])[yard_no],
                "grid_code": codes,
                "number": self._numbers(reported, serials),
                "class_code": classes.code[class_no],
                "class_name": classes.name[class_no],
                "source": np.array(SOURCES)[chosen(draws[5], SOURCE_WEIGHTS)],
                "level": np.array(LEVELS)[
                    np.searchsorted((0.55, 0.85), 0.6 * draws[6] + 0.4 * ndtr(length))
                ],
                "is_urgent": urgent | (draws[7] < 0.02),  # noqa: PLR2004 - a share
                "department": classes.department[class_no],
                "accuracy_m": np.round(3 + 25 * draws[19] ** 2, 1),
                "place": np.array([yard.name for yard in yards], dtype=object)[yard_no],
                "reported": reported,
                "due": limits.due(
                    reported, classes.kind[class_no], classes.value[class_no]
                ),
                "rating": draws[19] * 31 % 1,
                "hours": MEDIAN_H * np.exp(SPREAD * length),
            }
        )

    def _class_numbers(
        self, is_town: NDArray[np.bool_], length: Numbers, draw: Numbers
    ) -> Counts:
        other = (1 - LIKENESS**2) ** 0.5
        likely = ndtr(LIKENESS * length + other * normal(draw))
        return np.where(
            is_town,
            chosen(likely, self._classes.town_weight),
            chosen(likely, self._classes.village_weight),
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

    def _places(self, yard: Yard, draws: Numbers) -> Numbers:
        """Return places, most of them one of a few spots of the cell."""
        spots = near_houses(
            yard, self._streams.rows("spots", yard.code, (SPOTS, 3)), 40.0
        )
        own = near_houses(yard, draws[:, :3], far_m=160.0)
        is_spot = draws[:, 3] < SPOT_SHARE
        picked = (draws[:, 4] ** 2 * SPOTS).astype(int)
        return np.where(is_spot[:, np.newaxis], spots[picked], own)


def public_ids(seed: int, numbers: pd.Series) -> list[str]:
    """Return what the public knows matters by: it tells nothing."""
    return [
        hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
        for number in numbers.tolist()
    ]
