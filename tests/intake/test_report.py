"""What of a report is written for people."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from rich.console import Console

from gis_service.intake import cli, report
from gis_service.intake.faults import FileRefusedError
from tests.intake.conftest import Take

Table = Callable[..., Path]

NARROW = 60
"""Columns of a small terminal."""


def _shown(taken: Take, file: Path, what: str) -> str:
    screen = io.StringIO()
    report.show(taken(what, file, crs="EPSG:4490"), Console(file=screen, width=NARROW))
    return screen.getvalue()


def test_what_has_no_column_goes_by_its_chinese_name(taken: Take, table: Table) -> None:
    rows = [{"编码": "1", "名称": "甲", "经度": 119.0, "纬度": 27.7}]
    done = taken("candidate_sites", table(rows), crs="EPSG:4490")
    found = {one.code: one.column for file in done.files for one in file.findings}
    assert found["outside_county"] == "位置"


def test_a_reason_is_broken_over_lines_and_never_cut(taken: Take, table: Table) -> None:
    rows = [{"编码": "1", "名称": "甲", "经度": 119.0, "纬度": 27.7}]
    assert "…" not in _shown(taken, table(rows), "candidate_sites")


def test_a_file_of_a_heading_alone_is_refused(taken: Take, tmp_path: Path) -> None:
    file = tmp_path / "heading.csv"
    file.write_text("姓名,身份证号\n", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="没有数据行"):
        taken("residents", file)


@pytest.mark.parametrize("name", ["nowhere/report.xlsx", "report.doc"])
def test_a_report_that_cannot_be_written_is_refused_before_the_rows_go_in(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "any.csv"
    with pytest.raises(typer.BadParameter):
        cli.intake("residents", [str(file)], report_file=tmp_path / name)
