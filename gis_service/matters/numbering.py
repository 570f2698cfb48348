"""Numbers of matters: 20 digits, the day reported, the county, and a serial."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from gis_service.errors import UnprocessableError

LAST_SERIAL = 999_999
_FORM = re.compile(r"([0-9]{8})([0-9]{6})([0-9]{6})")


class MalformedNumberError(UnprocessableError):
    """What was given is no number of a matter."""

    code = "malformed_matter_number"
    title = "事项编号有误 (malformed matter number)"


@dataclass(frozen=True, slots=True)
class MatterNumber:
    """The parts of a number.

    Parameters
    ----------
    day
        Day of the report, in the county's time.
    county_code
        6 digits.
    serial
        1 to 999999, from the beginning of each day.
    """

    day: date
    county_code: str
    serial: int

    def __post_init__(self) -> None:
        """Refuse parts that do not fit their places."""
        is_county = re.fullmatch(r"[0-9]{6}", self.county_code) is not None
        if not is_county or not 1 <= self.serial <= LAST_SERIAL:
            message = "事项编号由日期、6 位区划和 6 位序号组成 (day, county, serial)"
            raise MalformedNumberError(message)

    def __str__(self) -> str:
        """Return the 20 digits."""
        return f"{self.day:%Y%m%d}{self.county_code}{self.serial:06}"


def parse(number: str) -> MatterNumber:
    """Read a number.

    Raises
    ------
    MalformedNumberError
        When it is not 20 digits that begin with a day.
    """
    parts = _FORM.fullmatch(number)
    if parts is None:
        message = "事项编号应为 20 位数字 (a matter number has 20 digits)"
        raise MalformedNumberError(message, value=number[:40])
    day, county_code, serial = parts.groups()
    try:
        reported_on = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        message = f"事项编号开头不是日期：{day} (it does not begin with a day)"
        raise MalformedNumberError(message, value=number) from error
    return MatterNumber(reported_on, county_code, int(serial))
