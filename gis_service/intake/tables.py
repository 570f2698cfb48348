"""CSV and XLSX: a table somewhere in a sheet, all of it as text.

Runs in the child process only.
"""

import csv
import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
)

from gis_service.intake import archives, encodings, headers, naming
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import Found, Request

ROWS = 4096
DELIMITERS = ",\t;|"
CELL_CHARACTERS = 2_000_000
COLUMNS = 500
EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number."""

Answer = tuple[Found, Iterator[pa.RecordBatch]]
Numbered = tuple[int, Sequence[str]]


def read(file: Path, name: str, request: Request) -> Answer:
    """Open a table and return what it is and its rows.

    Raises
    ------
    FileRefusedError
        When it cannot be read, or has no table in it.
    """
    known = frozenset(request.names)
    if name == "CSV":
        return _read_csv(file, known, request)
    return _read_xlsx(file, known, request)


def _read_csv(file: Path, known: frozenset[str], request: Request) -> Answer:
    encoding = encodings.of_text(file, request.encoding)
    csv.field_size_limit(CELL_CHARACTERS)
    rows = _csv_rows(file, encoding, _delimiter(file, encoding))
    heading, rest = _table(rows, known)
    found = Found("CSV", heading.names, encoding)
    return found, _batches(rest, len(heading.names))


def _csv_rows(file: Path, encoding: str, delimiter: str) -> Iterator[Numbered]:
    with file.open(encoding=encoding, newline="") as opened:
        reader = csv.reader(opened, delimiter=delimiter)
        try:
            yield from enumerate(reader, 1)
        except (csv.Error, UnicodeError) as error:
            message = f"CSV 第 {reader.line_num} 行附近无法读取: {error} (broken CSV)"
            raise FileRefusedError(message, reason="broken") from error


def _delimiter(file: Path, encoding: str) -> str:
    """Return the delimiter that splits the first rows into most columns."""
    with file.open(encoding=encoding, newline="") as opened:
        lines = [line[:10_000] for line in itertools.islice(opened, 20)]

    def columns(delimiter: str) -> int:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return 0
        return sorted(widths)[len(widths) // 2] if widths else 0

    return max(DELIMITERS, key=columns)


def _read_xlsx(file: Path, known: frozenset[str], request: Request) -> Answer:
    archives.check(file)
    try:
        workbook = CalamineWorkbook.from_path(file)
        sheet, skipped = _sheet(workbook, known, request.layer)
    except (CalamineError, OSError, ValueError) as error:
        message = f"XLSX 文件无法读取: {str(error)[:200]} (cannot be read)"
        raise FileRefusedError(message, reason="broken") from error
    heading, _ = _table(_xlsx_rows(sheet), known)
    numeric = _numeric(sheet, heading)
    found = Found(
        "XLSX", heading.names, layer=sheet.name, numeric=numeric, skipped=skipped
    )
    _, rest = _table(_xlsx_rows(sheet), known)
    return found, _batches(rest, len(heading.names))


def _sheet(
    workbook: CalamineWorkbook, known: frozenset[str], wanted: str | None
) -> tuple[CalamineSheet, tuple[str, ...]]:
    """Return the sheet with most names we know among those that are shown."""
    shown = [
        one.name
        for one in workbook.sheets_metadata
        if one.visible == SheetVisibleEnum.Visible
    ]
    if wanted is not None:
        if wanted not in workbook.sheet_names:
            names = "、".join(shown)
            message = f"没有工作表 {wanted}；有: {names} (no such sheet)"
            raise FileRefusedError(message, reason="layer")
        shown = [wanted]
    if not shown:
        message = "没有可见的工作表 (no sheet is shown)"
        raise FileRefusedError(message, reason="layer")

    def names_known(name: str) -> int:
        sheet = workbook.get_sheet_by_name(name)
        top = [row for _, row in itertools.islice(_xlsx_rows(sheet), 60)]
        return naming.known(headers.find(top, known).names, known) if top else -1

    best = max(shown, key=names_known)
    passed = tuple(f"工作表 {one}" for one in workbook.sheet_names if one != best)
    return workbook.get_sheet_by_name(best), passed


def _xlsx_rows(sheet: CalamineSheet) -> Iterator[Numbered]:
    if sheet.start is None:
        return
    first = sheet.start[0] + 1
    for number, row in enumerate(sheet.iter_rows(), first):
        yield number, [_cell(value) for value in row]


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a cell may hold
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    return "" if value is None else repr(value)


def _numeric(sheet: CalamineSheet, heading: headers.Heading) -> tuple[str, ...]:
    """Return the columns most of whose cells are kept as numbers."""
    width = len(heading.names)
    filled, numbers = [0] * width, [0] * width
    for row in itertools.islice(sheet.iter_rows(), heading.first_row, 5000):
        for at, value in enumerate(row[:width]):
            filled[at] += value not in ("", None)
            numbers[at] += isinstance(value, (int, float)) and not isinstance(
                value, bool
            )
    return tuple(
        name
        for name, cells, count in zip(heading.names, filled, numbers, strict=True)
        if count > cells / 2
    )


def _table(
    rows: Iterator[Numbered], known: frozenset[str]
) -> tuple[headers.Heading, Iterator[Numbered]]:
    top = list(itertools.islice(rows, headers.SEARCHED_ROWS * 2))
    if not any(one.strip() for _, row in top for one in row):
        message = "没有找到表格 (there is no table in it)"
        raise FileRefusedError(message, reason="broken")
    heading = headers.find([row for _, row in top], known)
    if len(heading.names) > COLUMNS:
        message = f"超过 {COLUMNS} 列 (too many columns)"
        raise FileRefusedError(message, reason="limit")
    return heading, itertools.chain(top[heading.first_row :], rows)


def _batches(rows: Iterator[Numbered], width: int) -> Iterator[pa.RecordBatch]:
    names = [str(number) for number in range(width + 2)]
    filled = ((no, row) for no, row in rows if any(one.strip() for one in row))
    while piece := list(itertools.islice(filled, ROWS)):
        numbers = pa.array([no for no, _ in piece], pa.int32())
        faults = pa.array([headers.fault(row, width) for _, row in piece], pa.string())
        padded = (
            row[:width] if len(row) >= width else [*row, *[""] * (width - len(row))]
            for _, row in piece
        )
        texts = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
        yield pa.RecordBatch.from_arrays([numbers, faults, *texts], names)
