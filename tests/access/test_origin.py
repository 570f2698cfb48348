"""Requests other sites make a browser send, and what browsers may do with answers."""

from collections.abc import Callable

import httpx
import pytest

from gis_service.access.origin import DOCS_POLICY, PAGE_POLICY, policy_of
from tests.access.conftest import PASSWORD, House, role_of, sign_in


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://grid.test"},
        {"Origin": "http://evil.test"},
        {"Origin": "http://grid.test:8001"},
        {"Origin": "http://grid.test.evil.test"},
        {"Origin": "null"},
        {},
    ],
)
async def test_act_from_another_site_is_refused(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    headers: dict[str, str],
) -> None:
    await sign_in(browser, account())
    cookie = f"gis_session={browser.cookies['gis_session']}"
    async with house.script(Cookie=cookie, **headers) as elsewhere:
        answer = await elsewhere.delete("/api/session")
    assert answer.status_code == 403
    assert answer.json()["code"] == "cross_site"
    assert answer.headers["content-type"] == "application/problem+json"
    assert await role_of(browser) == "officer"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://grid.test"},
    ],
)
async def test_act_from_our_own_page_is_done(
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    headers: dict[str, str],
) -> None:
    await sign_in(browser, account())
    cookie = f"gis_session={browser.cookies['gis_session']}"
    async with house.script(Cookie=cookie, **headers) as client:
        assert (await client.delete("/api/session")).status_code == 204


async def test_another_site_cannot_sign_somebody_in(
    house: House, account: Callable[..., str]
) -> None:
    body = {"login": account(), "password": PASSWORD}
    async with house.script(Origin="http://evil.test") as client:
        assert (await client.post("/api/session", json=body)).status_code == 403
    async with house.script() as client:
        # No browser, no cookie: a script that signs in by itself.
        assert (await client.post("/api/session", json=body)).status_code == 200


async def test_reading_with_the_cookie_is_not_refused(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    cookie = f"gis_session={browser.cookies['gis_session']}"
    async with house.script(
        Cookie=cookie, **{"Sec-Fetch-Site": "cross-site"}
    ) as client:
        assert await role_of(client) == "officer"


async def test_every_answer_carries_the_security_headers(
    browser: httpx.AsyncClient,
) -> None:
    for path in ("/api/session", "/nowhere"):
        headers = (await browser.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"] == PAGE_POLICY
        assert headers["x-frame-options"] == "DENY"
        assert "geolocation=(self)" in headers["permissions-policy"]


async def test_answers_about_a_reader_are_not_kept(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/session")
    assert answer.headers["cache-control"] == "private, no-store"


async def test_folium_page_can_send_nothing_anywhere(
    browser: httpx.AsyncClient,
) -> None:
    policy = (await browser.get("/maps/county.html")).headers["content-security-policy"]
    assert "connect-src 'none'" in policy
    assert "script-src 'unsafe-inline'" in policy


def test_only_two_kinds_of_page_may_hold_scripts() -> None:
    assert policy_of("/api/docs") == DOCS_POLICY
    for path in ("/", "/index.html", "/maps/", "/maps/x", "/api/maps/officer"):
        assert policy_of(path) == PAGE_POLICY
    assert "script" not in PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


async def test_browser_opens_no_sign_in_window_of_its_own(house: House) -> None:
    async with house.script(**{"Sec-Fetch-Mode": "cors"}) as page:
        answer = await page.get("/api/tokens")
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers
