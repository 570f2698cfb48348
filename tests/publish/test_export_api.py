"""Exports over HTTP: within the scope, for a reason, marked and on the trail."""

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import text

from gis_service import app as application
from gis_service.access import accounts, tokens
from gis_service.database import engine
from gis_service.settings import Settings
from tests import village
from tests.publish.conftest import PASSWORD
from tests.world import serving

REASON = "低保复核"


@pytest.fixture
async def service(
    copy_of_village: str,
    settings_for: Callable[[str], Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "passing").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    changes = {"export_max_rows": 6, "rows_per_day": {"officer": 5}}
    settings = settings_for(copy_of_village).model_copy(update=changes)
    async with serving(application.create(settings)) as client:
        yield client
    assert list((tmp_path / "passing").iterdir()) == []


@pytest.fixture
def ask(service: httpx.AsyncClient, copy_of_village: str) -> Callable[..., Any]:
    """Return a function that asks for an export as somebody with a role."""

    async def export(
        role: str, branch: str, layer: str, kind: str, **more: str
    ) -> httpx.Response:
        if "Authorization" not in service.headers:
            token = _token(copy_of_village, role, branch)
            service.headers["Authorization"] = f"Bearer {token}"
        wanted = {"layer": layer, "format": kind, **more}
        return await service.post("/api/exports", json=wanted)

    return export


def _token(database: str, role: str, branch: str) -> str:
    owner = engine(database)
    wanted = accounts.NewAccount(login=role, name="某", role=role, branches=(branch,))
    with owner.begin() as connection:
        number = accounts.add(connection, wanted, PASSWORD)
        secret = tokens.add(connection, number, "测试", 30).secret
    owner.dispose()
    return secret


def _exports(database: str) -> list[Any]:
    owner = engine(database)
    with owner.connect() as connection:
        query = text("SELECT * FROM access.trail WHERE act = 'exported' ORDER BY id")
        lines = list(connection.execute(query))
    owner.dispose()
    return lines


async def test_export_is_the_readers_own_and_on_the_trail(
    ask: Callable[..., Any], copy_of_village: str
) -> None:
    answer = await ask(
        "officer", village.FIRST_CELL, "residents", "geojson", reason=REASON
    )
    assert answer.status_code == 200
    content = json.loads(answer.content)
    assert {each["id"] for each in content["features"]} == {10, 11}
    assert "赵一一" not in answer.text
    (line,) = _exports(copy_of_village)
    assert (line.actor, line.role, line.reason) == ("officer", "officer", REASON)
    assert line.subject == "layer residents"
    assert line.request_id == answer.headers["x-request-id"]
    assert line.facts["rows"] == len(content["features"]) == 2
    assert line.facts["sha256"] == hashlib.sha256(answer.content).hexdigest()
    marks = {each["properties"]["export_number"] for each in content["features"]}
    assert marks == {line.facts["number"]} == {content["about"]["导出编号"]}
    assert line.facts["number"] in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"


async def test_files_that_belong_together_come_in_one(
    ask: Callable[..., Any], copy_of_village: str
) -> None:
    answer = await ask("planner", village.COUNTY, "grid_cells", "csv")
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["grid_cells.csv", "grid_cells.csv.txt"]
        rows = archive.read("grid_cells.csv").decode("utf-8-sig")
        (line,) = _exports(copy_of_village)
        assert line.facts["number"] in archive.read("grid_cells.csv.txt").decode()
    assert len(list(csv.DictReader(io.StringIO(rows)))) == 6
    assert line.facts["sha256"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.parametrize(
    ("role", "layer", "more", "status", "code"),
    [
        ("supervisor", "residents", {}, 422, "reason_wanted"),
        ("supervisor", "residents", {"reason": " \n "}, 422, "reason_wanted"),
        ("supervisor", "residents", {"reason": REASON}, 422, "too_many_rows"),
        ("planner", "residents", {"reason": REASON}, 404, "not_found"),
        ("planner", "grid_cells", {"where": "x = 1"}, 400, "malformed_filter"),
        ("auditor", "grid_cells", {}, 403, "forbidden"),
        ("administrator", "grid_cells", {}, 403, "forbidden"),
    ],
)
async def test_refused_export_leaves_no_line(  # noqa: PLR0913, PLR0917 - a table of cases
    ask: Callable[..., Any],
    copy_of_village: str,
    role: str,
    layer: str,
    more: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await ask(role, village.COUNTY, layer, "xlsx", **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert _exports(copy_of_village) == []
    if code == "too_many_rows":
        assert (answer.json()["rows"], answer.json()["limit"]) == (10, 6)


async def test_visitor_is_asked_to_sign_in(service: httpx.AsyncClient) -> None:
    wanted = {"layer": "villages", "format": "csv"}
    assert (await service.post("/api/exports", json=wanted)).status_code == 401


async def test_exported_rows_are_of_the_daily_budget(ask: Callable[..., Any]) -> None:
    asked = ("officer", village.FIRST_CELL, "residents", "csv")
    statuses = [(await ask(*asked, reason=REASON)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
