"""The day of the county: what is counted by the day begins at its midnight."""

from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Return the day it is in the county."""
    return datetime.now(HERE).date()


def seconds_to_midnight() -> int:
    """Return how long the day still lasts."""
    now = datetime.now(HERE)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), HERE)
    return ceil((midnight - now).total_seconds())
