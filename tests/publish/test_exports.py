"""Exports: every format holds the rows, says what they are, and gives nothing away."""

import csv
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import geopandas
import openpyxl
import pyarrow.parquet
import pyogrio
import pytest
from geopandas import GeoDataFrame
from sqlalchemy import Connection, create_engine, text
from typer.testing import CliRunner

from gis_service import definitions
from gis_service.access.reader import COMMAND_LINE
from gis_service.access.scope import Scope
from gis_service.errors import (
    ConflictError,
    GridError,
    NotFoundError,
    ReasonWantedError,
)
from gis_service.publish import cli
from gis_service.publish.catalog import Catalog
from gis_service.publish.export_files import short_names
from gis_service.publish.export_rules import without_values
from gis_service.publish.export_sheets import TooManyRowsError
from gis_service.publish.exports import (
    WRITERS,
    Exported,
    Extract,
    UnknownFormatError,
    digest,
    export,
)
from gis_service.publish.frames import Asked, frame
from gis_service.publish.watermarks import watermark
from gis_service.settings import Settings
from tests import village

CATALOG = Catalog.load(definitions.folder("layers"))
COUNTY = Scope((village.COUNTY,))
FORMATS = sorted(WRITERS)
LABEL = "合成演示数据"


def _export(
    connection: Connection, layer_id: str, path: Path, asked: Asked | None = None
) -> Exported:
    extract = Extract(CATALOG[layer_id], COUNTY, asked or Asked())
    return export(connection, extract, path, Settings())


def _read(path: Path) -> GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return pyogrio.read_dataframe(path)


def _text(path: Path) -> str:
    """Return all that a file holds as text, whatever its kind."""
    if path.suffix == ".xlsx":
        with ZipFile(path) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    if path.suffix == ".parquet":
        metadata = pyarrow.parquet.read_schema(path).metadata
        about: str = metadata[b"about"].decode()
        return about + str(geopandas.read_parquet(path).to_csv())
    return path.read_bytes().decode(errors="replace")


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("layer_id", CATALOG)
def test_every_layer_goes_into_every_format(
    connection: Connection, tmp_path: Path, layer_id: str, ending: str
) -> None:
    expected = len(frame(connection, CATALOG[layer_id], COUNTY))
    done = _export(connection, layer_id, tmp_path / f"rows{ending}")
    assert done.rows == expected
    assert tmp_path / f"rows{ending}" in done.files or expected == 0


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".parquet", ".shp", ".kml"])
def test_shapes_come_back_as_they_were(
    connection: Connection, tmp_path: Path, ending: str
) -> None:
    _export(connection, "grid_cells", tmp_path / f"cells{ending}")
    back = _read(tmp_path / f"cells{ending}")
    stored = frame(connection, CATALOG["grid_cells"], COUNTY)
    assert back["code"].tolist() == stored["code"].tolist()
    same = stored.geometry.set_crs(back.crs, allow_override=True)
    assert back.geometry.geom_equals(same).all()


def test_no_folder_is_made_for_a_file(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="没有文件夹"):
        _export(connection, "grid_cells", tmp_path / "mistyped" / "cells.gpkg")
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("ending", FORMATS)
def test_file_says_that_the_data_is_synthetic(
    connection: Connection, tmp_path: Path, ending: str
) -> None:
    done = _export(connection, "service_centers", tmp_path / f"rows{ending}")
    assert LABEL in "".join(map(_text, done.files))


@pytest.mark.parametrize("ending", FORMATS)
def test_nothing_private_leaves(
    connection: Connection, tmp_path: Path, ending: str
) -> None:
    for layer_id in ("households", "residents", "care_residents"):
        done = _export(connection, layer_id, tmp_path / f"{layer_id}{ending}")
        content = "".join(map(_text, done.files))
        for words in ("赵", "钱", "1组1号", "H1"):
            assert words not in content


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_spreadsheets_get_no_formula(
    connection: Connection, tmp_path: Path, start: str
) -> None:
    name = f"{start}cmd"
    connection.execute(text("UPDATE sites.centers SET name = :name"), {"name": name})
    _export(connection, "service_centers", tmp_path / "a.csv")
    _export(connection, "service_centers", tmp_path / "a.xlsx")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [f"'{name}"] * 2
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cell = sheet.cell(2, 3)
    assert (cell.data_type, str(cell.value)[0]) == ("s", "'")


def test_sheet_speaks_to_people(connection: Connection, tmp_path: Path) -> None:
    _export(connection, "open_matters", tmp_path / "matters.xlsx")
    sheet, about = openpyxl.load_workbook(tmp_path / "matters.xlsx").worksheets
    titles = [cell.value for cell in sheet[1]]
    first = dict(zip(titles, (cell.value for cell in sheet[2]), strict=True))
    assert first["阶段"] == "待受理"
    assert str(first["上报时间"]) == "2026-10-20 09:00:00"
    assert about.cell(1, 2).value == "未结事项"


def test_table_of_points_has_longitude_and_latitude(
    connection: Connection, tmp_path: Path
) -> None:
    _export(connection, "service_centers", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    place = (float(first["lon"]), float(first["lat"]))
    assert place == pytest.approx(village.place(300, 300), abs=1e-6)


def test_coordinates_are_metres_when_asked_for(
    connection: Connection, tmp_path: Path
) -> None:
    _export(connection, "parcels", tmp_path / "a.gpkg", Asked(srid=4546))
    parcels = pyogrio.read_dataframe(tmp_path / "a.gpkg")
    assert parcels.crs.to_epsg() == 4546
    assert parcels.area.tolist() == pytest.approx([10_000] * 6, abs=0.01)


def test_geojson_keeps_to_its_standard(connection: Connection, tmp_path: Path) -> None:
    _export(connection, "villages", tmp_path / "a.geojson")
    content = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert "crs" not in content
    assert [each["id"] for each in content["features"]] == [1, 2, 3, 4]
    with pytest.raises(GridError, match="--crs"):
        _export(connection, "villages", tmp_path / "b.geojson", Asked(srid=4546))


def test_shapefile_tells_its_encoding_and_the_names_it_cut(
    connection: Connection, tmp_path: Path
) -> None:
    _export(connection, "grid_cells", tmp_path / "cells.shp")
    assert (tmp_path / "cells.cpg").read_text() == "UTF-8"
    assert pyogrio.read_dataframe(tmp_path / "cells.shp")["name"][0] == "东村1网格"
    with (tmp_path / "cells.fields.csv").open(encoding="utf-8-sig") as file:
        table = {row["column"]: row["field"] for row in csv.DictReader(file)}
    assert table["care_resid"] == "care_residents"


def test_shapefile_puts_other_kinds_of_shape_beside(
    connection: Connection, tmp_path: Path
) -> None:
    pond = text(
        "INSERT INTO land.waters (name, kind, geom) SELECT '山塘', '山塘', "
        "ST_Buffer(geom, 0.001, 2) FROM sites.centers LIMIT 1"
    )
    connection.execute(pond)
    done = _export(connection, "water", tmp_path / "water.shp")
    files = {each.name for each in done.files}
    assert {"water.shp", "water_polygon.shp"} <= files


def test_cut_names_stay_apart() -> None:
    names = [
        "care_residents",
        "care_residents_2",
        "care_resid",
        "网格编码名称",
        "网格编码",
    ]
    short = short_names(names)
    assert len(set(short.values())) == len(names)
    assert all(len(each.encode()) <= 10 for each in short.values())


def test_filter_narrows_the_export(connection: Connection, tmp_path: Path) -> None:
    asked = Asked(where="code = '431322001201001'")
    assert _export(connection, "grid_cells", tmp_path / "a.csv", asked).rows == 1


def test_refused_export_leaves_nothing_behind(
    connection: Connection, tmp_path: Path
) -> None:
    with pytest.raises(GridError):
        _export(connection, "grid_cells", tmp_path / "a.csv", Asked(where="x = 1"))
    with pytest.raises(UnknownFormatError, match="gpkg"):
        _export(connection, "grid_cells", tmp_path / "a.dwg")
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_there_is_not_overwritten(
    connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(ConflictError):
        _export(connection, "grid_cells", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_command_writes_the_file_and_a_line_of_the_trail(
    copy_of_village: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    file = str(tmp_path / "cells.gpkg")
    done = CliRunner().invoke(cli.app, ["grid_cells", file, "--json"])
    report = json.loads(done.stdout)
    assert (report["layer"], report["rows"], report["files"]) == (
        "grid_cells",
        6,
        [file],
    )
    line = _last_line(copy_of_village)
    assert (line.act, line.subject, line.facts["rows"]) == (
        "exported",
        "layer grid_cells",
        6,
    )
    assert line.facts["number"] == report["number"]
    assert line.facts["sha256"] == {"cells.gpkg": digest(Path(file))}
    assert report["number"] in _text(Path(file))


def test_command_wants_a_reason_for_rows_about_people(
    copy_of_village: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    file = tmp_path / "people.csv"
    done = CliRunner().invoke(cli.app, ["residents", str(file)])
    assert isinstance(done.exception, ReasonWantedError)
    assert not file.exists()
    CliRunner().invoke(cli.app, ["residents", str(file), "--reason", " 年度 普查 "])
    assert _last_line(copy_of_village).reason == "年度 普查"
    why = f"{'查' * 185}990101194501010019"
    CliRunner().invoke(cli.app, ["residents", str(tmp_path / "c.csv"), "--reason", why])
    assert str(_last_line(copy_of_village).reason).endswith("查990101********0")
    assert len(file.read_text("utf-8-sig").splitlines()) == 11
    monkeypatch.setenv("GIS_EXPORT_MAX_ROWS", "9")
    again = ["residents", str(tmp_path / "b.csv"), "--reason", "普查"]
    done = CliRunner().invoke(cli.app, again)
    assert isinstance(done.exception, TooManyRowsError)
    assert done.exception.parameters == {"rows": 10, "limit": 9}
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.parametrize("ending", FORMATS)
def test_file_says_who_took_it_out(
    connection: Connection, tmp_path: Path, ending: str
) -> None:
    mark = watermark(COMMAND_LINE)
    extract = Extract(CATALOG["households"], COUNTY, Asked(), mark)
    done = export(connection, extract, tmp_path / f"rows{ending}", Settings())
    said = "".join(map(_text, done.files))
    assert said.count(mark.number) >= 2
    assert "命令行 (gis-grid)" in said


def test_sheet_is_marked_where_it_shows_and_where_it_does_not(
    connection: Connection, tmp_path: Path
) -> None:
    mark = watermark(COMMAND_LINE)
    extract = Extract(CATALOG["residents"], COUNTY, Asked(), mark)
    export(connection, extract, tmp_path / "a.xlsx", Settings())
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rows, about, hidden = book.worksheets
    assert mark.line in [cell.value for cell in about["B"]]
    assert (hidden.sheet_state, hidden["A1"].value) == ("veryHidden", mark.line)
    assert mark.number in str(rows.oddFooter.center.text)
    assert book.properties.identifier == mark.number
    titles = [cell.value for cell in rows[1]]
    marked = rows.cell(2, titles.index("导出编号") + 1).value
    assert marked == mark.number


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        (None, None),
        ("grid_code = '431322101203'", "grid_code = '431322101203'"),
        ("name LIKE '赵%' AND age > 60", "name LIKE '…' AND age > 60"),
        ("a = '13812345678' OR b = 'O''Neill'", "a = '…' OR b = '…'"),
        ("id = 431322199001011234", "id = '…'"),
    ],
)
def test_filter_goes_on_the_trail_without_values_of_people(
    where: str | None, kept: str | None
) -> None:
    assert without_values(where) == kept


def _last_line(database: str) -> Any:  # noqa: ANN401 - a row of columns named below
    owner = create_engine(database)
    with owner.connect() as connection:
        query = "SELECT act, subject, reason, facts FROM access.trail ORDER BY id DESC"
        line = connection.execute(text(query)).first()
    owner.dispose()
    return line
