"""Matters over HTTP: statuses, receipts, versions, who is let in."""

from uuid import uuid4

import httpx
import pytest

from gis_service import code_lists
from gis_service.access import accounts
from gis_service.database import engine
from tests import village
from tests.matters.conftest import PASSWORD, PEOPLE, ROOFS

LON, LAT = village.place(300, 400)
BODY = {"class_code": "0102", "lon": LON, "lat": LAT, "description": "路边垃圾"}
WITHOUT_SECOND_FACTOR = ("officer", "lead", "handler", "stranger")


@pytest.fixture
async def office(client: httpx.AsyncClient, copy_of_village: str) -> httpx.AsyncClient:
    """Return a client of a service in which people of several kinds may sign in."""
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        code_lists.load(connection)
        for login in WITHOUT_SECOND_FACTOR:
            role, branches, department = PEOPLE[login]
            account = accounts.NewAccount(
                login=login,
                name=login,
                role=role,
                branches=branches,
                department=department,
            )
            accounts.add(connection, account, PASSWORD)
    owner.dispose()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


async def _enter(client: httpx.AsyncClient, login: str) -> None:
    words = {"login": login, "password": PASSWORD}
    answer = await client.post("/api/session", json=words)
    assert answer.status_code == 200


async def test_report_is_received_once_and_acted_on_by_version(
    office: httpx.AsyncClient,
) -> None:
    await _enter(office, "officer")
    address = f"/api/matters/{uuid4()}"
    first = await office.put(address, json=BODY)
    again = await office.put(address, json=BODY)
    other = await office.put(address, json={**BODY, "class_code": "0103"})
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json() == again.json()
    number = first.json()["number"]
    found = await office.get("/api/matters/alike", params=_like())
    assert [one["number"] for one in found.json()["matters"]] == [number]

    await _enter(office, "lead")
    dossier = await office.get(f"/api/matters/{number}")
    assert dossier.headers["etag"] == '"1"'
    possible = [a["act"] for a in dossier.json()["acts"] if a["why_not"] is None]
    assert "assign" in possible
    assert "close" not in possible
    steps = f"/api/matters/{number}/steps"
    act = {"act": "assign", "receiver": ROOFS}
    unsaid = await office.post(steps, json=act)
    done = await office.post(steps, json=act, headers={"If-Match": '"1"'})
    late = await office.post(steps, json={**act, "version": 1})
    assert [unsaid.status_code, done.status_code, late.status_code] == [428, 201, 412]
    assert late.json()["state"] == "assigned"
    assert done.json()["clocks"][1]["lamp"] == "green"

    await _enter(office, "handler")
    listed = await office.get("/api/matters")
    assert number in {one["number"] for one in listed.json()["matters"]}
    await _enter(office, "stranger")
    assert (await office.get(f"/api/matters/{number}")).status_code == 404


def _like() -> dict[str, str | float]:
    return {"class_code": "0102", "lon": LON, "lat": LAT}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**BODY, "class_code": "01"}, 422),
        ({**BODY, "lon": 0, "lat": 0}, 422),
        ({**BODY, "lon": 200}, 422),
        ({**BODY, "title": "a\0b"}, 422),
        ({**BODY, "rank": 1}, 422),
        ({"lon": LON, "lat": LAT}, 422),
        ([], 422),
    ],
)
async def test_report_that_cannot_be_is_refused_with_a_sentence(
    office: httpx.AsyncClient, body: object, status: int
) -> None:
    await _enter(office, "officer")
    answer = await office.put(f"/api/matters/{uuid4()}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_reporter_is_told_that_numbers_were_hidden(
    office: httpx.AsyncClient,
) -> None:
    await _enter(office, "officer")
    plain = await office.put(f"/api/matters/{uuid4()}", json=BODY)
    assert plain.json()["notice"] is None
    address = f"/api/matters/{uuid4()}"
    for status in (201, 200):
        body = {**BODY, "description": "请打13812345678"}
        answer = await office.put(address, json=body)
        assert answer.status_code == status
        assert "隐去" in answer.json()["notice"]
    dossier = await office.get(f"/api/matters/{answer.json()['number']}")
    assert dossier.json()["description"] == "请打138****5678"


@pytest.mark.parametrize(
    ("login", "status"), [(None, 401), ("handler", 403), ("officer", 201)]
)
async def test_only_officers_leads_and_supervisors_report(
    office: httpx.AsyncClient, login: str | None, status: int
) -> None:
    if login is not None:
        await _enter(office, login)
    answer = await office.put(f"/api/matters/{uuid4()}", json=BODY)
    assert answer.status_code == status


async def test_pages_of_the_list_follow_each_other(office: httpx.AsyncClient) -> None:
    await _enter(office, "officer")
    made = []
    for number in range(3):
        body = {**BODY, "description": f"第{number}件"}
        answer = await office.put(f"/api/matters/{uuid4()}", json=body)
        made.append(answer.json()["number"])
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await office.get("/api/matters", params=query)).json()
        seen += [one["number"] for one in page["matters"]]
        cursor = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert set(made) <= set(seen)
    assert len(seen) == len(set(seen))
