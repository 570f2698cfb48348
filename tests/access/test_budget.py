"""The daily budget of rows: counted however they are read, and spent at last."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest

from gis_service import app as application
from gis_service.access import accounts, tokens
from gis_service.access.budget import Budget, BudgetSpentError, counting
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.scope import Scope
from gis_service.database import engine
from gis_service.settings import Settings
from tests import village
from tests.access.conftest import PASSWORD, House, sign_in
from tests.publish.test_tiles import address
from tests.world import serving

# Numbers that no account of the house is given.
OFFICER = Reader(90_007, "seven", "七", "officer", Scope((village.FIRST_CELL,)), None)


@pytest.fixture
async def counted(house: House) -> AsyncIterator[Budget]:
    """Return the budget of the house's worker: ten rows for an officer."""
    async with counting(house.app.state.pool, {"officer": 10}) as budget:
        yield budget


def _kept(house: House, number: int) -> object:
    return house.read(
        "SELECT rows FROM access.rows_read WHERE account_id = :number", number=number
    )


def _alerts(house: House, actor: str) -> object:
    return house.read(
        "SELECT string_agg(kind || ' ' || (facts ->> 'rows'), ', ' ORDER BY id) "
        "FROM access.alerts WHERE actor = :actor",
        actor=actor,
    )


async def test_list_spends_rows_until_none_is_left(
    house: House, counted: Budget, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser() as client:
        await sign_in(client, login)
        statuses = []
        while len(statuses) < 20:
            answer = await client.get("/api/people/residents")
            statuses.append(answer.status_code)
            if answer.status_code == 429:
                break
        assert statuses[0] == 200
        problem = answer.json()
        assert (problem["code"], problem["limit"]) == ("budget_spent", 10)
        assert 0 < problem["retry_after_s"] <= 86_400
        assert answer.headers["retry-after"] == str(problem["retry_after_s"])
        assert (await client.get("/api/session")).status_code == 200
    await counted.flush()
    assert str(_alerts(house, login)).split()[0] == "budget_nearly_spent"
    assert "budget_spent" in str(_alerts(house, login))


async def test_one_spends_nothing_of_anothers(counted: Budget) -> None:
    other = replace(OFFICER, account_id=90_008, login="eight")
    counted.add(OFFICER, 10)
    with pytest.raises(BudgetSpentError):
        await counted.check(OFFICER)
    await counted.check(other)
    await counted.check(VISITOR)


async def test_alerts_are_raised_at_four_fifths_and_at_the_end(house: House) -> None:
    reader = replace(OFFICER, account_id=90_009, login="nine")
    async with counting(house.app.state.pool, {"officer": 100}) as budget:
        for rows, raised in (
            (79, None),
            (1, "budget_nearly_spent 80"),
            (19, "budget_nearly_spent 80"),
            (1, "budget_nearly_spent 80, budget_spent 100"),
        ):
            budget.add(reader, rows)
            await budget.flush()
            assert _alerts(house, "nine") == raised


async def test_workers_learn_what_the_others_counted(house: House) -> None:
    pool, reader = (
        house.app.state.pool,
        replace(OFFICER, account_id=90_010, login="ten"),
    )
    first, second = (Budget(pool, {"officer": 100}) for _ in range(2))
    first.add(reader, 60)
    second.add(reader, 39)
    await first.flush()
    await first.check(reader)
    await second.flush()
    assert _kept(house, 90_010) == 99
    first.add(reader, 1)
    await first.flush()
    for worker in (first, Budget(pool, {"officer": 100})):
        with pytest.raises(BudgetSpentError):
            await worker.check(reader)
    await second.check(reader)
    second.add(reader, 1)
    await second.flush()
    with pytest.raises(BudgetSpentError):
        await second.check(reader)


async def test_last_rows_are_written_when_the_worker_ends(house: House) -> None:
    reader = replace(OFFICER, account_id=90_011, login="eleven")
    async with counting(house.app.state.pool, {}) as budget:
        budget.add(reader, 5)
        assert _kept(house, 90_011) is None
    assert _kept(house, 90_011) == 5


@pytest.fixture
async def officer(
    copy_of_village: str, settings_for: Callable[[str], Settings]
) -> AsyncIterator[httpx.AsyncClient]:
    """Return an officer of the whole service, with one row to read."""
    owner = engine(copy_of_village)
    wanted = accounts.NewAccount(
        login="officer", name="员", role="officer", branches=(village.FIRST_CELL,)
    )
    with owner.begin() as connection:
        number = accounts.add(connection, wanted, PASSWORD)
        token = tokens.add(connection, number, "测试", 30).secret
    owner.dispose()
    limits = {"rows_per_day": {"officer": 1}}
    settings = settings_for(copy_of_village).model_copy(update=limits)
    async with serving(application.create(settings)) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


LON, LAT = village.place(500, 500)
PROTECTED = (
    "/api/ogc/collections/residents/items",
    address("households", 17),
    f"/api/query/near?layer=residents&lon={LON}&lat={LAT}&radius_m=2000",
    "/api/people/residents",
    "/api/people/households/1",
    "/api/matters",
    "/maps/officer.html",
)


@pytest.mark.parametrize("path", PROTECTED)
async def test_rows_count_in_every_form(officer: httpx.AsyncClient, path: str) -> None:
    assert (await officer.get(path)).status_code == 200
    for spent in PROTECTED:
        answer = await officer.get(spent)
        assert (answer.status_code, answer.json()["code"]) == (429, "budget_spent")
    for free in ("/api/ogc/collections/villages/items", address("grid_cells", 14)):
        assert (await officer.get(free)).status_code == 200


async def test_spent_budget_looks_nobody_up_by_number(
    house: House, counted: Budget, account: Callable[..., str]
) -> None:
    async with house.browser() as client:
        login = account()
        await sign_in(client, login)
        number = {"id_number": "990001194501010013"}
        find = "/api/people/residents/find"
        assert (await client.post(find, json=number)).status_code == 200
        whose = house.read(
            "SELECT id FROM access.accounts WHERE login = :login", login=login
        )
        assert isinstance(whose, int)
        counted.add(replace(OFFICER, account_id=whose, login=login), 10)
        answer = await client.post(find, json=number)
        assert (answer.status_code, answer.json()["code"]) == (429, "budget_spent")
