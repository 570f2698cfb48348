"""Batches: nothing twice, nothing by halves, and back again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Connection, text

from gis_service.errors import NotFoundError
from gis_service.intake import batches, report
from gis_service.intake.faults import FileRefusedError, UndoRefusedError
from gis_service.intake.options import Options
from gis_service.intake.pipeline import take
from tests import village
from tests.intake.conftest import Take

Table = Callable[..., Path]
COUNTY = (village.COUNTY, "试验县")
LON, LAT = village.place(500, 500)
ROW = {"户号": "N1", "村代码": village.EAST, "地址": "一号", "经度": LON, "纬度": LAT}
PERSON = {"姓名": "试一", "身份证号": "990101199001010019", "村代码": village.EAST,
          "电话": "13800000000", "户号": "H1", "与户主关系": "子"}  # fmt: skip


def _rows(connection: Connection, table: str) -> list[Any]:
    query = f"SELECT to_jsonb(kept) - 'batch_id' FROM {table} AS kept ORDER BY id"  # noqa: S608 - ours
    return list(connection.execute(text(query)).scalars())


def _counts(connection: Connection) -> dict[str, int]:
    query = "SELECT grid_code, households FROM grid.summaries WHERE households > 0"
    return {row[0]: row[1] for row in connection.execute(text(query))}


def test_the_same_file_again_changes_nothing(
    taken: Take, table: Table, connection: Connection
) -> None:
    file = table([PERSON])
    first = taken("residents", file)
    stored = _rows(connection, "people.residents")
    again = taken("residents", file)
    assert again.files[0].same_as_batch == first.files[0].batch_id
    assert again.files[0].merged.same == 1
    assert _rows(connection, "people.residents") == stored


def test_the_same_rows_in_another_file_change_nothing(
    taken: Take, table: Table, connection: Connection
) -> None:
    taken("residents", table([PERSON]))
    stored = _rows(connection, "people.residents")
    again = taken("residents", table([PERSON], "other.xlsx"))
    assert (again.files[0].merged.same, again.files[0].same_as_batch) == (1, None)
    assert _rows(connection, "people.residents") == stored


def test_a_file_without_places_leaves_places_alone(
    taken: Take, table: Table, connection: Connection
) -> None:
    taken("households", table([ROW]), crs="EPSG:4490")
    moved = {"户号": "N1", "村代码": village.EAST, "地址": "二号"}
    report_ = taken("households", table([moved], "b.csv"))
    assert report_.files[0].merged.changed == 1
    query = text(
        "SELECT grid_code, geom IS NULL, address FROM people.households"
        " WHERE code = 'N1'"
    )
    assert connection.execute(query).one() == (village.FIRST_CELL, False, "二号")


def test_undo_brings_everything_back(
    taken: Take, table: Table, connection: Connection
) -> None:
    before = _rows(connection, "people.households")
    counts = _counts(connection)
    home = {
        "户号": "H1",
        "村代码": village.EAST,
        "地址": "改址",
        "经度": LON,
        "纬度": LAT,
    }
    done = taken("households", table([ROW, home]), crs="EPSG:4490")
    assert (done.files[0].merged.new, done.files[0].merged.changed) == (1, 1)
    batch_id = done.files[0].batch_id
    assert batch_id is not None
    undone = batches.undo(connection, batch_id, COUNTY)
    assert (undone.removed, undone.restored) == (1, 1)
    assert _rows(connection, "people.households") == before
    assert _counts(connection) == counts
    with pytest.raises(UndoRefusedError, match="已于"):
        batches.undo(connection, batch_id, COUNTY)


def test_undo_is_refused_when_a_later_batch_stands_on_it(
    taken: Take, table: Table, connection: Connection
) -> None:
    first = taken("households", table([ROW]), crs="EPSG:4490").files[0].batch_id
    later = taken(
        "households", table([{**ROW, "地址": "新"}], "b.csv"), crs="EPSG:4490"
    )
    assert first is not None
    with pytest.raises(UndoRefusedError, match="之后的"):
        batches.undo(connection, first, COUNTY)
    batches.undo(connection, later.files[0].batch_id or 0, COUNTY)
    assert batches.undo(connection, first, COUNTY).removed == 1


def test_undo_is_refused_when_people_live_there(
    taken: Take, table: Table, connection: Connection
) -> None:
    first = taken("households", table([ROW]), crs="EPSG:4490").files[0].batch_id
    head = {**PERSON, "户号": "N1", "与户主关系": "户主"}
    taken("residents", table([head], "p.csv"))
    assert first is not None
    with pytest.raises(UndoRefusedError, match="依附"):
        batches.undo(connection, first, COUNTY)


def test_an_unknown_batch_or_thing_is_not_found(
    connection: Connection, taken: Take, table: Table
) -> None:
    with pytest.raises(NotFoundError):
        batches.undo(connection, 987_654, COUNTY)
    with pytest.raises(NotFoundError, match="villages"):
        taken("spaceships", table([ROW]))


def test_a_trial_reports_alike_and_writes_nothing(
    taken: Take, table: Table, connection: Connection
) -> None:
    before = _rows(connection, "people.households")
    file = table([ROW, {**ROW, "户号": "N2", "村代码": "1"}])
    trial = taken("households", file, crs="EPSG:4490", is_trial=True)
    assert _rows(connection, "people.households") == before
    assert (
        connection.execute(text("SELECT count(*) FROM intake.batches")).scalar_one()
        == 0
    )
    real = taken("households", file, crs="EPSG:4490")
    assert list(trial.files[0].findings) == list(real.files[0].findings)
    assert trial.files[0].merged == real.files[0].merged


def test_of_two_files_none_goes_in_when_one_is_refused(
    connection: Connection,
    options: Options,
    table: Table,
    tmp_path: Path,
) -> None:
    before = _rows(connection, "people.households")
    bad = tmp_path / "bad.csv"
    bad.write_text("不是,表头\n1,2\n", encoding="utf-8")
    declared = replace(options, crs="EPSG:4490")
    with pytest.raises(FileRefusedError, match="缺少列"):
        take(connection, "households", [table([ROW]), bad], declared)
    assert _rows(connection, "people.households") == before


def test_columns_can_be_declared(taken: Take, table: Table) -> None:
    file = table([{"甲": "N1", "乙": village.EAST}])
    with pytest.raises(FileRefusedError, match="户号"):
        taken("households", file)
    named = taken("households", file, columns={"code": "甲", "village_code": "#2"})
    assert named.files[0].merged.new == 1
    with pytest.raises(FileRefusedError, match="没有列"):
        taken("households", file, columns={"code": "丙"})


def test_the_report_is_a_table_for_people(
    taken: Take, table: Table, tmp_path: Path
) -> None:
    rows = [{**PERSON, "姓名": "=cmd()", "身份证号": "990101199001010018"}]
    done = taken("residents", table(rows))
    report.write(done, tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][:4] == ("文件", "行号", "列", "处理")
    assert lines[1][1:5] == (2, "身份证号", "拒收", "990101********0018")
    report.write(done, tmp_path / "r.csv")
    assert "应为9" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    told = json.dumps(report.as_json(done), ensure_ascii=False)
    assert "990101199001010018" not in told
    assert report.escaped("=1+1") == "'=1+1"
    with pytest.raises(FileRefusedError):
        report.write(done, tmp_path / "r.pdf")


def test_what_is_personal_is_sealed(
    taken: Take, table: Table, connection: Connection
) -> None:
    taken("residents", table([PERSON]))
    stored = connection.execute(
        text("SELECT string_agg(one::text, ' ') FROM people.residents AS one")
    ).scalar_one()
    assert "990101199001010019" not in stored
    assert "13800000000" not in stored
