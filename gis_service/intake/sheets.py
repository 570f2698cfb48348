"""XLSX, streamed: openpyxl tells what is in the package, the rows pass by one by one.

openpyxl and calamine both keep something of every row, so that memory grows with the
sheet. Runs in the child process only.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHARED_STRINGS

from gis_service.intake import xml_stream
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.strings import Strings

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Where a sheet ends, by its format."""

Value = str | float | bool | datetime | date | time | timedelta | None
Row = tuple[int, list[Value]]


class _Package(ExcelReader):  # type: ignore[misc] # openpyxl has no types
    """What openpyxl reads of a workbook, without strings and sheets."""

    package: Manifest

    def read_strings(self) -> None:
        """Leave the strings to us."""

    def read_worksheets(self) -> None:
        """Leave the sheets to us."""


@dataclass(slots=True)
class Workbook:
    """An open XLSX; ``paths`` are its sheets by name, in their order."""

    archive: zipfile.ZipFile
    paths: dict[str, str]
    shown: list[str]
    dates: set[int]
    spans: set[int]
    epoch: datetime
    strings: Strings = field(default_factory=Strings)

    @classmethod
    def open(cls, file: Path) -> "Workbook":
        """Read what is in the package, and its strings."""
        package = _Package(file, read_only=True, data_only=True, keep_links=False)
        package.read()
        sheets = {
            sheet.name: (rel.target, sheet.state)
            for sheet, rel in package.parser.find_sheets()
            if "chartsheet" not in rel.Type and rel.target in package.valid_files
        }
        book = cls(
            package.archive,
            {name: path for name, (path, _) in sheets.items()},
            [name for name, (_, state) in sheets.items() if state == "visible"],
            package.wb._date_formats,  # noqa: SLF001 - its own readers ask for it
            package.wb._timedelta_formats,  # noqa: SLF001 - as before
            package.wb.epoch,
        )
        part = package.package.find(SHARED_STRINGS)
        if part is not None:
            book.read_strings(part.PartName[1:])
        return book

    def read_strings(self, path: str) -> None:
        """Put the shared strings on disk."""
        text = _Text()

        def ended(name: str) -> None:
            text.end(name)
            if name == "si":
                self.strings.add(text.taken())

        with self.archive.open(path) as source:
            for _ in xml_stream.parse(source, text.start, ended, text.hear):
                pass
        self.strings.close()

    def rows(self, name: str) -> Iterator[Row]:
        """Return the rows of a sheet that are written in it, with their numbers."""
        cells = _Cells(self)
        with self.archive.open(self.paths[name]) as source:
            for _ in xml_stream.parse(source, cells.start, cells.end, cells.text.hear):
                yield from cells.rows
                cells.rows.clear()


class _Text:
    """The text of a string: runs put together, how to pronounce it left out."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._is_text = self._is_phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name in {"t", "v"}:
            self._is_text = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name in {"t", "v"}:
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False

    def hear(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)

    def taken(self) -> str:
        """Return the text so far and begin anew."""
        text = "".join(self._parts)
        self._parts.clear()
        return str(unescape(text)) if "_x" in text else text


class _Cells:
    """The cells of a sheet, gathered into rows as they pass."""

    def __init__(self, book: Workbook) -> None:
        self.text = _Text()
        self.rows: list[Row] = []
        self._book = book
        self._row: list[Value] = []
        self._number = self._column = 0
        self._kind, self._style = "n", 0

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "c":
            place = values.get("r", "")
            letters = place.rstrip("0123456789")
            self._column = _column(letters) if letters else self._column + 1
            self._kind, self._style = values.get("t", "n"), int(values.get("s", 0))
            if not 0 < self._column <= LAST_COLUMN:
                _refuse_size()
        elif name == "row":
            self._number = int(values.get("r", self._number + 1))
            self._row, self._column = [], 0
            if self._number > LAST_ROW:
                _refuse_size()
        else:
            self.text.start(name, values)

    def end(self, name: str) -> None:
        if name == "c":
            text = self.text.taken()
            if text:
                missing = self._column - len(self._row)
                self._row.extend([None] * missing)
                self._row[self._column - 1] = self._value(text)
        elif name == "row":
            self.rows.append((self._number, self._row))
        else:
            self.text.end(name)

    def _value(self, text: str) -> Value:
        kind = self._kind
        if kind == "s":
            return self._book.strings[int(text)]
        if kind == "b":
            return text.strip() == "1"
        if kind == "d":
            moment: Value = from_ISO8601(text)
            return moment
        if kind != "n":
            return text
        number = float(text)
        if self._style in self._book.dates:
            return self._moment(number, text)
        return number

    def _moment(self, number: float, text: str) -> Value:
        is_span = self._style in self._book.spans
        try:
            moment: Value = from_excel(number, self._book.epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            return text
        return moment


def _column(letters: str) -> int:
    """Return the number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64
    return number


def _refuse_size() -> None:
    message = "工作表超出 XLSX 的行列上限 (beyond the last row or column of a sheet)"
    raise FileRefusedError(message, reason="limit")
