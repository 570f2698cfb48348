"""The trail as the auditor reads it, and as nobody else may."""

import csv
import io
from collections.abc import AsyncIterator, Callable

import httpx
import openpyxl
import pytest

from gis_service.access import alerts, trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.access.roles import AUDIENCES
from tests import village
from tests.access.conftest import House, sign_in

ROUTES = ("/api/trail", "/api/trail/file", "/api/trail/check", "/api/trail/acts")


@pytest.fixture
async def auditor(
    house: House, account: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as client:
        await sign_in(client, account("auditor", ()))
        yield client


def _record(house: House, subject: str, **more: object) -> None:
    with house.owner.begin() as connection:
        trail.record(connection, COMMAND_LINE, "exported", subject, **more)  # type: ignore[arg-type] # reason


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("role", sorted(set(AUDIENCES) - {"auditor", "visitor"}))
async def test_trail_is_closed_to_everybody_else(
    house: House, account: Callable[..., str], role: str, path: str
) -> None:
    async with house.browser() as client:
        assert (await client.get(path)).status_code == 401
        await sign_in(client, account(role, (village.COUNTY,)))
        assert (await client.get(path)).status_code == 403


async def test_lines_come_newest_first_page_by_page(
    house: House, auditor: httpx.AsyncClient
) -> None:
    for number in range(5):
        _record(house, f"layer paged{number}", reason="年度汇总")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        asked = {"subject": "layer paged", "limit": "2", **cursor}
        page = (await auditor.get("/api/trail", params=asked)).json()
        seen += [line["subject"] for line in page["lines"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [f"layer paged{number}" for number in (4, 3, 2, 1, 0)]
    line = page["lines"][0]
    assert (line["actor"], line["role"]) == ("gis-grid", "administrator")
    assert (line["act_title"], line["reason"]) == ("导出图层", "年度汇总")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"act": "exported"}, 1),
        ({"act": "revealed"}, 0),
        ({"actor": "gis-grid"}, 1),
        ({"actor": "nobody"}, 0),
        ({"from": "2026-01-01"}, 1),
        ({"from": "2999-01-01"}, 0),
        ({"to": "2999-01-01T00:00:00+08:00"}, 1),
        ({"to": "2026-01-01"}, 0),
        ({"to": "9999-12-31", "from": "0001-01-01"}, 1),
    ],
)
async def test_lines_are_chosen_by_what_is_asked(
    house: House, auditor: httpx.AsyncClient, asked: dict[str, str], count: int
) -> None:
    subject = f"layer chosen {sorted(asked.items())}"
    _record(house, subject)
    answer = await auditor.get("/api/trail", params={**asked, "subject": subject})
    assert len(answer.json()["lines"]) == count


@pytest.mark.parametrize(
    "query", ["from=x", "limit=0", "cursor=-1", "actor=%00", "unknown=1", "cursor=1e30"]
)
async def test_what_cannot_be_read_is_refused(
    auditor: httpx.AsyncClient, query: str
) -> None:
    assert (await auditor.get(f"/api/trail?{query}")).status_code == 422


async def test_file_says_what_it_holds_and_is_itself_on_the_trail(
    house: House, auditor: httpx.AsyncClient
) -> None:
    _record(house, "layer filed", reason="=1+1", facts={"rows": 3})
    asked = {"subject": "layer filed", "format": "csv"}
    answer = await auditor.get("/api/trail/file", params=asked)
    assert answer.headers["content-disposition"].endswith('"trail.csv"')
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["动作名称"], row["事由"]) == ("导出图层", "'=1+1")
    assert len(row["散列"]) == 64
    last = (await auditor.get("/api/trail?limit=1")).json()["lines"][0]
    assert (last["act"], last["facts"]["rows"]) == ("exported_trail", 1)
    assert last["facts"]["subject"] == "layer filed"


async def test_workbook_holds_the_same_and_runs_nothing(
    house: House, auditor: httpx.AsyncClient
) -> None:
    _record(house, "layer booked", reason="@cmd\x07")
    asked = {"subject": "layer booked", "format": "xlsx"}
    answer = await auditor.get("/api/trail/file", params=asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    titles, line = sheet.iter_rows(values_only=True)
    row = dict(zip(titles, line, strict=True))
    assert (row["对象"], row["事由"]) == ("layer booked", "'@cmd")


async def test_check_finds_the_chain_whole(auditor: httpx.AsyncClient) -> None:
    verdict = (await auditor.get("/api/trail/check")).json()
    assert verdict["is_whole"]
    assert verdict["first_broken"] is None
    assert verdict["lines"] > 0


async def test_acts_have_titles(auditor: httpx.AsyncClient) -> None:
    acts = (await auditor.get("/api/trail/acts")).json()
    assert {"id": "signed_in", "title": "登录", "title_en": "signed in"} in acts


async def test_alert_is_raised_once_a_day_and_seen_once(
    house: House, auditor: httpx.AsyncClient
) -> None:
    for rows in (1, 2):
        with house.owner.begin() as connection:
            facts = {"rows": rows}
            alerts.raise_alert(connection, "reveal_limit", "someone", facts=facts)
    shown = (await auditor.get("/api/alerts")).json()
    (alert,) = (each for each in shown if each["kind"] == "reveal_limit")
    assert (alert["facts"], alert["seen_at"]) == ({"rows": 1}, None)
    seen = f"/api/alerts/{alert['id']}/seen"
    assert (await auditor.post(seen)).status_code == 204
    assert (await auditor.post(seen)).status_code == 404
    last = (await auditor.get("/api/trail?limit=1")).json()["lines"][0]
    assert (last["act"], last["facts"]) == ("saw_alert", {"kind": "reveal_limit"})
    shown = (await auditor.get("/api/alerts")).json()
    assert next(each for each in shown if each["id"] == alert["id"])["seen_at"]


@pytest.mark.parametrize("role", ["supervisor", "editor", "officer"])
async def test_alerts_are_for_auditor_and_administrator(
    house: House, account: Callable[..., str], role: str
) -> None:
    async with house.browser() as client:
        await sign_in(client, account(role, (village.COUNTY,)))
        assert (await client.get("/api/alerts")).status_code == 403
        assert (await client.post("/api/alerts/1/seen")).status_code == 403
