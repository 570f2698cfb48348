"""Every route says who may use it."""

from collections.abc import Callable
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.applications import Starlette

from gis_service.access.reader import VISITOR, Reader
from gis_service.access.roles import AUDIENCES, MAPS, TITLES, may_see
from gis_service.access.rules import may_use, need, open_to_all, routes_without_rule
from gis_service.access.scope import Scope
from gis_service.errors import DefinitionError
from tests.access.conftest import House, sign_in


async def _nothing() -> None: ...


def test_route_without_a_rule_is_found() -> None:
    app = FastAPI()
    inner = APIRouter(prefix="/inner")
    inner.get("/forgotten")(_nothing)
    inner.post("/open", dependencies=[Depends(open_to_all)])(_nothing)
    outer = APIRouter(prefix="/outer")
    outer.include_router(inner)
    app.include_router(outer)
    app.mount("/other", Starlette())
    assert routes_without_rule(app) == ["/outer/inner/forgotten GET", "/other"]


def test_rule_of_a_whole_router_counts() -> None:
    app = FastAPI()
    router = APIRouter(dependencies=[Depends(need("people"))])
    router.get("/people")(_nothing)
    app.include_router(router)
    app.get("/same", dependencies=[Depends(need("editor"))])(_nothing)
    assert routes_without_rule(app) == []


def test_rule_of_an_inner_dependency_counts() -> None:
    async def looked_up(reader: Annotated[Reader, Depends(need())]) -> Reader:
        return reader

    app = FastAPI()
    app.get("/own", dependencies=[Depends(looked_up)])(_nothing)
    assert routes_without_rule(app) == []


def test_every_route_of_access_and_people_has_a_rule(house: House) -> None:
    assert routes_without_rule(house.app) == []


def test_rule_with_an_unknown_name_does_not_start() -> None:
    with pytest.raises(DefinitionError):
        need("peple")


def test_every_role_has_audiences_maps_and_a_title() -> None:
    assert AUDIENCES.keys() == MAPS.keys() == TITLES.keys()
    assert all(MAPS.values())


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("visitor", set()),
        ("planner", {"staff"}),
        ("handler", {"staff", "matters"}),
        ("administrator", set()),
        ("auditor", set()),
        ("editor", {"staff", "matters", "people"}),
        ("officer", {"staff", "matters", "people"}),
    ],
)
def test_role_sees_what_the_product_page_says(role: str, sees: set[str]) -> None:
    reader = Reader(1, "x", "x", role, Scope(()), None)
    seen = {word for word in ("staff", "matters", "people") if may_see(reader, word)}
    assert seen == sees
    assert may_see(reader, "public")


def test_rule_without_names_asks_for_any_account() -> None:
    assert not may_use(VISITOR, ())
    assert may_use(Reader(1, "x", "x", "auditor", Scope(()), None), ())


@pytest.mark.parametrize("role", ["planner", "administrator", "auditor", "handler"])
async def test_role_without_people_is_refused_people(
    browser: httpx.AsyncClient, account: Callable[..., str], role: str
) -> None:
    await sign_in(browser, account(role, ("431322",)))
    answer = await browser.get("/api/people/residents")
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


async def test_visitor_is_refused_people(browser: httpx.AsyncClient) -> None:
    for path in ("residents", "residents/10", "households/1"):
        assert (await browser.get(f"/api/people/{path}")).status_code == 401
