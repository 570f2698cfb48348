"""Signing in and out in a browser."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from gis_service.access import recent
from gis_service.access.attempts import attempt_of
from gis_service.access.place import Place
from tests import village
from tests.access.conftest import MASTER_KEY, PASSWORD, House, role_of, sign_in

NOWHERE = Place("")


async def test_sign_in_says_who_one_is_and_which_maps_one_has(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    answer = await sign_in(browser, f" {login.upper()} ")
    assert answer.status_code == 200
    assert answer.json() == {
        "account": {
            "login": login,
            "name": "officer 某",
            "role": "officer",
            "branches": [village.FIRST_CELL],
            "maps": [
                {"id": "officer", "title": "officer", "title_en": "officer map"},
                {"id": "county", "title": "county", "title_en": "county map"},
            ],
            "home_map": "officer",
            "second_factor": "off",
        },
        "ways": {"oidc": None},
    }
    assert (await browser.get("/api/session")).json() == answer.json()


async def test_visitor_has_the_public_map(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get("/api/session")).json()["account"]
    assert shown["login"] is None
    assert shown["name"] == "访客"
    assert shown["home_map"] == "county"


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    cookie = (await sign_in(browser, account())).headers["set-cookie"]
    assert cookie.startswith("gis_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=86400" in cookie
    assert "Secure" not in cookie


async def test_cookie_is_secure_where_the_setting_says_so(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(house.settings, "cookie_secure", True)
    answer = await sign_in(browser, account())
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_database_keeps_the_hash_of_the_cookie_only(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    secret = browser.cookies["gis_session"]
    assert len(secret) >= 43
    found = "SELECT count(*) FROM access.sessions WHERE token_hash = "
    assert house.read(f"{found}sha256(convert_to(:it, 'UTF8'))", it=secret) == 1
    assert house.read(f"{found}convert_to(:it, 'UTF8')", it=secret) == 0


async def test_five_wrong_passwords_pause_the_account(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    left = []
    for _ in range(5):
        answer = await sign_in(browser, login, "wrong password")
        assert answer.status_code == 401
        assert answer.json()["code"] == "wrong_password"
        left.append(answer.json()["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    # Not even the right password helps now.
    answer = await sign_in(browser, login)
    assert answer.status_code == 429
    assert answer.json()["code"] == "locked"
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert answer.json()["retry_after_s"] == int(answer.headers["retry-after"])
    assert "15分钟" in answer.json()["detail"]


async def test_pause_ends_by_itself(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    for _ in range(5):
        await sign_in(browser, login, "wrong password")
    house.run(
        "UPDATE access.sign_in_attempts SET at = at - interval '16 minutes' "
        "WHERE login = :mark",
        mark=attempt_of(login, NOWHERE, MASTER_KEY).mark,
    )
    assert (await sign_in(browser, login)).status_code == 200


async def test_typed_unknown_login_is_nowhere_in_clear_and_forgotten_in_a_day(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    typed = "my-secret-by-mistake"
    await sign_in(browser, typed, "wrong password")
    kept = (
        "SELECT count(*) FROM (SELECT attempt::text AS row "
        "FROM access.sign_in_attempts AS attempt UNION ALL "
        "SELECT line::text FROM access.trail AS line) AS kept "
        "WHERE strpos(row, :typed) > 0"
    )
    assert house.read(kept, typed=typed) == 0
    mark = attempt_of(typed, NOWHERE, MASTER_KEY).mark
    assert house.read(kept, typed=mark) == 1
    house.run(
        "UPDATE access.sign_in_attempts SET at = at - interval '25 hours' "
        "WHERE login = :mark",
        mark=mark,
    )
    await sign_in(browser, account())
    assert house.read(kept, typed=mark) == 0


async def test_right_password_gives_the_tries_back(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    for _ in range(4):
        await sign_in(browser, login, "wrong password")
    assert (await sign_in(browser, login)).status_code == 200
    answer = await sign_in(browser, login, "wrong password")
    assert answer.json()["tries_left"] == 4


async def test_twelve_wrong_passwords_at_once_get_five_tries(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    tries = [sign_in(browser, login, "wrong password") for _ in range(12)]
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert sorted(statuses) == [401] * 5 + [429] * 7


async def test_address_that_tries_twenty_names_is_paused(house: House) -> None:
    async with house.browser() as client:
        answers = [await sign_in(client, f"nobody{number}") for number in range(21)]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [401] * 20 + [429]


async def test_unknown_login_is_answered_like_a_wrong_password(
    house: House, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser() as one, house.browser() as other:
        known = await sign_in(one, login, "wrong password")
        unknown = await sign_in(other, "nobody-at-all", "wrong password")
    assert known.json() == unknown.json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "officer"},
        {"login": "", "password": ""},
        {"login": "a\0b", "password": PASSWORD},
        {"login": ["officer"], "password": PASSWORD},
        {"login": "x" * 300, "password": PASSWORD},
    ],
)
async def test_broken_sign_in_is_refused(
    browser: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await browser.post("/api/session", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_idle_session_ends(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    _age(house, login, "seen_at = now() - interval '481 minutes'")
    assert await role_of(browser) == "visitor"


async def test_session_ends_a_day_after_sign_in_whatever_happens(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    assert house.read(
        "SELECT max(expires_at) - now() BETWEEN '23:59' AND '24:00' "
        "FROM access.sessions"
    )
    _age(house, login, "expires_at = now() - interval '1 second'")
    assert await role_of(browser) == "visitor"


async def test_signed_out_cookie_is_worthless(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    stolen = browser.cookies["gis_session"]
    assert await role_of(browser) == "officer"
    assert (await browser.delete("/api/session")).status_code == 204
    assert "gis_session" not in browser.cookies
    browser.cookies.set("gis_session", stolen)
    assert await role_of(browser) == "visitor"


async def test_sign_out_everywhere_ends_every_session_of_the_account(
    house: House, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser() as home, house.browser() as office:
        await sign_in(home, login)
        await sign_in(office, login)
        assert await role_of(home) == await role_of(office) == "officer"
        await office.delete("/api/session?everywhere=true")
        assert await role_of(home) == "visitor"


async def test_sign_in_ends_the_session_that_came_along(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    former = browser.cookies["gis_session"]
    await sign_in(browser, login)
    assert browser.cookies["gis_session"] != former
    browser.cookies.clear()
    browser.cookies.set("gis_session", former)
    assert await role_of(browser) == "visitor"


async def test_planted_cookie_does_not_become_a_session(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    browser.cookies.set("gis_session", "planted", domain="grid.test", path="/")
    await sign_in(browser, account())
    assert browser.cookies["gis_session"] != "planted"
    browser.cookies.clear()
    browser.cookies.set("gis_session", "planted")
    assert await role_of(browser) == "visitor"


def _age(house: House, login: str, change: str) -> None:
    house.run(
        f"UPDATE access.sessions SET {change} WHERE account_id = "  # noqa: S608 - ours
        "(SELECT id FROM access.accounts WHERE login = :login)",
        login=login,
    )
    # Time that passes is told to nobody: what is remembered is so for seconds only.
    recent.of(house.app.state.pool).forget()
