"""Names and numbers in full: for whom, why, how often, and on the trail first."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text

from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.people.purposes import purposes
from gis_service.people.revealing import Limits, RevealLimitError, Wanted, reveal
from gis_service.people.sealing import ID_NUMBER, PHONE, Sealer
from tests import village
from tests.access.conftest import MASTER_KEY, House, make_token, sign_in

RESIDENT, FAR_RESIDENT = 10, 50
NUMBER, NUMBER_OF_PHONE = "990101199001010019", "13800001234"
WHY = {"purpose": "visit", "reason": "上门走访前核对"}
ALL = {**WHY, "fields": ["name", "id_number", "phone"]}


@pytest.fixture(scope="module", autouse=True)
def _sealed(house: House) -> None:
    sealer = Sealer(MASTER_KEY)
    (number,) = sealer.seal([NUMBER], ID_NUMBER)
    (phone,) = sealer.seal([NUMBER_OF_PHONE], PHONE)
    house.run(
        "UPDATE people.residents SET id_number_sealed = :number, phone_sealed = :phone",
        number=number,
        phone=phone,
    )


@pytest.fixture(autouse=True)
def _fresh_count(house: House) -> Iterator[None]:
    yield
    house.run("DELETE FROM people.reveals")


async def _reveal(
    browser: httpx.AsyncClient, body: object = ALL, resident: int = RESIDENT
) -> httpx.Response:
    return await browser.post(f"/api/people/residents/{resident}/reveal", json=body)


def _lines(house: House) -> int:
    found = house.read("SELECT count(*) FROM access.trail WHERE act = 'revealed'")
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize(
    ("role", "branch"),
    [
        ("officer", village.FIRST_CELL),
        ("lead", village.EAST),
        ("supervisor", village.COUNTY),
    ],
)
async def test_who_answers_for_a_cell_sees_in_full_and_the_trail_says_why(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    role: str,
    branch: str,
) -> None:
    login = account(role, (branch,))
    await sign_in(browser, login)
    answer = await _reveal(browser)
    assert answer.status_code == 200
    found = answer.json()
    assert found.pop("revealed_at")
    assert found == {"name": "赵一一", "id_number": NUMBER, "phone": NUMBER_OF_PHONE}
    assert answer.headers["cache-control"] == "private, no-store"
    line = house.read(
        "SELECT row_to_json(line)::text FROM (SELECT * FROM access.trail "
        "WHERE actor = :login AND act = 'revealed') AS line",
        login=login,
    )
    assert isinstance(line, str)
    for word in (f"resident {RESIDENT}", WHY["reason"], '"visit"', '"phone"'):
        assert word in line
    for value in ("赵一一", NUMBER, NUMBER_OF_PHONE):
        assert value not in line


async def test_only_what_was_asked_for_is_answered(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    answer = await _reveal(browser, {**WHY, "fields": ["phone"]})
    assert set(answer.json()) == {"phone", "revealed_at"}


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("visitor", 401),
        ("editor", 403),
        ("planner", 403),
        ("handler", 403),
        ("administrator", 403),
        ("auditor", 403),
    ],
)
async def test_other_roles_reveal_nothing(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    role: str,
    status: int,
) -> None:
    before = _lines(house)
    if role != "visitor":
        await sign_in(browser, account(role, (village.COUNTY,)))
    answer = await _reveal(browser)
    assert answer.status_code == status
    assert _lines(house) == before


async def test_beyond_the_scope_is_answered_like_not_there(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account("lead", (village.EAST,)))
    beyond = await _reveal(browser, resident=FAR_RESIDENT)
    missing = await _reveal(browser, resident=999_999)
    assert beyond.status_code == missing.status_code == 404
    assert beyond.content == missing.content


async def test_token_reveals_nothing(house: House, account: Callable[..., str]) -> None:
    with house.owner.begin() as connection:
        token = make_token(connection, account())
    async with house.script(Authorization=f"Bearer {token}") as script:
        answer = await _reveal(script)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": None},
        {"purpose": "curiosity"},
        {"reason": None},
        {"reason": "  看看  "},
        {"reason": "看" * 201},
        {"reason": "上门走访\0前核对"},
    ],
)
async def test_without_purpose_or_reason_nothing_is_revealed(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    wrong: dict[str, object],
) -> None:
    before = _lines(house)
    await sign_in(browser, account())
    answer = await _reveal(browser, {**ALL, **wrong})
    assert answer.status_code == 422
    assert answer.json()["code"] == "reason_wanted"
    assert _lines(house) == before


@pytest.mark.parametrize("fields", [[], ["address"], ["name"] * 4, None])
async def test_fields_are_of_the_list(
    browser: httpx.AsyncClient, account: Callable[..., str], fields: object
) -> None:
    await sign_in(browser, account())
    answer = await _reveal(browser, {**WHY, "fields": fields})
    assert answer.status_code == 422


async def test_numbers_typed_into_the_reason_are_masked_on_the_trail(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    spaced = f"{NUMBER_OF_PHONE[:3]} {NUMBER_OF_PHONE[3:7]} {NUMBER_OF_PHONE[7:]}"
    await _reveal(browser, {**ALL, "reason": f"核对{NUMBER}和{spaced}"})
    reason = house.read(
        "SELECT reason FROM access.trail WHERE actor = :l AND act = 'revealed'", l=login
    )
    assert reason == "核对990101********0019和138 **** 1234"


async def test_limit_is_kept_and_the_auditor_alerted(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    house.run(
        "INSERT INTO people.reveals (account_id, at) SELECT account.id, "
        "now() - interval '50 minutes' FROM access.accounts AS account, "
        "generate_series(1, :n) WHERE login = :login",
        n=house.settings.reveals_per_hour - 1,
        login=login,
    )
    assert (await _reveal(browser)).status_code == 200
    refused = await _reveal(browser)
    assert refused.status_code == 429
    assert refused.json()["code"] == "reveal_limit"
    assert 500 < refused.json()["retry_after_s"] <= 600
    assert refused.headers["retry-after"]
    kind = house.read("SELECT kind FROM access.alerts WHERE actor = :l", l=login)
    assert kind == "reveal_limit"


async def test_limit_of_a_day_outlasts_that_of_an_hour(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    house.run(
        "INSERT INTO people.reveals (account_id, at) SELECT account.id, "
        "now() - interval '20 hours' FROM access.accounts AS account, "
        "generate_series(1, :n) WHERE login = :login",
        n=house.settings.reveals_per_day,
        login=login,
    )
    refused = await _reveal(browser)
    assert 3 * 3600 < refused.json()["retry_after_s"] <= 4 * 3600


def test_many_at_once_get_no_more_than_one_after_another(house: House) -> None:
    reader = Reader(
        987_654, "crowd", "众", "officer", Scope((village.FIRST_CELL,)), None
    )
    wanted = Wanted(village.COUNTY, RESIDENT, ("name",), "visit", "上门走访前核对")

    def try_once(_: int) -> bool:
        try:
            reveal(house.app.state.engine, reader, wanted, Limits(5, 100))
        except RevealLimitError:
            return False
        return True

    with ThreadPoolExecutor(4) as crowd:
        assert sum(crowd.map(try_once, range(20))) == 5


def test_line_of_the_trail_stands_before_anything_is_opened(house: House) -> None:
    reader = Reader(987_655, "one", "一", "officer", Scope((village.FIRST_CELL,)), None)
    wanted = Wanted(village.COUNTY, RESIDENT, ("name",), "visit", "上门走访前核对")
    row, _ = reveal(house.app.state.engine, reader, wanted, Limits(5, 100))
    # What comes back is still sealed, and another connection sees the line already.
    assert NUMBER.encode() not in bytes(row.id_number_sealed)
    with house.owner.begin() as connection:
        query = text("SELECT count(*) FROM access.trail WHERE actor = 'one'")
        assert connection.execute(query).scalar_one() == 1


async def test_purposes_are_listed_for_who_may_reveal(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    assert (await browser.get("/api/people/purposes")).status_code == 401
    await sign_in(browser, account())
    listed = (await browser.get("/api/people/purposes")).json()
    assert [each["id"] for each in listed] == list(purposes())
    assert all(each["title"] and each["title_en"] for each in listed)
