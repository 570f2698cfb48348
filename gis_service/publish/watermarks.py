"""The watermark of an export: its number, whose it is and when, in and on the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from gis_service.access.county_day import HERE
from gis_service.access.reader import Reader

COLUMN = "export_number"
"""Column of rows about people that says which export they left with."""

TITLE = "导出编号"


@dataclass(frozen=True, slots=True)
class Watermark:
    """What tells one export from every other; the trail has the same number."""

    number: str
    who: str
    at: datetime

    @property
    def line(self) -> str:
        """Return the notice that stands where people see it."""
        return (
            f"{TITLE} {self.number} · 导出人 {self.who} · {self.at:%Y-%m-%d %H:%M} · "
            "可追溯，请勿外传 (traceable: do not pass on)"
        )

    @property
    def notes(self) -> Mapping[str, str]:
        """Return what is said with the export, by name."""
        return {TITLE: self.number, "导出人": self.who, "水印": self.line}


def watermark(reader: Reader) -> Watermark:
    """Return a new watermark for an export of a reader."""
    now = datetime.now(HERE)
    who = reader.name if reader.login is None else f"{reader.name} ({reader.login})"
    return Watermark(f"E{now:%Y%m%d}-{token_hex(4).upper()}", who, now)
