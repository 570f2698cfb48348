"""When matters are due; the calendar is that of autumn 2024."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gis_service.matters.due import (
    COUNTY_TIME,
    LimitType,
    NoWorkingDayError,
    WorkCalendar,
    due_at,
    working_seconds,
)

AUTUMN = WorkCalendar(
    holidays=frozenset(
        {
            *(date(2024, 9, day) for day in range(15, 18)),
            *(date(2024, 10, day) for day in range(1, 8)),
        }
    ),
    workdays=frozenset({date(2024, 9, 14), date(2024, 9, 29), date(2024, 10, 12)}),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=COUNTY_TIME)


@pytest.mark.parametrize(
    ("start", "limit_type", "limit_value", "end"),
    [
        ("09-13 17:00", "work_hour", 4, "09-14 11:00"),
        ("09-12 11:30", "work_hour", 2, "09-12 15:30"),
        ("09-13 22:00", "work_hour", 4, "09-14 12:00"),
        ("09-12 12:30", "work_hour", 1, "09-12 15:00"),
        ("09-12 08:00", "work_hour", 8, "09-12 18:00"),
        ("09-27 15:00", "work_day", 5, "10-10 18:00"),
        ("10-03 09:00", "work_day", 1, "10-08 18:00"),
        ("10-03 09:00", "urgent_hour", 2, "10-03 11:00"),
        ("09-30 23:00", "natural_day", 1, "10-01 23:00"),
    ],
)
def test_limit_ends_where_the_calendar_says(
    start: str, limit_type: LimitType, limit_value: int, end: str
) -> None:
    assert due_at(at(start), limit_type, limit_value, AUTUMN) == at(end)


def test_moment_of_another_zone_is_the_same_moment() -> None:
    start = at("09-12 11:30").astimezone(UTC)
    assert due_at(start, "work_hour", 2, AUTUMN) == at("09-12 15:30")


def test_working_time_leaves_out_nights_and_holidays() -> None:
    hour_s = 3600
    assert working_seconds(at("09-13 17:00"), at("09-14 11:00"), AUTUMN) == 4 * hour_s
    assert working_seconds(at("10-01 00:00"), at("10-07 23:00"), AUTUMN) == 0
    assert working_seconds(at("09-14 11:00"), at("09-13 17:00"), AUTUMN) == 0


def test_limit_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        due_at(at("09-12 11:30"), "work_hour", 0, AUTUMN)
    with pytest.raises(ValueError, match="time zone"):
        due_at(at("09-12 11:30").replace(tzinfo=None), "work_hour", 1, AUTUMN)
    first = date(2024, 1, 1)
    closed = WorkCalendar(frozenset(first + timedelta(days=n) for n in range(6000)))
    with pytest.raises(NoWorkingDayError):
        due_at(at("09-12 11:30"), "work_day", 1, closed)
