"""Find the table in a sheet: its heading, its rows, and what only looks like one.

Runs in the child process only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gis_service.intake import naming

SEARCHED_ROWS = 30

TOTALS = re.compile(r"^(合计|总计|共计|累计|总数|total)[:：]?$", re.IGNORECASE)
SUBTOTALS = re.compile(r"^(小计|subtotal)[:：]?$", re.IGNORECASE)
NOTES = re.compile(
    r"^(注|备注|说明|附注|填表|制表|审核|填报|负责人|单位负责人|联系|数据来源|note)",
    re.IGNORECASE,
)

TOTAL, SUBTOTAL, NOTE, RAGGED = "total", "subtotal", "note", "ragged"
"""Why a row of a sheet is no row of the table."""

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns and the position of the first row below them."""

    names: tuple[str, ...]
    first_row: int


def find(rows: Sequence[Row], known: frozenset[str]) -> Heading:
    """Return the heading among the first rows of a sheet.

    The row with most names we know wins; a heading of two rows, as merged cells make
    it, is put together when that gives more names.
    """
    best, best_score = 0, -1
    for at, row in enumerate(rows[:SEARCHED_ROWS]):
        score = naming.known(row, known)
        if score > best_score and any(one.strip() for one in row):
            best, best_score = at, score
    names = list(rows[best])
    first_row = best + 1
    if first_row < len(rows):
        both = _joined(rows[best], rows[first_row])
        if naming.known(both, known) > naming.known(names, known):
            names, first_row = both, first_row + 1
    if best > 0 and first_row == best + 1:
        both = _joined(rows[best - 1], rows[best])
        if naming.known(both, known) > naming.known(names, known):
            names = both
    while names and not names[-1].strip():
        names.pop()
    return Heading(_unique([one.strip() for one in names]), first_row)


def fault(row: Row, width: int) -> str | None:
    """Return why a row is none of the table, None when it is one.

    The row may be longer than the heading; ``width`` is that of the heading.
    """
    filled = [one.strip() for one in row if one.strip()]
    if not filled:
        return None
    first = re.sub(r"\s", "", filled[0])
    if TOTALS.match(first):
        return TOTAL
    if SUBTOTALS.match(first):
        return SUBTOTAL
    if len(filled) == 1 and width > 2 and NOTES.match(first):  # noqa: PLR2004 - a table
        return NOTE
    if any(one.strip() for one in row[width:]):
        return RAGGED
    return None


def _joined(above: Row, below: Row) -> list[str]:
    """Return the lower names, the upper where a column has no lower one."""
    width = max(len(above), len(below))
    upper = [*above, *[""] * (width - len(above))]
    lower = [*below, *[""] * (width - len(below))]
    return [two.strip() or one.strip() for one, two in zip(upper, lower, strict=True)]


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Give every column a name of its own: 列3 where empty, _2 where it repeats."""
    taken: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, 1):
        wanted = name or f"列{number}"
        taken[wanted] = taken.get(wanted, 0) + 1
        unique.append(wanted if taken[wanted] == 1 else f"{wanted}_{taken[wanted]}")
    return tuple(unique)
