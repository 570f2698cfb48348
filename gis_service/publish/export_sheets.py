"""Spreadsheets that exports are written to: nothing in them is ever run."""

from pathlib import Path

import openpyxl
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from gis_service.errors import UnprocessableError
from gis_service.publish.export_files import Heading, Writer, flat
from gis_service.publish.watermarks import TITLE
from gis_service.spreadsheets import XLSX_ROWS, disarmed, storable


class TooManyRowsError(UnprocessableError):
    """The format cannot hold so many rows."""

    code = "too_many_rows"
    title = "行数超出格式上限 (too many rows for the format)"


class CsvWriter(Writer):
    """CSV in UTF-8 with the mark by which Excel knows it; shapes as lon, lat or WKT."""

    keeps_notes = False

    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""
        is_first = not self.path.exists()
        _cells(chunk).to_csv(
            self.path,
            mode="a",
            index=False,
            header=is_first,
            # As RFC 4180 has it; so either half of it inside a value is quoted, too.
            lineterminator="\r\n",
            encoding="utf-8-sig" if is_first else "utf-8",
        )


class XlsxWriter(Writer):
    """A workbook: the rows under Chinese titles, and a sheet that explains them."""

    def __init__(self, path: Path, heading: Heading) -> None:
        super().__init__(path, heading)
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet(heading.notes["标题"][:31])
        self._rows = 0

    def write(self, chunk: GeoDataFrame) -> None:
        """Add the rows of a chunk."""
        # Excel knows no zones: its times are those of the county, as the notes say.
        times = chunk.select_dtypes(["datetimetz"]).columns
        local = {name: chunk[name].dt.tz_localize(None) for name in times}
        cells = _cells(chunk.assign(**local))
        for name, labels in self.heading.labels.items():
            if labels:
                cells[name] = cells[name].astype(str).replace(dict(labels))
        if self._rows == 0:
            titles = self.heading.titles
            self._sheet.append([titles.get(name, name) for name in cells.columns])
        self._rows += len(cells)
        if self._rows > XLSX_ROWS:
            detail = (
                "Excel 一张表最多 1,048,575 行，请用 --where 缩小，或导出 csv、gpkg "
                "(too many rows for a sheet: filter, or export csv or gpkg)"
            )
            raise TooManyRowsError(detail)
        values = cells.astype(object).where(cells.notna(), None)
        for row in values.itertuples(index=False):
            self._sheet.append([storable(value) for value in row])

    def close(self) -> None:
        """Write the file."""
        about = self._book.create_sheet("说明")
        for name, words in self.heading.notes.items():
            about.append([name, words])
        self._mark()
        self._book.save(self.path)

    def _mark(self) -> None:
        """Put the watermark where a copy of the rows leaves it, and where it shows."""
        if (line := self.heading.notes.get("水印")) is None:
            return
        hidden = self._book.create_sheet("水印")
        hidden.sheet_state = "veryHidden"
        hidden.append([line])
        self._sheet.oddFooter.center.text = line.replace("&", "&&")
        self._book.properties.description = line
        self._book.properties.identifier = self.heading.notes[TITLE]


def _cells(chunk: GeoDataFrame) -> pd.DataFrame:
    """Return a chunk as cells of a sheet: shapes as numbers or text, times as text."""
    cells = pd.DataFrame(flat(chunk).drop(columns=chunk.geometry.name))
    shapes = chunk.geometry
    if (shapes.geom_type == "Point").all():
        x, y = ("lon", "lat") if chunk.crs.is_geographic else ("x", "y")
        digits = 7 if chunk.crs.is_geographic else 3
        cells[x] = shapes.x.round(digits)
        cells[y] = shapes.y.round(digits)
    else:
        cells["wkt"] = shapely.to_wkt(shapes.to_numpy(), rounding_precision=7)
    for name in cells.columns[cells.dtypes.map(pd.api.types.is_string_dtype)]:
        cells[name] = cells[name].map(disarmed, na_action="ignore")
    return cells
