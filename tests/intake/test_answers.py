"""The answers to the bad inputs of the domain, one line each where it can be."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from gis_service import offsets
from gis_service.intake.faults import FileRefusedError
from gis_service.people.id_number import check_character
from tests import village
from tests.intake.conftest import Take, codes, issues

Table = Callable[..., Path]

GOOD_ID = "990101199001010019"
UNKNOWN = f"{village.NEAR_TOWNSHIP}299"
MERGED = f"{village.NEAR_TOWNSHIP}209"
SPLIT = f"{village.NEAR_TOWNSHIP}208"
TOO_EARLY = {"结案时间": "2026-10-31", "状态": "已结案"}
WIDE = "'９９０１０１199001010019 "
WEST_LON, WEST_LAT = village.place(2500, 500)
NOWHERE_LON, NOWHERE_LAT = village.place(3500, 500)
NO_CELL = {"经度": NOWHERE_LON, "纬度": NOWHERE_LAT}

RESIDENT = {
    "姓名": "试一",
    "身份证号": GOOD_ID,
    "户号": "H1",
    "与户主关系": "子",
    "村代码": village.EAST,
}
HOUSEHOLD = {"户号": "N1", "村代码": village.EAST, "经度": "", "纬度": ""}
MATTER = {
    "事项编号": "20261101431322000001",
    "类别": "0102",
    "标题": "垃圾",
    "上报时间": "2026-11-01 08:00",
    "村代码": village.EAST,
}
OBJECT = {
    "部件编码": f"{village.COUNTY}0101000001",
    "名称": "井盖",
    "经度": str(WEST_LON),
    "纬度": str(WEST_LAT),
}
ROWS = {
    "residents": RESIDENT,
    "households": HOUSEHOLD,
    "matters": MATTER,
    "objects": OBJECT,
}


def _id(body: str) -> str:
    return body + check_character(body)


ANSWERS = [
    # number, what, changes to a good row, code found, severity
    (1, "residents", {"身份证号": GOOD_ID[:17] + "8"}, "id_check_digit", "refused"),
    (2, "residents", {"身份证号": "432524651130123"}, "id_normalised", "fixed"),
    (3, "residents", {"身份证号": "4.31322E+17"}, "id_spoilt", "refused"),
    (4, "residents", {"身份证号": "99010119560229002x"}, "id_normalised", "fixed"),
    (4, "residents", {"身份证号": WIDE}, "id_normalised", "fixed"),
    (5, "residents", {"出生日期": "1991-01-01"}, "birth_differs", "refused"),
    (5, "residents", {"性别": "女"}, "sex_differs", "warned"),
    (5, "residents", {"身份证号": _id("99010120990101001")}, "id_future", "refused"),
    (5, "residents", {"身份证号": _id("99010118700101001")}, "id_age", "refused"),
    (5, "residents", {"身份证号": "990101199002300011"}, "id_birth", "refused"),
    (6, "residents", {"身份证号": _id("43252419651130123")}, "id_area_old", "warned"),
    (8, "households", {"村代码": UNKNOWN}, "village_unknown", "refused"),
    (9, "households", {"村代码": MERGED}, "village_retired", "fixed"),
    (9, "households", {"村代码": SPLIT}, "village_split", "refused"),
    (10, "households", {"村代码": f"{village.EAST}.0"}, "code_normalised", "fixed"),
    (10, "objects", {"类别": "101"}, "zero_restored", "fixed"),
    (11, "households", {"村名": "西村"}, "code_name_differ", "warned"),
    (12, "households", {"村代码": village.NEAR_TOWNSHIP}, "code_level", "refused"),
    (14, "objects", {"经度": "0", "纬度": "0"}, "coordinate_missing", "refused"),
    (14, "objects", {"经度": "0"}, "coordinate_missing", "refused"),
    (14, "objects", {"纬度": "0.0"}, "coordinate_missing", "refused"),
    (14, "objects", {"经度": "", "纬度": ""}, "place_missing", "refused"),
    (14, "objects", {"经度": "E111.31"}, "coordinate_read", "fixed"),
    (14, "objects", {"经度": "111°18′36″"}, "coordinate_read", "fixed"),
    (14, "objects", {"经度": "111,31"}, "coordinate_read", "fixed"),
    (14, "objects", {"经度": "东边"}, "coordinate_unreadable", "refused"),
    (18, "objects", NO_CELL, "outside_cells", "warned"),
    (18, "objects", {"经度": "112.5"}, "outside_county", "refused"),
    (20, "objects", {"网格编码": village.FIRST_CELL}, "cell_differs", "warned"),
    (34, "residents", {"出生日期": "32874"}, "date_read", "fixed"),
    (34, "residents", {"出生日期": "一九九〇年一月一日"}, "date_read", "fixed"),
    (34, "residents", {"出生日期": "90/1/1"}, "date_unreadable", "refused"),
    (36, "residents", {"姓名": "#REF!"}, "formula_error", "refused"),
    (37, "residents", {"户号": "H999"}, "household_unknown", "refused"),
    (39, "objects", {"部件编码": "431322010100001"}, "code_length", "refused"),
    (39, "objects", {"部件编码": "4313230101000001"}, "object_county", "refused"),
    (39, "objects", {"类别": "0102"}, "object_code", "refused"),
    (39, "objects", {"部件编码": "4313229999000001"}, "object_category", "refused"),
    (40, "matters", TOO_EARLY, "matter_order", "refused"),
    (40, "matters", {"时限值": "0"}, "matter_limit", "refused"),
    (40, "matters", {"办结时限": "2026-10-01"}, "matter_limit", "refused"),
    (40, "matters", {"类别": "没有这类"}, "matter_class", "refused"),
    (40, "matters", {"上报时间": "2019-01-01 08:00"}, "matter_not_admitted", "refused"),
    (40, "matters", {"状态": "已结案"}, "matter_state", "refused"),
    (43, "residents", {"姓名": "试" * 4000}, "too_long", "refused"),
    (43, "residents", {"姓名": "试\u0000一"}, "invisible", "fixed"),
]  # fmt: skip


@pytest.fixture
def mergers(connection: Connection) -> None:
    """Retire a village into one successor, and one into two."""
    query = text(
        "INSERT INTO divisions.villages"
        " (code, name, kind, geom, valid_from, valid_to, successors)"
        " SELECT :code, :name, kind, geom, '2000-01-01', '2016-01-01', :successors"
        " FROM divisions.villages WHERE code = :like"
    )
    for tail, name, successors in (
        ("209", "旧村", [village.EAST]),
        ("208", "分村", [village.EAST, village.WEST]),
    ):
        values = {
            "code": f"{village.NEAR_TOWNSHIP}{tail}",
            "name": name,
            "successors": successors,
            "like": village.EAST,
        }
        connection.execute(query, values)


@pytest.mark.parametrize(
    ("number", "what", "changes", "code", "severity"),
    ANSWERS,
    ids=[f"{number}-{code}" for number, _, _, code, _ in ANSWERS],
)
@pytest.mark.usefixtures("mergers")
def test_a_bad_value_gets_its_answer(  # noqa: PLR0913, PLR0917 - columns of the table
    taken: Take,
    table: Table,
    number: int,
    what: str,
    changes: dict[str, Any],
    code: str,
    severity: str,
) -> None:
    report = taken(what, table([{**ROWS[what], **changes}]), crs="EPSG:4490")
    found = {(one, kind) for _, one, kind in issues(report)}
    assert (code, severity) in found, (number, list(report.files[0].findings))
    assert report.refused == int(severity == "refused")


def test_3_a_column_of_numbers_is_refused_whole(taken: Take, table: Table) -> None:
    file = table([{**RESIDENT, "身份证号": 990101199001010019}], "residents.xlsx")
    with pytest.raises(FileRefusedError, match="请把列设为文本后重新导出"):
        taken("residents", file)


def test_3_ids_that_end_in_zeros_are_refused_whole(taken: Take, table: Table) -> None:
    rows = [
        {**RESIDENT, "身份证号": f"9901011990010{n}000"[:15] + "000"} for n in range(9)
    ]
    with pytest.raises(FileRefusedError, match="请把列设为文本后重新导出"):
        taken("residents", table(rows))


def test_7_the_first_of_equal_numbers_is_kept(taken: Take, table: Table) -> None:
    report = taken("residents", table([RESIDENT, RESIDENT]))
    assert issues(report) == [(3, "duplicate_person", "refused")]
    assert report.files[0].merged.new == 1


def test_7_one_number_with_two_names_is_refused(taken: Take, table: Table) -> None:
    other = {**RESIDENT, "姓名": "别人"}
    report = taken("residents", table([RESIDENT, other]))
    assert codes(report) == {"duplicate_other_name"}
    assert report.refused == 2
    assert taken("residents", table([RESIDENT], "a.csv")).files[0].merged.new == 1
    later = taken("residents", table([other], "b.csv"))
    assert codes(later) == {"name_differs"}


def test_13_swapped_columns_are_exchanged_only_when_confirmed(
    taken: Take, table: Table, connection: Connection
) -> None:
    file = table([{**OBJECT, "经度": str(WEST_LAT), "纬度": str(WEST_LON)}])
    with pytest.raises(FileRefusedError, match="写反"):
        taken("objects", file, crs="EPSG:4490")
    report = taken("objects", file, crs="EPSG:4490", is_swapped=True)
    assert report.files[0].merged.new == 1
    query = text("SELECT grid_code FROM objects.objects WHERE code = :code")
    grid_code = connection.execute(query, {"code": OBJECT["部件编码"]}).scalar_one()
    assert grid_code == f"{village.WEST}001"


@pytest.mark.parametrize("place", [(0, 0), (WEST_LON, 0), (0, WEST_LAT)])
def test_14_a_drawn_point_with_a_zero_has_no_coordinates(
    taken: Take, tmp_path: Path, place: tuple[float, float]
) -> None:
    rows = {name: [value] for name, value in OBJECT.items() if "度" not in name}
    frame = geopandas.GeoDataFrame(rows, geometry=[shapely.Point(place)], crs=4490)
    frame.to_file(tmp_path / "a.gpkg")
    report = taken("objects", tmp_path / "a.gpkg")
    assert codes(report) == {"coordinate_missing"}
    assert report.refused == 1


@pytest.mark.parametrize(
    ("east", "suggested"), [(529_589.0, "EPSG:4546"), (37_529_589.0, "EPSG:4525")]
)
def test_15_metres_in_degrees_are_recognised(
    taken: Take, table: Table, east: float, suggested: str
) -> None:
    file = table([{**OBJECT, "经度": east, "纬度": 3_065_232.0}])
    with pytest.raises(FileRefusedError, match=suggested):
        taken("objects", file, crs="EPSG:4490")
    report = taken("objects", file, crs=suggested)
    assert report.files[0].merged.new == 1


def _around(count: int, *, is_shifted: Callable[[int], bool]) -> list[dict[str, Any]]:
    """Return objects near the western edge of a village, some of them offset."""
    rows = []
    for number in range(count):
        lon, lat = village.place(4100 + number % 5 * 10, 500 + number * 20)
        if is_shifted(number):
            # A shift to the west puts them into the next village.
            lon, lat = (float(one) for one in offsets.gps_from_gcj02(lon, lat))
        code = f"{village.COUNTY}0101{number:06d}"
        place = {"经度": lon, "纬度": lat, "村代码": village.FAR}
        rows.append({**OBJECT, "部件编码": code, **place})
    return rows


def test_16_offset_coordinates_are_suspected(taken: Take, table: Table) -> None:
    rows = []
    for row in _around(40, is_shifted=lambda _: False):
        lon, lat = village.place(3900, 1000)
        x, y = offsets.gcj02_from_gps(lon, lat)
        rows.append({**row, "村代码": village.WEST, "经度": float(x), "纬度": float(y)})
    report = taken("objects", table(rows), crs="EPSG:4490")
    assert ("gcj02_suspected") in codes(report)
    right = taken("objects", table(rows, "right.csv"), crs="gcj02")
    assert "gcj02_suspected" not in codes(right)


def test_16_mixed_coordinates_are_refused(taken: Take, table: Table) -> None:
    rows = _around(40, is_shifted=lambda _: False)
    for row in rows[::2]:
        lon, lat = village.place(3900, 1000)
        x, y = offsets.gcj02_from_gps(lon, lat)
        row |= {"村代码": village.WEST, "经度": float(x), "纬度": float(y)}
    with pytest.raises(FileRefusedError, match="混有火星坐标"):
        taken("objects", table(rows), crs="EPSG:4490")


def test_17_places_without_a_declared_crs_are_refused(
    taken: Take, table: Table
) -> None:
    with pytest.raises(FileRefusedError, match="--crs"):
        taken("objects", table([OBJECT]))


@pytest.mark.parametrize("crs", ["EPSG:4214", "EPSG:4610", "EPSG:2436", "EPSG:2383"])
def test_17_beijing54_and_xian80_are_not_converted(
    taken: Take, table: Table, crs: str
) -> None:
    with pytest.raises(FileRefusedError, match="北京54、西安80"):
        taken("objects", table([OBJECT]), crs=crs)


def test_19_a_shared_edge_goes_to_the_smallest_code(
    taken: Take, table: Table, connection: Connection
) -> None:
    # The village's corners are written with twelve decimals.
    lon, lat = (round(one, 12) for one in village.place(1000, 1000))
    taken("objects", table([{**OBJECT, "经度": lon, "纬度": lat}]), crs="EPSG:4490")
    query = text("SELECT grid_code FROM objects.objects WHERE code = :code")
    grid_code = connection.execute(query, {"code": OBJECT["部件编码"]}).scalar_one()
    assert grid_code == village.FIRST_CELL


def test_20_both_cells_are_listed_when_the_accuracy_is_low(
    taken: Take, table: Table
) -> None:
    place = {"经度": WEST_LON, "纬度": WEST_LAT, "网格编码": village.FIRST_CELL}
    row = {**MATTER, **place, "定位精度": "120"}
    report = taken("matters", table([row]), crs="EPSG:4490")
    found = [one for one in report.files[0].findings if one.code == "cell_unsure"]
    assert village.FIRST_CELL in found[0].message
    assert f"{village.WEST}001" in found[0].message


def test_numbers_of_persons_in_texts_of_matters_are_hidden(
    taken: Take, table: Table, connection: Connection
) -> None:
    row = {**MATTER, "描述": "请打13812345678", "标题": "王某990101198001010019"}
    report = taken("matters", table([row]), crs="EPSG:4490")
    found = [
        one for one in report.files[0].findings if one.code == "matter_numbers_hidden"
    ]
    assert [one.column for one in found] == ["标题", "描述"]
    assert not any(set("0123456789") & set(str(one.value)) for one in found)
    query = text(
        "SELECT title || description FROM matters.matters "
        "WHERE description LIKE '请打%'"
    )
    kept = connection.execute(query).scalar_one()
    assert kept == "王某990101********0019请打138****5678"


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("gb18030", ";"), ("utf-16", "\t"), ("big5", ",")],
)
def test_23_encodings_and_delimiters_are_found(
    taken: Take, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    names = {
        "身份證號碼": GOOD_ID,
        "姓名": "測試居民甲",
        "戶號": "",
        "村代码": village.EAST,
    }
    if encoding == "big5":
        names.pop("村代码")
        names["village"] = village.EAST
    lines = [delimiter.join(names), delimiter.join(names.values())]
    file = tmp_path / "list.csv"
    file.write_text("\n".join(lines), encoding=encoding)
    report = taken("residents", file)
    assert report.files[0].merged.new == 1, list(report.files[0].findings)


@pytest.mark.parametrize(
    ("heading", "number", "stored"),
    [
        ("合同面积(亩)", 3.0, 3.0),
        ("合同面积(公顷)", 0.2, 3.0),
        ("合同面积(平方米)", 2000, 3.0),
    ],
)
def test_30_areas_come_in_their_unit(  # noqa: PLR0913, PLR0917 - columns of the table
    taken: Take,
    table: Table,
    connection: Connection,
    heading: str,
    number: float,
    stored: float,
) -> None:
    report = taken("parcels", table([_parcel(1) | {heading: number}]), crs="EPSG:4490")
    assert "area_differs" in codes(report)
    query = text("SELECT area_contract_mu FROM land.parcels WHERE code LIKE 'P%1'")
    assert float(connection.execute(query).scalar_one()) == stored


def test_30_a_unit_is_told_by_the_ratio_or_asked_for(taken: Take, table: Table) -> None:
    exact = 100 * 100 * 3 / 2000
    rows = [_parcel(n) | {"合同面积": round(exact, 2)} for n in range(4)]
    report = taken("parcels", table(rows), crs="EPSG:4490")
    assert "area_unit_found" in codes(report)
    rows = [_parcel(n) | {"合同面积": 77.0 * (n + 1)} for n in range(4)]
    with pytest.raises(FileRefusedError, match="单位"):
        taken("parcels", table(rows, "b.csv"), crs="EPSG:4490")


def _parcel(number: int) -> dict[str, Any]:
    corners = [(100, 100), (200, 100), (200, 200), (100, 200), (100, 100)]
    ring = [village.place(x + number * 110, y) for x, y in corners]
    wkt = "POLYGON((" + ",".join(f"{x} {y}" for x, y in ring) + "))"
    return {"地块编码": f"P{number}", "类别": "承包地", "wkt": wkt}


@pytest.mark.parametrize(
    ("land_use", "edition", "code", "stored"),
    [
        ("011", "2007", "land_use_mapped", "0101"),
        ("031", "2007", "land_use_ambiguous", "031"),
        ("011", None, "land_use_edition", "011"),
        ("101", "2017", "zero_restored", "0101"),
        ("0199", "2017", "land_use_unknown", None),
        ("水田", None, None, "0101"),
    ],
)
def test_32_land_uses_are_read_by_their_edition(  # noqa: PLR0913, PLR0917 - columns of the table
    taken: Take, table: Table, connection: Connection,
    land_use: str, edition: str | None, code: str | None, stored: str | None,
) -> None:  # fmt: skip
    file = table([_parcel(7) | {"地类": land_use}])
    report = taken("parcels", file, crs="EPSG:4490", land_use_edition=edition)
    assert (code in codes(report)) if code else (not codes(report))
    query = text("SELECT land_use FROM land.parcels WHERE code = 'P7'")
    assert connection.execute(query).scalar_one_or_none() == stored


@pytest.mark.usefixtures("mergers")
def test_33_a_parcel_keeps_the_prefix_of_a_dead_village(
    taken: Take, table: Table
) -> None:
    dead = MERGED
    row = _parcel(3) | {"地块编码": f"{dead}0100001"}
    report = taken("parcels", table([row]), crs="EPSG:4490")
    assert ("parcel_dead_village") in codes(report)
    assert report.files[0].merged.new == 1


def test_35_titles_totals_notes_and_blank_rows_are_no_rows(
    taken: Take, tmp_path: Path
) -> None:
    lines = [
        "村庄花名册,,,,",
        ",,,,",
        "姓名,身份证号,村代码,组,备注",
        f"试一,{GOOD_ID},{village.EAST},1,",
        ",,,,",
        "合计,,,5,",
        "注:截至年底,,,,",
    ]
    file = tmp_path / "list.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    report = taken("residents", file)
    assert report.files[0].merged.new == 1
    assert {"total_row", "note_row"} <= codes(report)
    assert report.files[0].total == 1


def test_35_a_wrong_total_is_told(taken: Take, tmp_path: Path) -> None:
    lon, lat = village.place(500, 500)
    lines = [
        "编码,名称,村代码,建筑面积,经度,纬度",
        f"{village.EAST}01,甲,{village.EAST},300,{lon},{lat}",
        "合计,,,310,,",
    ]
    file = tmp_path / "centers.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    report = taken("centers", file, crs="EPSG:4490")
    assert "total_differs" in codes(report)


def test_36_numbers_with_words_are_read(
    taken: Take, table: Table, connection: Connection
) -> None:
    lon, lat = village.place(500, 500)
    row = {
        "编码": "K1",
        "名称": "候选",
        "村代码": village.EAST,
        "经度": lon,
        "纬度": lat,
    }
    file = table([{**row, "造价": "13万", "用地面积": "1,200.5"}])
    report = taken("candidate_sites", file, crs="EPSG:4490")
    assert "number_words" in codes(report)
    query = text("SELECT cost_yuan, area_m2 FROM sites.candidates WHERE code = 'K1'")
    cost, area = connection.execute(query).one()
    assert (float(cost), area) == (130_000.0, 1200.5)


def test_37_one_household_in_two_villages_is_refused(taken: Take, table: Table) -> None:
    rows = [HOUSEHOLD, {**HOUSEHOLD, "村代码": village.WEST}]
    report = taken("households", table(rows), crs="EPSG:4490")
    assert codes(report) == {"household_two_villages"}
    assert report.refused == 2


def test_37_a_household_without_its_head_is_refused(taken: Take, table: Table) -> None:
    taken("households", table([HOUSEHOLD]), crs="EPSG:4490")
    report = taken("residents", table([{**RESIDENT, "户号": "N1"}], "r.csv"))
    assert "household_no_head" in codes(report)
    heads = [
        {**RESIDENT, "户号": "N1", "与户主关系": "户主"},
        {
            **RESIDENT,
            "户号": "N1",
            "与户主关系": "户主",
            "身份证号": _id("99010119900101003"),
        },
    ]
    again = taken("residents", table(heads, "h.csv"))
    assert issues(again) == [(3, "household_two_heads", "refused")]


def test_38_a_child_alone_and_a_change_of_household_are_listed(
    taken: Take, table: Table
) -> None:
    taken("households", table([HOUSEHOLD]), crs="EPSG:4490")
    child = _id("99010120200101001")
    row = {**RESIDENT, "户号": "N1", "与户主关系": "户主", "身份证号": child}
    report = taken("residents", table([row], "r.csv"))
    assert ("child_alone") in codes(report)
    moved = taken(
        "residents", table([{**row, "户号": "H1", "与户主关系": "孙子"}], "m.csv")
    )
    assert "household_changed" in codes(moved)


def test_41_a_repeated_report_is_listed(taken: Take, table: Table) -> None:
    place = {"经度": WEST_LON, "纬度": WEST_LAT}
    rows = [
        {**MATTER, **place},
        {**MATTER, **place, "事项编号": "20261101431322000002"},
    ]
    report = taken("matters", table(rows), crs="EPSG:4490")
    assert (3, "matter_repeated", "warned") in issues(report)


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE", "䶮𠮷🙂"],
)
def test_43_strange_texts_are_kept_as_they_are(
    taken: Take, table: Table, connection: Connection, name: str
) -> None:
    report = taken("residents", table([{**RESIDENT, "姓名": name}]))
    assert report.files[0].merged.new == 1
    query = text("SELECT count(*) FROM people.residents WHERE name = :name")
    assert connection.execute(query, {"name": name}).scalar_one() == 1


def test_45_bad_rows_stay_out_or_keep_all_out(taken: Take, table: Table) -> None:
    rows = [RESIDENT, {**RESIDENT, "身份证号": "1"}]
    whole = taken("residents", table(rows), is_whole=True)
    assert (whole.is_stored, whole.exit_code) == (False, 1)
    report = taken("residents", table(rows))
    assert (report.files[0].merged.new, report.refused, report.exit_code) == (1, 1, 0)


def test_48_codes_of_the_past_are_resolved_by_the_day(
    taken: Take, table: Table, mergers: None
) -> None:
    del mergers
    row = {**HOUSEHOLD, "村代码": MERGED}
    asked = taken("households", table([row]), crs="EPSG:4490")
    advice = [one.advice for one in asked.files[0].findings]
    assert any("--as-of" in (one or "") for one in advice)
    told = taken(
        "households", table([row], "b.csv"), crs="EPSG:4490", as_of=date(2015, 1, 1)
    )
    advice = [one.advice for one in told.files[0].findings]
    assert not any("--as-of" in (one or "") for one in advice)
