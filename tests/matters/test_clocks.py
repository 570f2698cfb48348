"""Clocks: lamps, what is left, and standing still while suspended."""

from datetime import datetime, timedelta

import pytest

from gis_service.matters.clocks import lamp, left_s, resumed_due
from gis_service.matters.due import COUNTY_TIME, LimitType, WorkCalendar

CALENDAR = WorkCalendar()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COUNTY_TIME)


@pytest.mark.parametrize(
    ("hours", "urgings", "color"),
    [
        (0, 0, "green"),
        (7.4, 0, "green"),
        (7.5, 0, "yellow"),
        (9.9, 0, "yellow"),
        (10, 0, "red"),
        (19.9, 0, "red"),
        (20, 0, "black"),
        (10.1, 2, "black"),
        (9, 2, "yellow"),
    ],
)
def test_lamp_turns_with_the_time_that_is_left(
    hours: float, urgings: int, color: str
) -> None:
    start = _at("2026-11-23 08:00")
    due, now = start + timedelta(hours=10), start + timedelta(hours=hours)
    assert lamp(start, due, now, urgings=urgings) == color


@pytest.mark.parametrize(
    ("limit_type", "due", "suspended", "resumed", "due_then"),
    [
        # Three working hours were left on Friday evening.
        (
            "work_hour",
            "2026-11-23 11:00",
            "2026-11-20 18:00",
            "2026-11-25 16:30",
            "2026-11-26 09:30",
        ),
        (
            "urgent_hour",
            "2026-11-23 11:00",
            "2026-11-23 10:00",
            "2026-11-23 23:00",
            "2026-11-24 00:00",
        ),
        # A day and a half of work were left.
        (
            "work_day",
            "2026-11-25 18:00",
            "2026-11-24 14:00",
            "2026-11-30 08:00",
            "2026-12-01 12:00",
        ),
    ],
)
def test_what_was_left_is_left_after_the_clock_stood(
    limit_type: LimitType, due: str, suspended: str, resumed: str, due_then: str
) -> None:
    left = left_s(limit_type, _at(due), _at(suspended), CALENDAR)
    assert resumed_due(limit_type, left, _at(resumed), CALENDAR) == _at(due_then)


def test_what_is_over_stays_over() -> None:
    due, now = _at("2026-11-23 11:00"), _at("2026-11-23 15:00")
    assert left_s("work_hour", due, now, CALENDAR) == -2 * 3600
    later = _at("2026-11-25 10:00")
    assert resumed_due("work_hour", -7200, later, CALENDAR) < later
