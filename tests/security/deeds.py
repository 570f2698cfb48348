"""Deeds: how each route that may change something is asked so that it does."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pyotp
from sqlalchemy import Engine

from gis_service.access import alerts
from tests import village
from tests.security.canaries import FIRST_ID
from tests.security.table import Place

PASSWORD = "correct horse"  # noqa: S105 - of the tests' own accounts
FACTOR = "/api/account/second-factor"
_WHY = {"purpose": "visit", "reason": "上门走访前核对"}
_LON, _LAT = village.place(300, 400)
_REPORT = {"class_code": "0102", "lon": _LON, "lat": _LAT, "description": "路边垃圾"}
_ASSIGNED = {"act": "assign", "receiver": "城市管理和综合执法局"}


@dataclass(frozen=True)
class Desk:
    """Where a deed is done: an account, its browser, and the owner's engine."""

    owner: Engine
    browser: httpx.AsyncClient
    other_browser: httpx.AsyncClient
    login: str
    place: Place

    async def enter(self, browser: httpx.AsyncClient | None = None) -> None:
        """Sign in."""
        body = {"login": self.login, "password": PASSWORD}
        answer = await (browser or self.browser).post("/api/session", json=body)
        assert answer.status_code == 200, answer.text


@dataclass(frozen=True)
class Asked:
    """A request that does the deed, and one like it that must be refused."""

    address: str
    body: object = None
    wrong_body: object = None


Prepare = Callable[[Desk], Awaitable[Asked]]


@dataclass(frozen=True)
class Deed:
    """Who does it, the act its line must have (None: no line), how it is prepared."""

    role: str
    act: str | None
    prepare: Prepare


def _plain(address: str, body: object = None, wrong_body: object = None) -> Prepare:
    async def prepare(desk: Desk) -> Asked:
        await desk.enter()
        return Asked(address, body, wrong_body)

    return prepare


async def _sign_in(desk: Desk) -> Asked:
    body = {"login": desk.login, "password": PASSWORD}
    return Asked("/api/session", body, {**body, "password": "wrong password"})


async def _token(desk: Desk) -> Asked:
    await desk.enter()
    made = await desk.browser.post("/api/tokens", json={"name": "笔记本", "days": 9})
    return Asked(f"/api/tokens/{made.json()['id']}")


async def _session_elsewhere(desk: Desk) -> Asked:
    await desk.enter()
    await desk.enter(desk.other_browser)
    listed = (await desk.browser.get("/api/account/sessions")).json()
    (other,) = (each["id"] for each in listed if not each["is_this"])
    return Asked(f"/api/account/sessions/{other}")


async def _begun_factor(desk: Desk) -> Asked:
    await desk.enter()
    begun = await desk.browser.post(FACTOR, json={"password": PASSWORD})
    secret = begun.json()["secret"]
    code = pyotp.TOTP(secret).at(time.time() - 30)
    return Asked(FACTOR, {"code": code}, {"code": "letters"})


async def _factor(desk: Desk) -> Asked:
    begun = await _begun_factor(desk)
    done = await desk.browser.put(FACTOR, json=begun.body)
    body = {"password": PASSWORD, "code": done.json()["recovery_codes"][0]}
    return Asked(FACTOR, body, {**body, "password": "wrong password"})


async def _alert(desk: Desk) -> Asked:
    with desk.owner.begin() as connection:
        alerts.raise_alert(connection, "reveal_limit", desk.login)
    await desk.enter()
    listed = (await desk.browser.get("/api/alerts")).json()
    (number,) = (each["id"] for each in listed if each["actor"] == desk.login)
    return Asked(f"/api/alerts/{number}/seen")


async def _report(desk: Desk) -> Asked:
    await desk.enter()
    wrong = {**_REPORT, "class_code": "01"}
    return Asked(f"/api/matters/{uuid4()}", _REPORT, wrong)


async def _matter(desk: Desk) -> Asked:
    asked = await _report(desk)
    made = await desk.browser.put(asked.address, json=asked.body)
    steps = f"/api/matters/{made.json()['number']}/steps"
    return Asked(steps, {**_ASSIGNED, "version": 1}, {**_ASSIGNED, "version": 7})


async def _within(desk: Desk) -> Asked:
    polygon = desk.place.blanks["polygon"]
    body = f'{{"layer": "villages", "polygon": {polygon}}}'
    return Asked("/api/query/within", body, "{}")


async def _summary(desk: Desk) -> Asked:
    await desk.enter()
    body = f'{{"polygon": {desk.place.blanks["polygon"]}}}'
    return Asked("/api/query/summary", body, "{}")


_REVEAL = f"/api/people/residents/{FIRST_ID + 1}/reveal"
_EXPORT = {"layer": "residents", "format": "geojson", "reason": "年度核对"}
_NUMBER = {"id_number": "990101199001010019"}
_FRESH = {"current": PASSWORD, "fresh": "battery staple 37 horses"}

DEEDS = {
    "POST /api/session": Deed("officer", "signed_in", _sign_in),
    "DELETE /api/session": Deed("officer", "signed_out", _plain("/api/session")),
    "POST /api/tokens": Deed(
        "planner",
        "added_token",
        _plain("/api/tokens", {"name": "笔记本"}, {"name": ""}),
    ),
    "DELETE /api/tokens/{token_id}": Deed("planner", "removed_token", _token),
    "PUT /api/account/password": Deed(
        "handler",
        "changed_password",
        _plain("/api/account/password", _FRESH, {**_FRESH, "current": "wrong"}),
    ),
    "DELETE /api/account/sessions/{session_id}": Deed(
        "editor", "ended_session", _session_elsewhere
    ),
    "POST /api/account/second-factor": Deed(
        "administrator",
        "began_second_factor",
        _plain(FACTOR, {"password": PASSWORD}, {"password": "wrong"}),
    ),
    "PUT /api/account/second-factor": Deed(
        "administrator", "enrolled_second_factor", _begun_factor
    ),
    "DELETE /api/account/second-factor": Deed(
        "administrator", "removed_second_factor", _factor
    ),
    "POST /api/people/residents/find": Deed(
        "officer", "looked_up", _plain("/api/people/residents/find", _NUMBER, {})
    ),
    "POST /api/people/residents/{resident_id}/reveal": Deed(
        "officer",
        "revealed",
        _plain(_REVEAL, {**_WHY, "fields": ["name"]}, {"fields": ["name"]}),
    ),
    "POST /api/query/within": Deed("visitor", None, _within),
    "POST /api/query/summary": Deed("officer", None, _summary),
    "POST /api/search": Deed("officer", None, _plain("/api/search", {"q": "村"}, {})),
    "POST /api/alerts/{alert_id}/seen": Deed("auditor", "saw_alert", _alert),
    "POST /api/exports": Deed(
        "officer",
        "exported",
        _plain("/api/exports", _EXPORT, {**_EXPORT, "reason": None}),
    ),
    "PUT /api/matters/{client_id}": Deed("officer", "reported_matter", _report),
    "POST /api/matters/{number}/steps": Deed("lead", "acted_on_matter", _matter),
}
"""Route to its deed: the table of what stands on the trail."""
