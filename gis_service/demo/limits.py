"""Until when a matter is due, for many matters at once.

The demo calendar has working days from Monday to Friday, 08 to 12 and 14 to 18 o'clock,
and no holidays. Times are local (UTC+8) minutes.
"""

import numpy as np
from numpy.typing import NDArray

from gis_service.demo.streams import Counts, Numbers

Times = NDArray[np.datetime64]

HOURS_PER_DAY = 8
MORNING, NOON, AFTERNOON, EVENING = 8, 12, 14, 18
EPOCH = np.datetime64("2020-01-06")
"""A Monday before all matters, from which working hours are counted."""

NOMINAL_HOURS = {"urgent_hour": 1.0, "work_hour": 3.0, "work_day": 33.0}
NATURAL_DAY_HOURS = 30.0


def due(reported: Times, kinds: NDArray[np.str_], values: Counts) -> Times:
    """Return when matters reported at local times are due, by kind of limit."""
    days = reported.astype("datetime64[D]")
    work_days = np.busday_offset(days, 0, roll="backward")
    evening = np.timedelta64(EVENING, "h")
    by_day = np.busday_offset(work_days, values) + evening
    return np.asarray(
        np.select(
            [kinds == "urgent_hour", kinds == "work_hour", kinds == "work_day"],
            [
                reported + values.astype("timedelta64[h]"),
                _after_working_hours(working_hours(reported) + values),
                by_day.astype(reported.dtype),
            ],
            (days + values + evening).astype(reported.dtype),
        ).astype(reported.dtype)
    )


def hours_between(start: Times, end: Times | np.datetime64) -> Numbers:
    """Return hours from one time to another."""
    return np.asarray((end - start) / np.timedelta64(1, "h"))


def nominal_hours(kind: str, value: int) -> float:
    """Return about how many hours a limit leaves, to compare limits by."""
    return value * NOMINAL_HOURS.get(kind, NATURAL_DAY_HOURS)


def working_hours(times: Times) -> Numbers:
    """Return the working hours from the epoch to local times."""
    days = times.astype("datetime64[D]")
    whole = np.busday_count(EPOCH, days) * HOURS_PER_DAY
    hour = (times - days) / np.timedelta64(1, "h")
    today = np.clip(hour - MORNING, 0, 4) + np.clip(hour - AFTERNOON, 0, 4)
    return np.asarray(whole + today * np.is_busday(days))


def _after_working_hours(hours: Numbers) -> Times:
    # The end of a working day, not the beginning of the next, when both fit.
    day = np.ceil(hours / HOURS_PER_DAY).astype(int) - 1
    rest = hours - day * HOURS_PER_DAY
    clock = np.where(rest <= NOON - MORNING, MORNING + rest, MORNING + rest + 2)
    minutes = np.round(clock * 60).astype("timedelta64[m]")
    return np.asarray(np.busday_offset(EPOCH, day) + minutes)
