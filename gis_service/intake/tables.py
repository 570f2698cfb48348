"""CSV: a table somewhere in a sheet, all of it as text; XLSX is read likewise.

Runs in the child process only.
"""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from gis_service.intake import encodings, headers
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import Found, Request

ROWS = 4096
DELIMITERS = ",\t;|"
CELL_CHARACTERS = 2_000_000
COLUMNS = 500

Answer = tuple[Found, Iterator[pa.RecordBatch]]
Numbered = tuple[int, Sequence[str]]


def read(file: Path, request: Request) -> Answer:
    """Open a CSV file and return what it is and its rows.

    Raises
    ------
    FileRefusedError
        When it cannot be read, or has no table in it.
    """
    encoding = encodings.of_text(file, request.encoding)
    csv.field_size_limit(CELL_CHARACTERS)
    rows = _csv_rows(file, encoding, _delimiter(file, encoding))
    heading, rest = table(rows, frozenset(request.names))
    found = Found("CSV", heading.names, encoding)
    return found, batches(rest, len(heading.names))


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


def table(
    rows: Iterator[Numbered], known: frozenset[str]
) -> tuple[headers.Heading, Iterator[Numbered]]:
    """Return the heading of the table among some rows, and the rows below it.

    Raises
    ------
    FileRefusedError
        When there is none, or it is too wide.
    """
    top = list(itertools.islice(rows, headers.SEARCHED_ROWS * 2))
    if not any(one.strip() for _, row in top for one in row):
        message = "没有找到表格 (there is no table in it)"
        raise FileRefusedError(message, reason="broken")
    heading = headers.find([row for _, row in top], known)
    if len(heading.names) > COLUMNS:
        message = f"超过 {COLUMNS} 列 (too many columns)"
        raise FileRefusedError(message, reason="limit")
    return heading, itertools.chain(top[heading.first_row :], rows)


def batches(rows: Iterator[Numbered], width: int) -> Iterator[pa.RecordBatch]:
    """Return the rows of a table that are not blank, piece by piece."""
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
