"""Cells of spreadsheets, in which nothing that was stored is ever run."""

import re

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

XLSX_ROWS = 1_048_575
"""Rows of a sheet below its heading."""

FORMULA = re.compile(r"^[=+\-@\t\r]")
"""How a cell begins that a spreadsheet would take for a formula."""


def disarmed(value: object) -> object:
    """Return a value that a spreadsheet shows and never runs."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def storable(value: object) -> object:
    """Return a value without the characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
