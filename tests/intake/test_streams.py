"""Spreadsheets and KML as they stream: what is read of them, and how much is kept."""

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pandas as pd
import pytest
import shapely
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from gis_service.intake import reading
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import SHAPE, Found

MORE_KB = 25_000
"""What the child may grow by for five times the rows."""

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>文件</name>{}</Document></kml>
"""
MARK = """<Placemark><name>甲</name><ExtendedData>
<Data name="类别"><value>{}</value></Data></ExtendedData>{}</Placemark>"""
BOX = "0,0,5 9,0,5 9,9,5 0,9,5 0,0,5"
HOLE = "1,1 2,1 2,2 1,2 1,1"


def _ring(place: str, coordinates: str) -> str:
    ring = f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
    return f"<{place}BoundaryIs>{ring}</{place}BoundaryIs>"


POLYGON = f"<Polygon>{_ring('outer', BOX)}{_ring('inner', HOLE)}</Polygon>"
LINE = "<LineString><coordinates>0,0 1,1</coordinates></LineString>"
POINT = "<Point><coordinates>111.3,27.7,120</coordinates></Point>"


def _read(file: Path, **declared: Any) -> tuple[Found, pd.DataFrame]:  # noqa: ANN401 - options
    with reading.opened(file, **declared) as source:
        pieces = [batch.to_pandas() for batch in source.batches]
    return source.found, pd.concat(pieces, ignore_index=True)


def _kml(folder: Path, *marks: str, wrap: str = "{}") -> Path:
    file = folder / "a.kml"
    file.write_text(KML.format(wrap.format("".join(marks))), encoding="utf-8")
    return file


def _repacked(file: Path, part: str, change: Callable[[str], str]) -> Path:
    """Write a package again with one of its parts changed."""
    changed = file.with_name("changed.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, change(text) if name == part else text)
        if part not in old.namelist():
            new.writestr(part, change(""))
    return changed


def _shared(file: Path) -> Path:
    """Move the strings of a workbook to where spreadsheet programs keep them."""
    strings: dict[str, int] = {}

    def moved(found: re.Match[str]) -> str:
        number = strings.setdefault(found.group(1), len(strings))
        return f't="s"><v>{number}</v>'

    def change(text: str) -> str:
        return re.sub('t="inlineStr"><is>(.*?)</is>', moved, text)

    def listed(_: str) -> str:
        items = "".join(f"<si>{one}</si>" for one in strings)
        return f"<sst xmlns='{SHEET_MAIN_NS}'>{items}</sst>"

    def named(text: str) -> str:
        part = "<Override PartName='/xl/sharedStrings.xml'"
        return text.replace("</T", f"{part} ContentType='{SHARED_STRINGS}'/></T")

    _repacked(file, "xl/worksheets/sheet1.xml", change).replace(file)
    _repacked(file, "xl/sharedStrings.xml", listed).replace(file)
    return _repacked(file, "[Content_Types].xml", named).replace(file)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["名称", "日期", "数", "是否", "公式"])
    book.active.append(["甲", datetime(2024, 1, 31, 8, 30), 12, True, "=1/0"])  # noqa: DTZ001 - as sheets keep it
    book.active.append([None, None, 0.1])
    book.active["F5"] = "远"
    hidden = book.create_sheet("藏")
    hidden.sheet_state = "hidden"
    hidden.append(["名称", "日期"])
    book.save(tmp_path / "a.xlsx")
    return _shared(tmp_path / "a.xlsx")


def test_cells_of_every_kind_become_text(sheet: Path) -> None:
    found, rows = _read(sheet)
    assert found.columns == ("名称", "日期", "数", "是否", "公式")
    assert found.skipped == ("工作表 藏",)
    assert rows.iloc[0, 2:].tolist()[:4] == ["甲", "2024-01-31 08:30:00", "12", "true"]
    assert rows["数"].tolist()[:2] == ["12", "0.1"]
    assert rows["__row_no"].tolist() == [2, 3, 5]
    assert rows["__fault"].tolist()[2] == "ragged"


def test_strings_are_found_by_their_number(tmp_path: Path) -> None:
    count = 1000
    frame = pd.DataFrame({"名称": [f"第{n}处" for n in range(count)][::-1]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    _, rows = _read(_shared(tmp_path / "a.xlsx"))
    assert rows["名称"].tolist() == frame["名称"].tolist()


def test_runs_are_put_together_and_readings_left_out(sheet: Path) -> None:
    rich = "<si><r><t>甲</t></r><r><t>_x000A_乙</t></r><rPh><t>jia</t></rPh></si>"

    def change(text: str) -> str:
        return text.replace("<si><t>甲</t></si>", rich)

    file = _repacked(sheet, "xl/sharedStrings.xml", change)
    assert _read(file)[1]["名称"].iloc[0] == "甲\n乙"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", '<row r="2"', '<row r="2000000"'),
        ("xl/worksheets/sheet1.xml", 'r="A2"', 'r="ZZZZ2"'),
        ("xl/worksheets/sheet1.xml", "<sheetData>", "<sheetData><row>"),
        ("xl/worksheets/sheet1.xml", "<worksheet", "<!DOCTYPE a><worksheet"),
        ("xl/sharedStrings.xml", "<sst", '<!DOCTYPE a [<!ENTITY b "c">]><sst'),
        ("xl/worksheets/sheet1.xml", '<c r="A2" t="s"><v>', '<c r="A2" t="s"><v>99'),
        ("xl/workbook.xml", "<sheets>", "<nothing>"),
        ("xl/styles.xml", "<styleSheet", "<!DOCTYPE"),
    ],
)
def test_a_spoilt_workbook_is_refused(
    sheet: Path, part: str, old: str, new: str
) -> None:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    with pytest.raises(FileRefusedError) as refused:
        _read(_repacked(sheet, part, change))
    assert "/" not in refused.value.detail


def test_placemarks_become_rows(tmp_path: Path) -> None:
    both = f"<MultiGeometry>{LINE}{POINT}</MultiGeometry>"
    marks = [MARK.format("水", one) for one in (POINT, LINE, POLYGON, both, "")]
    found, rows = _read(_kml(tmp_path, *marks))
    assert found.columns == ("Name", "类别")
    assert (found.layer, found.crs) == ("文件", "EPSG:4326")
    assert set(rows["类别"]) == {"水"}
    shapes = shapely.from_wkb(rows[SHAPE])
    assert [getattr(one, "geom_type", None) for one in shapes] == [
        "Point", "LineString", "Polygon", "GeometryCollection", None,
    ]  # fmt: skip
    assert (shapes[0].x, shapes[0].y) == (111.3, 27.7)
    assert shapes[2].area == 80


@pytest.mark.parametrize("coordinates", ["a,b", "1", "1,2 3", "1,2,3,4 5;6"], ids=str)
def test_a_broken_placemark_spoils_its_own_row_only(
    tmp_path: Path, coordinates: str
) -> None:
    bad = f"<Point><coordinates>{coordinates}</coordinates></Point>"
    marks = (MARK.format(1, bad), MARK.format(2, POINT))
    _, rows = _read(_kml(tmp_path, *marks))
    shapes = shapely.from_wkb(rows[SHAPE], on_invalid="ignore")
    assert shapely.is_missing(shapes).tolist() == [True, False]


def test_of_several_folders_one_must_be_named(tmp_path: Path) -> None:
    folders = [
        f"<Folder><name>{name}</name>{MARK.format(name, POINT)}</Folder>"
        for name in ("东", "西")
    ]
    file = _kml(tmp_path, *folders)
    with pytest.raises(FileRefusedError, match="东、西"):
        _read(file)
    assert _read(file, layer="西")[1]["类别"].tolist() == ["西"]
    with pytest.raises(FileRefusedError, match="没有图层"):
        _read(file, layer="南")


def test_a_doctype_far_from_the_start_is_refused_too(tmp_path: Path) -> None:
    file = tmp_path / "a.kml"
    late = f"<!--{' ' * 2_000_000}--><!DOCTYPE kml [<!ENTITY a 'b'>]><kml>&a;</kml>"
    file.write_text(f"<?xml version='1.0'?>{late}", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="DOCTYPE"):
        _read(file)


def _write_xlsx(file: Path, count: int) -> None:
    names = [f"第{n}处堆放未清运" for n in range(count)]
    pd.DataFrame({"名称": names, "描述": names[::-1]}).to_excel(file, index=False)
    _shared(file)


def _write_kml(file: Path, count: int) -> None:
    marks = (MARK.format(f"第{n}处", POINT) for n in range(count))
    file.write_text(KML.format("".join(marks)), encoding="utf-8")


def _peaks_kb(file: Path) -> Iterator[int]:
    """Read a file and return, piece by piece, the most the child has held."""
    with reading.opened(file) as source:
        for _ in source.batches:
            children = Path("/proc/self/task").glob("*/children")
            pids = " ".join(one.read_text() for one in children).split()
            for pid in pids:
                status = Path(f"/proc/{pid}/status").read_text().splitlines()
                peak = [line.split()[1] for line in status if "VmHWM" in line]
                is_reader = b"intake.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
                yield int(peak[0]) if peak and is_reader else 0


@pytest.mark.parametrize("write", [_write_xlsx, _write_kml])
def test_the_reader_keeps_nothing_of_the_rows(
    tmp_path: Path, write: Callable[[Path, int], None]
) -> None:
    peaks = []
    suffix = write.__name__.removeprefix("_write_")
    for count in (10_000, 50_000):
        file = tmp_path / f"{count}.{suffix}"
        write(file, count)
        peaks.append(max(_peaks_kb(file)))
    assert 0 < peaks[0] < peaks[1] + MORE_KB
    assert peaks[1] - peaks[0] < MORE_KB, peaks


def test_a_heading_cut_within_a_character_is_read(tmp_path: Path) -> None:
    file = tmp_path / "事项.shp"
    rows = {"标题": ["路灯不亮", None], "上报时间": ["2026-11-01", "2026-11-02"]}
    shapes = [shapely.Point(111.3, 27.7)] * 2
    frame = geopandas.GeoDataFrame(rows, geometry=shapes, crs=4490)
    # DBF keeps ten bytes of a name: three characters and a part of the fourth.
    with pytest.warns(RuntimeWarning, match="laundered"):
        frame.to_file(file, encoding="utf-8")
    with reading.opened(file) as source:
        assert source.found.columns == ("标题", "上报时")
        read = [row for batch in source.batches for row in batch.to_pylist()]
    texts = [tuple(row.values())[2:4] for row in read]
    assert texts == [("路灯不亮", "2026-11-01"), (None, "2026-11-02")]


def _layers(folder: Path, *names: str) -> list[Path]:
    """Write a Shapefile of each name and return all their files."""
    for name in names:
        frame = geopandas.GeoDataFrame(
            {"类别": [name]}, geometry=[shapely.Point(111, 27)], crs=4490
        )
        frame.to_file(folder / f"{name}.shp", encoding="UTF-8")
    return sorted(one for one in folder.iterdir() if one.stem in names)


def test_a_wrong_layer_is_refused_though_there_is_only_one(tmp_path: Path) -> None:
    _layers(tmp_path, "cells")
    frame = geopandas.read_file(tmp_path / "cells.shp")
    frame.to_file(tmp_path / "a.gpkg", layer="网格")
    for file, name in (
        (tmp_path / "a.gpkg", "网格"),
        (tmp_path / "cells.shp", "cells"),
    ):
        assert _read(file)[0].layer == name
        assert _read(file, layer=name)[0].layer == name
        with pytest.raises(FileRefusedError, match=f"没有图层 道路；有: {name}"):
            _read(file, layer="道路")


def test_of_several_shapefiles_in_an_archive_the_layer_names_one(
    tmp_path: Path,
) -> None:
    packed = tmp_path / "both.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for one in _layers(tmp_path, "east", "west"):
            archive.write(one, one.name)
    assert _read(packed, layer="west")[1]["类别"].tolist() == ["west"]
    with pytest.raises(FileRefusedError, match="east、west；请用 --layer"):
        _read(packed)
    with pytest.raises(FileRefusedError, match="没有图层 south；有: east、west"):
        _read(packed, layer="south")
