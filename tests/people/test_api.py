"""Residents and households as the service shows them: masked, and under scope."""

from collections.abc import Callable
from datetime import date

import httpx
import pytest

from gis_service.people.api import age_on
from gis_service.people.sealing import ID_NUMBER, PHONE, Sealer
from tests import village
from tests.access.conftest import MASTER_KEY, House, sign_in

FIRST_HOUSEHOLD, FAR_HOUSEHOLD = 1, 5
FIRST_RESIDENT, FAR_RESIDENT = 10, 50
NAMES = ("赵一一", "钱二")


async def test_officer_of_a_cell_sees_its_residents_only_and_masked(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account("officer", (village.FIRST_CELL,)))
    answer = await browser.get("/api/people/residents")
    assert answer.status_code == 200
    page = answer.json()
    assert page["next"] is None
    assert [row["id"] for row in page["residents"]] == [10, 11]
    head = page["residents"][0]
    assert head["name"] == "赵**"
    assert head["sex"] == "男"
    assert head["care_types"] == ["01"]
    assert head["household_id"] == FIRST_HOUSEHOLD
    assert head["age"] >= 81
    assert not any(name in answer.text for name in NAMES)


@pytest.mark.parametrize(
    ("grid_code", "count"),
    [
        (village.FIRST_CELL, 2),
        (village.EAST, 6),
        ("431322", 8),
        (village.FAR, 0),
        ("999999", 0),
    ],
)
async def test_list_narrows_to_a_branch_but_never_widens(
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    grid_code: str,
    count: int,
) -> None:
    await sign_in(browser, account("supervisor", (village.NEAR_TOWNSHIP,)))
    answer = await browser.get(f"/api/people/residents?grid_code={grid_code}")
    assert len(answer.json()["residents"]) == count


async def test_pages_follow_one_another_without_gap_or_repeat(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account("supervisor", ("431322",)))
    seen: list[int] = []
    cursor = ""
    while True:
        answer = await browser.get(f"/api/people/residents?limit=3{cursor}")
        page = answer.json()
        seen += [row["id"] for row in page["residents"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 10


@pytest.mark.parametrize(
    "query",
    [
        "grid_code=abc",
        "grid_code=4313",
        "grid_code=431322%27--",
        "limit=0",
        "limit=100000",
        "limit=x",
        "cursor=x",
        "cursor=431322001201001-99999999999999999999999",
        "cursor=%00-1",
    ],
)
async def test_malformed_question_is_refused(
    browser: httpx.AsyncClient, account: Callable[..., str], query: str
) -> None:
    await sign_in(browser, account())
    answer = await browser.get(f"/api/people/residents?{query}")
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


async def test_resident_is_shown_with_numbers_masked(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    sealer = Sealer(MASTER_KEY)
    (number,) = sealer.seal(["990101199001010019"], ID_NUMBER)
    (phone,) = sealer.seal(["13800001234"], PHONE)
    house.run(
        "UPDATE people.residents SET id_number_sealed = :number, phone_sealed = :phone "
        "WHERE id = :id",
        number=number,
        phone=phone,
        id=FIRST_RESIDENT,
    )
    await sign_in(browser, account())
    answer = await browser.get(f"/api/people/residents/{FIRST_RESIDENT}")
    shown = answer.json()
    assert shown["name"] == "赵**"
    assert shown["id_number"] == "990101********0019"
    assert shown["phone"] == "138****1234"
    assert shown["address"] == "东村1组"
    assert "1号" not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_household_is_shown_with_its_members(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account("lead", (village.EAST,)))
    answer = await browser.get(f"/api/people/households/{FIRST_HOUSEHOLD}")
    shown = answer.json()
    assert shown["address"] == "东村1组"
    assert [member["name"] for member in shown["members"]] == ["赵**", "钱*"]
    assert not any(name in answer.text for name in NAMES)


@pytest.mark.parametrize(
    ("beyond", "missing"),
    [
        (f"residents/{FAR_RESIDENT}", "residents/999999"),
        (f"households/{FAR_HOUSEHOLD}", "households/999999"),
    ],
)
async def test_what_is_out_of_scope_is_answered_like_what_is_not_there(
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    beyond: str,
    missing: str,
) -> None:
    await sign_in(browser, account("lead", (village.EAST,)))
    first = await browser.get(f"/api/people/{beyond}")
    second = await browser.get(f"/api/people/{missing}")
    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert first.headers == second.headers


@pytest.mark.parametrize("number", ["0", "-1", "x", "9223372036854775808", "1e3"])
async def test_number_that_can_be_none_is_refused(
    browser: httpx.AsyncClient, account: Callable[..., str], number: str
) -> None:
    await sign_in(browser, account())
    for kind in ("residents", "households"):
        answer = await browser.get(f"/api/people/{kind}/{number}")
        assert answer.status_code == 422


async def test_account_without_branches_sees_nobody(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account("editor", ()))
    answer = await browser.get("/api/people/residents")
    assert answer.json() == {"residents": [], "next": None}


@pytest.mark.parametrize(
    ("today", "age"),
    [
        (date(2026, 2, 28), 25),
        (date(2026, 3, 1), 26),
        (date(2000, 2, 29), 0),
    ],
)
def test_age_is_counted_in_full_years(today: date, age: int) -> None:
    assert age_on(today, date(2000, 2, 29)) == age
