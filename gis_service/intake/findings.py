"""What was found in a file, row by row, kept on disk so that memory stays flat."""

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Literal

from gis_service.people.masking import masked_id, masked_name, masked_phone

Severity = Literal["refused", "warned", "fixed"]

SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``value`` is masked already and may be written anywhere.

    ``row_no`` counts as the file does, its heading is row 1; None is the whole file.
    """

    row_no: int | None
    column: str | None
    code: str
    severity: Severity
    value: str | None
    message: str
    advice: str | None
    fixed_to: str | None = None


class Findings:
    """All findings of one file, in the order they were made.

    They are written to a nameless file as they come: one row in ten of a million
    may be fixed, and none of it silently.
    """

    def __init__(self) -> None:
        self._spool = tempfile.TemporaryFile(  # noqa: SIM115 - closed by __del__
            "w+", encoding="utf-8", newline=""
        )
        self._writer = csv.writer(self._spool)
        self.counts: Counter[tuple[Severity, str]] = Counter()

    def add(self, finding: Finding) -> None:
        """Add one finding."""
        self._writer.writerow(
            ["" if one is None else f"={one}" for one in _values(finding)]
        )
        self.counts[finding.severity, finding.code] += 1

    def extend(self, found: Iterable[Finding]) -> None:
        """Add several findings."""
        for finding in found:
            self.add(finding)

    def count(self, severity: Severity) -> int:
        """Return how many findings there are of one severity."""
        return sum(n for (kind, _), n in self.counts.items() if kind == severity)

    def __iter__(self) -> Iterator[Finding]:
        """Read the findings again from the first."""
        self._spool.flush()
        self._spool.seek(0)
        try:
            for row in csv.reader(self._spool):
                texts = [one[1:] if one else None for one in row]
                number = int(texts[0]) if texts[0] else None
                yield Finding(number, *texts[1:])  # type: ignore[arg-type] # as written
        finally:
            self._spool.seek(0, 2)

    def __len__(self) -> int:
        """Return how many findings there are."""
        return self.counts.total()

    def __del__(self) -> None:
        """Give the space back with the last report that shows them."""
        self._spool.close()


COLUMNS = tuple(one.name for one in fields(Finding))
_values = attrgetter(*COLUMNS)


def masked(value: str | None, how: str) -> str | None:  # noqa: PLR0911 - one per way
    """Return a value as a report may show it."""
    if value is None:
        return None
    text = value.strip()
    if how == "name":
        return masked_name(text[:SHOWN_CHARACTERS])
    if how == "id":
        return masked_id(text[:SHOWN_CHARACTERS])
    if how == "phone":
        return masked_phone(text[:SHOWN_CHARACTERS])
    if how == "place":  # To about a kilometre.
        whole, point, digits = text.partition(".")
        return f"{whole[:12]}{point}{digits[:2]}{'*' * len(digits[2:8])}"
    if how == "all":
        return "*" * min(len(text), 8)
    shown = text[:SHOWN_CHARACTERS]
    return shown if shown == text else f"{shown}…"


def masked_all(values: Sequence[str | None], how: str) -> list[str | None]:
    """Return values as a report may show them."""
    return [masked(one, how) for one in values]
