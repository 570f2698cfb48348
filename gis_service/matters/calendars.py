"""The working calendar of the county, as its administrators keep it."""

from sqlalchemy import Connection, select

from gis_service.matters.due import WorkCalendar
from gis_service.matters.models import CalendarDay, WorkingHours


def load(connection: Connection) -> WorkCalendar:
    """Read days off, days worked instead, and the hours of a working day."""
    days = connection.execute(select(CalendarDay.day, CalendarDay.is_worked)).all()
    hours = connection.execute(
        select(WorkingHours.opens_at, WorkingHours.closes_at).order_by(
            WorkingHours.opens_at
        )
    ).all()
    return WorkCalendar(
        frozenset(day for day, is_worked in days if not is_worked),
        frozenset(day for day, is_worked in days if is_worked),
        tuple((opens_at, closes_at) for opens_at, closes_at in hours),
    )
