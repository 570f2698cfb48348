"""Clocks of a matter: what is left of a limit, its lamp, and standing still.

While a matter is suspended (挂账) its clock stands: it has no moment it is due at, only
what is left, and is due again when it is resumed.
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from gis_service.matters.due import (
    LimitType,
    WorkCalendar,
    after_working,
    working_seconds,
)

Lamp = Literal["green", "yellow", "red", "black"]

YELLOW_SHARE = 0.25
"""Share of the limit left at which the lamp turns yellow."""

SECOND_URGING = 2
"""Urgings of an overdue matter at which its lamp turns black."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it was fixed when its clock began to run."""

    type: LimitType
    value: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of handling with a clock of its own; the limit may be the class's."""

    name: str
    title: str
    title_en: str
    states: frozenset[str]
    limit: Limit | None


@cache
def stages() -> dict[str, Stage]:
    """Return the stages by name, in their order."""
    path = files("gis_service.matters") / "stages.csv"
    with path.open(encoding="utf-8") as file:
        return {row["stage"]: _stage(row) for row in csv.DictReader(file)}


def stage_of(state: str) -> Stage | None:
    """Return the stage a state belongs to, None when no clock runs in it."""
    return next((one for one in stages().values() if state in one.states), None)


def lamp(started: datetime, due: datetime, now: datetime, *, urgings: int = 0) -> Lamp:
    """Return the lamp of a running clock.

    Green while more than a quarter of the time is left, then yellow; red when it is
    over; black when as much again has passed, or at the second urging while over.
    """
    whole = max((due - started).total_seconds(), 1.0)
    left = (due - now).total_seconds() / whole
    if left > YELLOW_SHARE:
        return "green"
    if left > 0:
        return "yellow"
    return "black" if left <= -1 or urgings >= SECOND_URGING else "red"


def left_s(
    limit_type: LimitType, due: datetime, now: datetime, calendar: WorkCalendar
) -> int:
    """Return the seconds of a clock that are left, negative when it is over.

    Limits in working hours and days count working time, the others all time.
    """
    if limit_type in {"urgent_hour", "natural_day"}:
        return int((due - now).total_seconds())
    if due >= now:
        return working_seconds(now, due, calendar)
    return -working_seconds(due, now, calendar)


def resumed_due(
    limit_type: LimitType, left: int, now: datetime, calendar: WorkCalendar
) -> datetime:
    """Return when a clock that stood still with so many seconds left is due again."""
    if left <= 0 or limit_type in {"urgent_hour", "natural_day"}:
        return now + timedelta(seconds=left)
    return after_working(now, timedelta(seconds=left), calendar)


def _stage(row: dict[str, str]) -> Stage:
    limit = None
    if row["limit_type"]:
        limit = Limit(cast("LimitType", row["limit_type"]), int(row["limit_value"]))
    return Stage(
        row["stage"],
        row["title"],
        row["title_en"],
        frozenset(row["states"].split()),
        limit,
    )
