"""The four files the service is accepted with, by the documented ways."""

from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import shapely
from sqlalchemy import Connection, text

from gis_service import crs, offsets
from gis_service.people.id_number import check_character
from tests import village
from tests.intake.conftest import Take, codes, issues

NEW_VILLAGE = f"{village.FAR_TOWNSHIP}202"


def _count(connection: Connection, table: str, where: str = "true") -> int:
    query = text(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - ours
    return int(connection.execute(query).scalar_one())


def _box(x: float, y: float, x_end: float, y_end: float) -> shapely.Polygon:
    return village.stored(shapely.box(x, y, x_end, y_end))


def _id_number(number: int) -> str:
    day = f"{1940 + number % 60}{1 + number % 12:02d}{1 + number % 28:02d}"
    body = f"990101{day}{number % 1000:03d}"
    return body + check_character(body)


def test_villages_in_gbk_without_cpg_go_in(
    connection: Connection, taken: Take, tmp_path: Path
) -> None:
    rows = {
        "XZQDM": [village.NORTH, village.EAST],
        "XZQMC": ["北村改名", "东村"],
        "面积": [1.0, 2.0],
    }
    shapes = [_box(0, 2000, 4000, 4000), _box(0, 0, 2000, 2000)]
    file = tmp_path / "村界.shp"
    frame = geopandas.GeoDataFrame(rows, geometry=shapes, crs=crs.STORED)
    frame.to_file(file, encoding="GB18030")
    file.with_suffix(".cpg").unlink()

    report = taken("villages", file)

    assert report.is_stored
    found = report.files[0].found
    assert found is not None
    assert found.encoding == "gb18030"
    merged = report.files[0].merged
    assert (merged.new, merged.changed) == (0, 2), list(report.files[0].findings)
    query = text("SELECT name FROM divisions.villages WHERE code = :code")
    names = connection.execute(query, {"code": village.NORTH}).scalars().all()
    assert names == ["北村改名"]


def test_cells_in_gauss_krueger_go_in_and_things_are_attached_again(
    connection: Connection, taken: Take, tmp_path: Path
) -> None:
    east, north = village.CORNER_EAST_M, village.CORNER_NORTH_M
    boxes = [(3000, 0, 4000, 1000), (3000, 1000, 4000, 2000)]
    frame = geopandas.GeoDataFrame(
        {
            "网格编码": [f"{village.WEST}002", f"{village.WEST}003"],
            "网格名称": ["西二", "西三"],
        },
        geometry=[
            shapely.box(east + x, north + y, east + x_end, north + y_end)
            for x, y, x_end, y_end in boxes
        ],
        crs=crs.METRIC,
    )
    frame.to_file(tmp_path / "cells.gpkg", layer="网格")
    assert _count(connection, "people.households", f"grid_code = '{village.WEST}'") == 1

    report = taken("cells", tmp_path / "cells.gpkg")

    assert [one.merged.new for one in report.files] == [2], issues(report)
    assert report.moved > 0
    moved = f"grid_code = '{village.WEST}002' AND code = 'H4'"
    assert _count(connection, "people.households", moved) == 1
    bands = "code LIKE '%002' AND geom_web_z8 IS NOT NULL AND geom_web_z12 IS NOT NULL"
    assert _count(connection, "grid.cells", bands) == 2
    assert _count(connection, "grid.reaches", f"code = '{village.WEST}002'") == 1


def test_each_bad_resident_is_named_with_its_reason(
    connection: Connection, taken: Take, table: Callable[..., Path]
) -> None:
    rows = [
        {
            "姓名": f"试{number}",
            "身份证号码": _id_number(number),
            "户号": f"H{number % 3 + 1}",
            "与户主关系": "子",
            "联系电话": f"1380000{number:04d}",
            "村代码": village.EAST,
            "关爱类型": "低保、残疾" if number % 10 == 0 else "",
        }
        for number in range(300)
    ]
    rows[10]["身份证号码"] = rows[10]["身份证号码"][:17] + "?"
    rows[20]["姓名"] = ""
    rows[30]["户号"] = "H999"
    del_digit = rows[40]["身份证号码"]
    rows[40]["身份证号码"] = del_digit[:17] + ("1" if del_digit[17] != "1" else "2")

    report = taken("residents", table(rows, encoding="gb18030"))

    assert report.refused == 4, issues(report)
    refused = {row: code for row, code, kind in issues(report) if kind == "refused"}
    assert refused == {
        12: "id_characters",
        22: "missing",
        32: "household_unknown",
        42: "id_check_digit",
    }
    assert report.files[0].merged.new == 296
    assert _count(connection, "people.residents", "care_types = '{03,04}'") == 26
    batch = report.files[0].batch_id
    assert (
        _count(
            connection, "intake.issues", f"batch_id = {batch} AND severity = 'refused'"
        )
        == 4
    )
    stored = connection.execute(
        text("SELECT string_agg(row(i.*)::text, ' ') FROM intake.issues AS i")
    ).scalar_one()
    assert _id_number(10)[6:14] not in stored


def test_matters_in_gcj02_lie_where_they_were_seen(
    connection: Connection, taken: Take, table: Callable[..., Path]
) -> None:
    lon, lat = village.place(500, 500)
    x, y = offsets.gcj02_from_gps(lon, lat)
    rows = [
        {
            "事项编号": f"20261101431322{number:06d}",
            "类别": "暴露垃圾",
            "标题": "路边垃圾",
            "上报时间": "2026-11-01 08:30",
            "经度": float(x),
            "纬度": float(y),
        }
        for number in range(3)
    ]
    report = taken("matters", table(rows, "matters.xlsx"), crs="gcj02")

    assert report.files[0].merged.new == 3, issues(report)
    query = text(
        "SELECT grid_code, ST_X(geom), ST_Y(geom) FROM matters.matters"
        " WHERE number LIKE '20261101431322%'"
    )
    for grid_code, stored_lon, stored_lat in connection.execute(query):
        assert grid_code == village.FIRST_CELL
        assert np.allclose([stored_lon, stored_lat], [lon, lat], atol=1e-8)
    assert "matter_repeated" in codes(report)
