"""The documented commands, run as commands: what maps show, what memory is used."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from gis_service import crs, definitions, offsets
from gis_service.access.scope import Scope
from gis_service.database import engine
from gis_service.people.id_number import check_character
from gis_service.publish.catalog import Catalog
from gis_service.publish.frames import frame
from tests import village

Run = Callable[..., int]

MORE_ROWS_KB = 60_000
"""What memory may grow by for six times the rows."""


RESIDENTS_OF_VILLAGE = 10
ONE_CENTIMETRE = 0.01

CATALOG = Catalog.load(definitions.folder("layers"))


@pytest.fixture
def run(copy_of_village: str, tmp_path: Path) -> Run:
    """Return a function that runs ``gis-grid intake`` and gives its peak of memory."""
    _free_numbers(copy_of_village)
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": copy_of_village,
        "GIS_DATA_FOLDER": str(tmp_path / "var"),
        "GIS_COUNTY_CODE": village.COUNTY,
    }

    def intake(*words: str | Path) -> int:
        command = [sys.executable, "-m", "gis_service.cli", "intake", *map(str, words)]
        process = subprocess.Popen(command, env=environment)
        peak = 0
        # What wait4 tells would begin at the peak of the process that runs the tests.
        while process.poll() is None:
            peak = max(peak, _peak_kb(process.pid))
            time.sleep(0.05)
        assert process.returncode == 0
        return peak

    return intake


def _peak_kb(pid: int) -> int:
    """Return the most memory a process has held so far; 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1]) for line in lines if line[0] == "VmHWM:"), 0)


def _free_numbers(url: str) -> None:
    """Step over the numbers that the village wrote itself."""
    owner = engine(url)
    tables = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema"
    tables += ".columns WHERE column_name = 'id' AND is_identity = 'YES'"
    with owner.begin() as connection:
        for name in connection.execute(text(tables)).scalars().all():
            query = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1000000)"
            connection.execute(text(query))
    owner.dispose()


def _residents(file: Path, count: int, bad_each: int) -> None:
    rows = [
        {"姓名": f"试{n}", "身份证号": _id_number(n), "户号": f"H{n % 3 + 1}"}
        for n in range(count)
    ]
    for row in rows[::bad_each]:
        row["姓名"] = ""
    pd.DataFrame(rows).to_csv(file, index=False)


def _id_number(n: int) -> str:
    day = f"{1940 + n // 1000 % 60}{1 + n // 60_000 % 12:02d}01"
    body = f"990101{day}{n % 1000:03d}"
    return body + check_character(body)


def _villages(file: Path) -> None:
    rows = {"XZQDM": [village.NORTH, village.EAST], "XZQMC": ["北村改名", "东村"]}
    boxes = [(0, 2000, 4000, 4000), (0, 0, 2000, 2000)]
    shapes = [village.stored(shapely.box(*one)) for one in boxes]
    frame = geopandas.GeoDataFrame(rows, geometry=shapes, crs=crs.STORED)
    frame.to_file(file, encoding="GB18030")
    file.with_suffix(".cpg").unlink()


def _cells(file: Path) -> None:
    east, north = village.CORNER_EAST_M, village.CORNER_NORTH_M
    shape = shapely.box(east + 3000, north, east + 4000, north + 1000)
    rows = {"网格编码": [f"{village.WEST}002"], "网格名称": ["西二"]}
    geopandas.GeoDataFrame(rows, geometry=[shape], crs=crs.METRIC).to_file(file)


def _matters(file: Path) -> None:
    lon, lat = village.place(500, 500)
    x, y = offsets.gcj02_from_gps(lon, lat)
    row = {
        "事项编号": "20261101431322000001",
        "类别": "暴露垃圾",
        "标题": "路边垃圾",
        "上报时间": "2026-11-01 08:30",
        "经度": float(x),
        "纬度": float(y),
    }
    pd.DataFrame([row]).to_excel(file, index=False)


def _shown(url: str) -> dict[str, geopandas.GeoDataFrame]:
    """Return what the layers show to a reader of the whole county."""
    owner = engine(url)
    layers = ("villages", "grid_cells", "residents", "open_matters")
    with owner.begin() as connection:
        county = Scope((village.COUNTY,))
        found = {one: frame(connection, CATALOG[one], county) for one in layers}
    owner.dispose()
    return found


def test_what_the_commands_take_in_is_on_the_map(
    run: Run, copy_of_village: str, tmp_path: Path
) -> None:
    _villages(tmp_path / "村界.shp")
    _cells(tmp_path / "网格.gpkg")
    _residents(tmp_path / "居民.csv", 300, 100)
    _matters(tmp_path / "事项.xlsx")

    run("villages", tmp_path / "村界.shp")
    run("cells", tmp_path / "网格.gpkg")
    run("residents", tmp_path / "居民.csv", "--report", tmp_path / "问题.csv")
    run("matters", tmp_path / "事项.xlsx", "--crs", "gcj02")

    shown = _shown(copy_of_village)
    assert "北村改名" in set(shown["villages"]["name"])
    assert f"{village.WEST}002" in set(shown["grid_cells"]["code"])
    assert len(shown["residents"]) == RESIDENTS_OF_VILLAGE + 297
    place = geopandas.points_from_xy(
        *zip(village.place(500, 500), strict=True), crs=crs.STORED
    )
    matters = shown["open_matters"].to_crs(crs.METRIC)
    assert matters.distance(place.to_crs(crs.METRIC)[0]).min() < ONE_CENTIMETRE
    refused = (tmp_path / "问题.csv").read_text(encoding="utf-8-sig")
    assert refused.count("拒收") == 3


def test_memory_does_not_grow_with_the_file(run: Run, tmp_path: Path) -> None:
    peaks = []
    for count in (20_000, 120_000):
        file = tmp_path / f"{count}.csv"
        _residents(file, count, 5)
        peaks.append(run("residents", file, "--try"))
    assert peaks[1] - peaks[0] < MORE_ROWS_KB, peaks


def test_each_command_forgets_what_rows_were_long_ago(
    run: Run, copy_of_village: str, tmp_path: Path
) -> None:
    changes = text("SELECT count(*) FROM intake.changes")
    age = text("UPDATE intake.batches SET at = at - make_interval(days => :days)")
    file = tmp_path / "户.csv"
    pd.DataFrame({"户号": ["H1"], "村代码": [village.EAST], "地址": ["甲"]}).to_csv(
        file, index=False
    )
    run("households", file)
    kept = []
    owner = engine(copy_of_village)
    for days in (89, 2):
        with owner.begin() as connection:
            connection.execute(age, {"days": days})
        run("list")
        with owner.begin() as connection:
            kept.append(connection.execute(changes).scalar_one())
    owner.dispose()
    assert kept == [1, 0]
