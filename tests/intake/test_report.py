"""What of a report is written for people."""

import io
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from gis_service.intake import report
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
