"""When a matter is due: limits in hours and days, counted by a working calendar.

The four kinds of limit are those of GB/T 30428.8 as counties apply them. A limit is
worked out once, when the matter is assigned; later changes of its class or of the
calendar move nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

LimitType = Literal["urgent_hour", "work_hour", "work_day", "natural_day"]

COUNTY_TIME = timezone(timedelta(hours=8))
"""China has one time zone and no summer time."""

LAST_WEEKDAY = 4
LONGEST_SEARCH_DAYS = 3660

Span = tuple[time, time]


class NoWorkingDayError(ValueError):
    """The calendar has no working day within ten years: it cannot be right."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days and hours of a county.

    Parameters
    ----------
    holidays
        Days off although they are weekdays.
    workdays
        Days worked although they are at a weekend, to make up for holidays (调休).
    hours
        Spans of a working day in order, in the county's time.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    hours: tuple[Span, ...] = ((time(8), time(12)), (time(14), time(18)))

    def is_working(self, day: date) -> bool:
        """Tell whether a day is worked."""
        if day in self.workdays:
            return True
        return day.weekday() <= LAST_WEEKDAY and day not in self.holidays

    def working_days(self, first: date) -> Iterator[date]:
        """Yield the working days from a day on.

        Raises
        ------
        NoWorkingDayError
            When none comes for ten years.
        """
        day, last_found = first, first
        while (day - last_found).days <= LONGEST_SEARCH_DAYS:
            if self.is_working(day):
                last_found = day
                yield day
            day += timedelta(days=1)
        raise NoWorkingDayError(str(first))


def due_at(
    start: datetime, limit_type: LimitType, limit_value: int, calendar: WorkCalendar
) -> datetime:
    """Return the moment a limit ends, in the county's time.

    Parameters
    ----------
    start
        When the limit begins to run; must carry a time zone.
    limit_type
        ``urgent_hour`` and ``natural_day`` run day and night; ``work_hour`` counts
        working time only; ``work_day`` ends with the working hours of the n-th
        working day after the start.
    limit_value
        How many, at least one.
    calendar
        Working days and hours.
    """
    if limit_value < 1 or start.tzinfo is None:
        message = "a limit is at least one, from a moment with a time zone"
        raise ValueError(message)
    begin = start.astimezone(COUNTY_TIME)
    match limit_type:
        case "urgent_hour":
            return begin + timedelta(hours=limit_value)
        case "natural_day":
            return begin + timedelta(days=limit_value)
        case "work_hour":
            return after_working(begin, timedelta(hours=limit_value), calendar)
        case "work_day":
            days = calendar.working_days(begin.date() + timedelta(days=1))
            *_, last = (day for day, _ in zip(days, range(limit_value), strict=False))
            return datetime.combine(last, calendar.hours[-1][1], COUNTY_TIME)


def working_seconds(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """Return the working time between two moments, 0 when they come the other way."""
    begin, finish = start.astimezone(COUNTY_TIME), end.astimezone(COUNTY_TIME)
    worked = timedelta()
    for opening, closing in _spans(begin, calendar):
        if opening >= finish:
            break
        worked += max(min(closing, finish) - max(opening, begin), timedelta())
    return int(worked.total_seconds())


def after_working(begin: datetime, left: timedelta, calendar: WorkCalendar) -> datetime:
    """Return the moment when so much working time has passed."""
    for opening, closing in _spans(begin, calendar):
        from_here = max(opening, begin)
        worked = max(closing - from_here, timedelta())
        if worked >= left:
            return from_here + left
        left -= worked
    raise NoWorkingDayError(str(begin))


def _spans(
    begin: datetime, calendar: WorkCalendar
) -> Iterator[tuple[datetime, datetime]]:
    for day in calendar.working_days(begin.date()):
        for opening, closing in calendar.hours:
            yield (
                datetime.combine(day, opening, COUNTY_TIME),
                datetime.combine(day, closing, COUNTY_TIME),
            )
