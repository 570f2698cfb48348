"""XLSX: the sheet that holds the table, and its cells as text.

Runs in the child process only.
"""

import itertools
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from gis_service.intake import archives, headers, naming, tables
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import Found, Request
from gis_service.intake.sheets import Value, Workbook

EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number."""

LOOKED_AT_ROWS = 5000

FAULTS = (OSError, EOFError, ValueError, TypeError, AttributeError, LookupError,
          SyntaxError, RuntimeError, zlib.error, zipfile.BadZipFile)  # fmt: skip
"""What openpyxl and the parts of a package raise when one is not what it should be."""


def read(file: Path, request: Request) -> tables.Answer:
    """Open a workbook and return what it is and its rows.

    Raises
    ------
    FileRefusedError
        When it cannot be read, or has no table in it.
    """
    archives.check(file)
    known = frozenset(request.names)
    try:
        book = Workbook.open(file)
        name, skipped = _sheet(book, known, request.layer)
        heading, _ = tables.table(_texts(book, name), known)
        numeric = _numeric(book, name, heading)
    except FAULTS as error:
        raise _broken(error) from error
    found = Found("XLSX", heading.names, layer=name, numeric=numeric, skipped=skipped)
    return found, _batches(book, name, known)


def _batches(
    book: Workbook, name: str, known: frozenset[str]
) -> Iterator[pa.RecordBatch]:
    try:
        heading, rest = tables.table(_texts(book, name), known)
        yield from tables.batches(rest, len(heading.names))
    except FAULTS as error:
        raise _broken(error) from error


def _sheet(
    book: Workbook, known: frozenset[str], wanted: str | None
) -> tuple[str, tuple[str, ...]]:
    """Return the sheet with most names we know among those that are shown."""
    shown = book.shown
    if wanted is not None:
        if wanted not in book.paths:
            message = f"没有工作表 {wanted}；有: {'、'.join(shown)} (no such sheet)"
            raise FileRefusedError(message, reason="layer")
        shown = [wanted]
    if not shown:
        message = "没有可见的工作表 (no sheet is shown)"
        raise FileRefusedError(message, reason="layer")

    def names_known(name: str) -> int:
        top = [row for _, row in itertools.islice(_texts(book, name), 60)]
        return naming.known(headers.find(top, known).names, known) if top else -1

    best = max(shown, key=names_known)
    return best, tuple(f"工作表 {one}" for one in book.paths if one != best)


def _texts(book: Workbook, name: str) -> Iterator[tables.Numbered]:
    for number, row in book.rows(name):
        yield number, [_text(value) for value in row]


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        is_whole = value.is_integer() and abs(value) < EXACT
        return str(int(value)) if is_whole else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return "" if value is None else str(value)


def _numeric(book: Workbook, name: str, heading: headers.Heading) -> tuple[str, ...]:
    """Return the columns most of whose cells are kept as numbers."""
    width = len(heading.names)
    filled, numbers = [0] * width, [0] * width
    for _, row in itertools.islice(book.rows(name), heading.first_row, LOOKED_AT_ROWS):
        for at, value in enumerate(row[:width]):
            filled[at] += value not in ("", None)
            numbers[at] += isinstance(value, float)
    return tuple(
        name
        for name, cells, count in zip(heading.names, filled, numbers, strict=True)
        if count > cells / 2
    )


def _broken(error: Exception) -> FileRefusedError:
    told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    message = f"XLSX 文件无法读取: {told} (cannot be read)"
    return FileRefusedError(message, reason="broken")
