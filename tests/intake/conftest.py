"""Files written for one test, and the way to take them in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from gis_service.intake.options import Options
from gis_service.intake.outcome import BatchReport
from gis_service.intake.pipeline import take
from tests import village

TODAY = date(2026, 11, 24)
Take = Callable[..., BatchReport]


@pytest.fixture
def options() -> Options:
    return Options(
        county_code=village.COUNTY,
        county_name="试验县",
        master_key=bytes(range(32)),
        today=TODAY,
    )


@pytest.fixture
def taken(connection: Connection, options: Options) -> Take:
    """Return a function that takes files into the test village."""
    # The village writes its own numbers; the next one must be free.
    tables = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema"
    tables += ".columns WHERE column_name = 'id' AND is_identity = 'YES'"
    for name in connection.execute(text(tables)).scalars().all():
        query = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1000000)"
        connection.execute(text(query))

    def run(what: str, *files: Path, **declared: Any) -> BatchReport:  # noqa: ANN401 - options
        return take(connection, what, files, replace(options, **declared))

    return run


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes rows as a CSV or XLSX and gives its path."""

    def write(
        rows: list[dict[str, Any]], name: str = "file.csv", encoding: str = "utf-8"
    ) -> Path:
        frame = pd.DataFrame(rows)
        file = tmp_path / name
        if file.suffix == ".xlsx":
            frame.to_excel(file, index=False)
        else:
            frame.to_csv(file, index=False, encoding=encoding)
        return file

    return write


def issues(report: BatchReport) -> list[tuple[int | None, str, str]]:
    """Return row, code and severity of all findings of a report."""
    return [
        (one.row_no, one.code, one.severity)
        for file in report.files
        for one in file.findings
    ]


def codes(report: BatchReport) -> set[str]:
    """Return the codes of all findings of a report."""
    return {code for _, code, _ in issues(report)}
