"""Personal access tokens, as notebooks, QGIS and GDAL show them."""

from collections.abc import Callable

import httpx
import pytest

from gis_service.access import accounts, recent, tokens
from tests.access.conftest import House, make_token, role_of, sign_in


@pytest.fixture
def login(account: Callable[..., str]) -> str:
    return account("planner", ("431322",))


@pytest.fixture
def token(house: House, login: str) -> str:
    with house.owner.begin() as connection:
        return make_token(connection, login)


async def test_token_is_accepted_as_bearer(house: House, token: str) -> None:
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert await role_of(client) == "planner"


async def test_token_is_accepted_as_basic_password_of_its_login(
    house: House, login: str, token: str
) -> None:
    async with house.script() as client:
        answer = await client.get("/api/session", auth=(login, token))
        assert answer.json()["account"]["login"] == login
        answer = await client.get("/api/session", auth=("somebody-else", token))
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer gt_wrong",
        "Bearer",
        "Bearer eyJhbGciOiJub25lIn0",
        "Basic not-base64!",
        "Basic b2ZmaWNlcjpncmlkLWRlbW8tMjAyNg==",
        "Basic AGE6Z3RfeA==",
        "Basic /w==",
        "Digest username=officer",
        "",
    ],
)
async def test_wrong_credentials_are_asked_for_again(house: House, shown: str) -> None:
    async with house.script(Authorization=shown) as client:
        answer = await client.get("/api/session")
    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong_credentials"
    assert answer.headers["www-authenticate"].startswith('Basic realm="gis-grid"')


async def test_expired_token_is_refused(house: House, token: str) -> None:
    house.run("UPDATE access.tokens SET expires_at = now() - interval '1 second'")
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert (await client.get("/api/session")).status_code == 401


async def test_token_of_a_disabled_account_is_refused(
    house: House, login: str, token: str
) -> None:
    with house.owner.begin() as connection:
        accounts.disable(connection, login)
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert (await client.get("/api/session")).status_code == 401


async def test_own_token_is_made_shown_once_listed_and_removed(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    wanted = {"name": "QGIS 二楼", "days": 30}
    made = await browser.post("/api/tokens", json=wanted)
    assert made.status_code == 201
    secret = made.json()["token"]
    assert secret.startswith("gt_")
    assert len(secret) >= 46
    (listed,) = (await browser.get("/api/tokens")).json()
    assert listed["name"] == "QGIS 二楼"
    assert secret not in (await browser.get("/api/tokens")).text
    address = f"/api/tokens/{listed['id']}"
    assert (await browser.delete(address)).status_code == 204
    async with house.script(Authorization=f"Bearer {secret}") as client:
        assert (await client.get("/api/session")).status_code == 401


async def test_token_of_somebody_else_cannot_be_removed(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str], token: str
) -> None:
    await sign_in(browser, account())
    number = house.read("SELECT max(id) FROM access.tokens")
    assert (await browser.delete(f"/api/tokens/{number}")).status_code == 404
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert await role_of(client) == "planner"


async def test_token_makes_no_further_tokens(house: House, token: str) -> None:
    async with house.script(Authorization=f"Bearer {token}") as client:
        answer = await client.post("/api/tokens", json={"name": "another"})
    assert answer.status_code == 403


async def test_account_has_at_most_twenty_tokens(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    with house.owner.begin() as connection:
        for _ in range(tokens.MOST_PER_ACCOUNT):
            make_token(connection, login)
    answer = await browser.post("/api/tokens", json={"name": "one more"})
    assert answer.status_code == 409


async def test_visitor_is_told_to_sign_in(house: House) -> None:
    async with house.script() as client:
        answer = await client.get("/api/tokens")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert answer.headers["www-authenticate"].startswith('Basic realm="gis-grid"')


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (None, ["read:layers"]),
        (["read:public"], ["read:public"]),
        (["write:matters"], ["read:layers", "write:matters"]),
    ],
)
async def test_token_keeps_the_scopes_it_was_made_for(
    browser: httpx.AsyncClient, login: str, wanted: list[str] | None, kept: list[str]
) -> None:
    await sign_in(browser, login)
    body = {"name": "QGIS"} | ({} if wanted is None else {"scopes": wanted})
    made = (await browser.post("/api/tokens", json=body)).json()
    assert made["scopes"] == kept
    assert (await browser.get("/api/tokens")).json()[0]["scopes"] == kept


@pytest.mark.parametrize("scopes", [[], ["write:everything"]])
async def test_token_for_nothing_is_not_made(
    browser: httpx.AsyncClient, login: str, scopes: list[str]
) -> None:
    await sign_in(browser, login)
    body = {"name": "QGIS", "scopes": scopes}
    answer = await browser.post("/api/tokens", json=body)
    assert answer.status_code == 422


async def test_token_for_public_layers_sees_what_a_visitor_sees_and_is_told_why(
    house: House, account: Callable[..., str]
) -> None:
    login = account("officer")
    with house.owner.begin() as connection:
        row = accounts.by_login(connection, login)
        assert row is not None
        made = tokens.add(connection, row.id, "x", 1, scopes=["read:public"])
    async with house.script(Authorization=f"Bearer {made.secret}") as client:
        assert await role_of(client) == "visitor"
        answer = await client.get("/api/people/residents")
    assert answer.status_code == 403
    assert answer.json()["code"] == "token_scope"
    assert answer.json()["missing"] == "read:layers"


async def test_use_of_a_token_is_noted_now_and_then(
    house: House, login: str, token: str
) -> None:
    used = (
        "SELECT max(used_at) FROM access.tokens AS token INNER JOIN access.accounts "
        "AS account ON token.account_id = account.id WHERE login = :login"
    )
    assert house.read(used, login=login) is None
    async with house.script(Authorization=f"Bearer {token}") as client:
        await role_of(client)
        first = house.read(used, login=login)
        assert first is not None
        recent.of(house.app.state.pool).forget()
        await role_of(client)
    assert house.read(used, login=login) == first
