"""Personal access tokens, as notebooks, QGIS and GDAL show them."""

from collections.abc import Callable

import httpx
import pytest

from gis_service.access import accounts, tokens
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
