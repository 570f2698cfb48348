"""Each route that changes something leaves one line of the trail; a refusal, none."""

import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text

from gis_service import app as application
from gis_service import code_lists
from gis_service.access import accounts
from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.people.sealing import Sealer
from gis_service.settings import Settings
from tests import village
from tests.given_server import GivenServer
from tests.security import canaries
from tests.security.deeds import DEEDS, PASSWORD, Asked, Desk
from tests.security.table import ROUTES, Place
from tests.world import serving

NAME = "deeds"
SHOULD_CHANGE = {"POST", "PUT", "DELETE", "PATCH"}
OF_THE_TABLE = {route.route: route for route in ROUTES if route.method in SHOULD_CHANGE}
BRANCHES = {"officer": village.FIRST_CELL, "lead": village.EAST}
STRANGERS = ("auditor", "planner", "officer")

Open = Callable[[str, str], Desk]

_numbers = count(1)


@pytest.fixture(scope="module")
async def service(
    cluster: Cluster | GivenServer,
    village_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[FastAPI, Engine, Place]]:
    cluster.create_database(NAME, template=village_database)
    settings = Settings(
        database_url=cluster.url(NAME),
        login_database_url=cluster.url(NAME, "grid_login"),
        data_folder=Path(tmp_path_factory.mktemp("var")),
        pool_size=4,
    )
    app = application.create(settings)
    owner = engine(cluster.url(NAME))
    with owner.begin() as connection:
        code_lists.load(connection)
        canaries.plant(connection, Sealer(app.state.master_key))
        place = canaries.places(connection)[0]
    async with serving(app):
        yield app, owner, place
    owner.dispose()
    cluster.drop_database(NAME)


@pytest.fixture
async def desk_of(
    service: tuple[FastAPI, Engine, Place],
) -> AsyncIterator[Open]:
    app, owner, place = service
    browsers = [_browser(app) for _ in range(4)]
    opened: list[Desk] = []

    def open_desk(role: str, purpose: str) -> Desk:
        login = f"{purpose}{next(_numbers)}"
        branch = BRANCHES.get(role, village.COUNTY)
        wanted = accounts.NewAccount(
            login=login, name=login, role=role, branches=(branch,)
        )
        if role != "visitor":
            with owner.begin() as connection:
                accounts.add(connection, wanted, PASSWORD)
        first, second = browsers[2 * len(opened) : 2 * len(opened) + 2]
        opened.append(Desk(owner, first, second, login, place))
        return opened[-1]

    yield open_desk
    for browser in browsers:
        await browser.aclose()


def _browser(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://grid.test",
        headers={"Sec-Fetch-Site": "same-origin"},
    )


async def _send(
    browser: httpx.AsyncClient, route: str, asked: Asked, body: object
) -> httpx.Response:
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    return await browser.request(
        OF_THE_TABLE[route].method,
        asked.address,
        content=content,
        headers={"Content-Type": "application/json"},
    )


def _lines(desk: Desk) -> list[tuple[str, str]]:
    written = text("SELECT actor, act FROM access.trail ORDER BY id")
    with desk.owner.begin() as connection:
        return [(row.actor, row.act) for row in connection.execute(written)]


def test_every_route_that_may_change_something_is_a_deed() -> None:
    assert DEEDS.keys() == OF_THE_TABLE.keys()


@pytest.mark.parametrize("route", DEEDS)
async def test_deed_leaves_its_one_line(desk_of: Open, route: str) -> None:
    deed = DEEDS[route]
    desk = desk_of(deed.role, "doer")
    asked = await deed.prepare(desk)
    before = _lines(desk)
    answer = await _send(desk.browser, route, asked, asked.body)
    assert answer.is_success, answer.text
    fresh = _lines(desk)[len(before) :]
    assert fresh == ([] if deed.act is None else [(desk.login, deed.act)])


@pytest.mark.parametrize("route", DEEDS)
async def test_refusal_leaves_no_line(desk_of: Open, route: str) -> None:
    deed, rule = DEEDS[route], OF_THE_TABLE[route]
    desk = desk_of(deed.role, "doer")
    asked = await deed.prepare(desk)
    stranger = next((each for each in STRANGERS if not rule.is_for(each)), None)
    other = desk_of(stranger or "visitor", "stranger")
    if stranger is not None:
        await other.enter()
    before = _lines(desk)
    if asked.wrong_body is not None:
        refused = await _send(desk.browser, route, asked, asked.wrong_body)
        assert refused.is_client_error, refused.text
    if rule.who != "everybody":
        refused = await _send(other.browser, route, asked, asked.body)
        assert refused.status_code in {401, 403}
        refused = await _send(other.other_browser, route, asked, asked.body)
        assert refused.status_code == 401
    assert _lines(desk) == before


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("DELETE /api/session", 204),
        ("DELETE /api/tokens/{token_id}", 404),
        ("PUT /api/account/password", 401),
        ("DELETE /api/account/sessions/{session_id}", 404),
        ("PUT /api/account/second-factor", 422),
        ("POST /api/alerts/{alert_id}/seen", 404),
        ("PUT /api/matters/{client_id}", 200),
        ("POST /api/matters/{number}/steps", 412),
    ],
)
async def test_deed_done_already_leaves_no_second_line(
    desk_of: Open, route: str, status: int
) -> None:
    deed = DEEDS[route]
    desk = desk_of(deed.role, "doer")
    asked = await deed.prepare(desk)
    assert (await _send(desk.browser, route, asked, asked.body)).is_success
    before = _lines(desk)
    again = await _send(desk.browser, route, asked, asked.body)
    assert again.status_code == status, again.text
    assert _lines(desk) == before
