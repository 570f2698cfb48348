"""One's own account: the password, and where one is signed in."""

from collections.abc import Callable

import httpx
import pytest

from gis_service.access.place import shortened
from tests.access.conftest import PASSWORD, House, role_of, sign_in

FRESH = "another good password"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.7339.81 Safari/537.36"
)


async def test_password_is_changed_here_and_signs_out_everywhere_else(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser() as elsewhere:
        await sign_in(elsewhere, login)
        await sign_in(browser, login)
        former = browser.cookies["gis_session"]
        body = {"current": PASSWORD, "fresh": FRESH}
        answer = await browser.put("/api/account/password", json=body)
        assert answer.status_code == 204
        assert browser.cookies["gis_session"] != former
        assert await role_of(browser) == "officer"
        assert await role_of(elsewhere) == "visitor"
        assert (await sign_in(elsewhere, login)).status_code == 401
        assert (await sign_in(elsewhere, login, FRESH)).status_code == 200


@pytest.mark.parametrize(
    ("current", "fresh", "refusal"),
    [
        ("wrong password", FRESH, (401, "wrong_password")),
        (PASSWORD, "short", (422, "weak_password")),
        (PASSWORD, "1234567890123", (422, "weak_password")),
        (PASSWORD, PASSWORD, (422, "weak_password")),
    ],
)
async def test_change_of_password_is_refused(
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    current: str,
    fresh: str,
    refusal: tuple[int, str],
) -> None:
    await sign_in(browser, account())
    body = {"current": current, "fresh": fresh}
    answer = await browser.put("/api/account/password", json=body)
    assert (answer.status_code, answer.json()["code"]) == refusal


async def test_own_sessions_are_listed_and_one_is_ended(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser("10.9.9.9") as elsewhere:
        elsewhere.headers["User-Agent"] = CHROME
        await sign_in(elsewhere, login)
        await sign_in(browser, login)
        rows = (await browser.get("/api/account/sessions")).json()
        (other,) = [row for row in rows if not row["is_this"]]
        assert len(rows) == 2
        assert (other["address"], other["agent"]) == ("10.9.9.9", "Chrome · Windows")
        address = f"/api/account/sessions/{other['id']}"
        assert (await browser.delete(address)).status_code == 204
        assert await role_of(elsewhere) == "visitor"
        assert await role_of(browser) == "officer"


async def test_session_of_somebody_else_is_not_ended(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    async with house.browser() as other:
        await sign_in(other, account())
        (row,) = (await other.get("/api/account/sessions")).json()
        answer = await browser.delete(f"/api/account/sessions/{row['id']}")
        assert answer.status_code == 404
        assert await role_of(other) == "officer"


async def test_cookie_belongs_to_this_host_alone_under_https(
    house: House, account: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.settings, "cookie_secure", True)
    async with house.browser() as browser:
        answer = await sign_in(browser, account())
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-gis_session=")
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        secret = cookie.split("=", 1)[1].split(";")[0]
    async with house.script(Cookie=f"gis_session={secret}") as planted:
        assert await role_of(planted) == "visitor"
    async with house.script(Cookie=f"__Host-gis_session={secret}") as own:
        assert await role_of(own) == "officer"


def test_agent_of_a_script_is_nothing_or_short() -> None:
    assert shortened("") is None
    assert len(shortened("x" * 100_000) or "") < 100
