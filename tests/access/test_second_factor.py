"""The second factor: enrolled, asked for, removed, reset."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from gis_service.access import accounts, recent, second_factor, second_factor_secret
from gis_service.access.accounts import NewAccount
from gis_service.access.cli import app as commands
from gis_service.access.second_factor_secret import SecretSealedError
from gis_service.keys import Keyring
from tests.access.conftest import MASTER_KEY, PASSWORD, House, role_of, sign_in

FACTOR = "/api/account/second-factor"
NOON = 1_800_000_000.0
STEP_S = 30
RING = Keyring(MASTER_KEY, (), is_resealing=False)
SOMEBODY = NewAccount(login="somebody", name="某", role="administrator")


@pytest.fixture
def login(account: Callable[..., str]) -> str:
    return account("supervisor", ("431322",), needs_second_factor=True)


@pytest.fixture
def _operator(
    access_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", access_database)
    monkeypatch.setenv("GIS_DATA_FOLDER", str(tmp_path))


async def _enrol(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Enrol and return the secret and the recovery codes."""
    begun = (await client.post(FACTOR, json={"password": PASSWORD})).json()
    code = _code(begun["secret"], -1)
    done = await client.put(FACTOR, json={"code": code})
    assert done.status_code == 200, done.text
    return begun["secret"], done.json()["recovery_codes"]


def _code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(time.time() + steps * STEP_S)


async def test_account_that_must_enrol_sees_what_a_visitor_sees_until_it_has(
    browser: httpx.AsyncClient, login: str
) -> None:
    answer = (await sign_in(browser, login)).json()["account"]
    assert answer["login"] == login
    assert answer["second_factor"] == "enrol"
    assert [one["id"] for one in answer["maps"]] == ["county"]
    for path in ("/api/tokens", "/api/account/sessions", "/api/people/residents"):
        assert (await browser.get(path)).status_code in {401, 404}, path
    assert (await browser.get("/api/tokens")).status_code == 401
    await _enrol(browser)
    answer = (await browser.get("/api/session")).json()["account"]
    assert answer["second_factor"] == "on"
    assert answer["home_map"] == "supervisor"
    assert (await browser.get("/api/tokens")).status_code == 200


async def test_enrolment_gives_what_telephones_read(
    browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    begun = (await browser.post(FACTOR)).json()
    parsed = pyotp.parse_uri(begun["uri"])
    assert parsed.name == login
    assert parsed.issuer == "网格一张图"
    assert parsed.secret == begun["secret"]
    assert begun["qr_svg"].startswith("<svg")
    assert "<script" not in begun["qr_svg"]


async def test_stolen_session_enrols_no_telephone_of_the_thief(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account("officer")
    await sign_in(browser, login)
    for body in ({}, {"password": None}):
        answer = await browser.post(FACTOR, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "password_wanted")
    assert (await browser.post(FACTOR)).status_code == 422
    left = []
    for _ in range(5):
        answer = await browser.post(FACTOR, json={"password": "wrong password"})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
        left.append(answer.json()["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    answer = await browser.post(FACTOR, json={"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "locked")
    begun = """
        SELECT count(*) FROM access.second_factors AS factor
        INNER JOIN access.accounts AS account ON factor.account_id = account.id
        WHERE account.login = :it
    """
    assert house.read(begun, it=login) == 0


@pytest.mark.usefixtures("_operator")
async def test_account_told_to_enrol_signs_in_again_first(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account("officer")
    await sign_in(browser, login)
    done = CliRunner().invoke(commands, ["second-factor", login, "--on"])
    assert done.exit_code == 0, done.output
    recent.of(house.app.state.pool).forget()
    assert (await browser.post(FACTOR)).status_code == 401
    answer = (await sign_in(browser, login)).json()["account"]
    assert answer["second_factor"] == "enrol"
    assert (await browser.post(FACTOR)).status_code == 200


async def test_enrolment_changes_the_session_and_ends_the_others(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    former = browser.cookies["gis_session"]
    async with house.browser() as elsewhere:
        await sign_in(elsewhere, login)
        await _enrol(browser)
        shown = (await elsewhere.get("/api/session")).json()["account"]
        assert shown["login"] is None
    assert browser.cookies["gis_session"] != former
    async with house.browser() as thief:
        thief.cookies.set("gis_session", former)
        assert await role_of(thief) == "visitor"


async def test_wrong_first_code_enrols_nobody(
    browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    await browser.post(FACTOR)
    answer = await browser.put(FACTOR, json={"code": "000000"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "wrong_code"
    shown = (await browser.get("/api/session")).json()["account"]
    assert shown["second_factor"] == "enrol"


async def test_code_is_asked_for_after_the_password(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    secret, _ = await _enrol(browser)
    async with house.browser() as other:
        asked = await sign_in(other, login)
        assert asked.status_code == 401
        assert asked.json()["code"] == "second_factor_wanted"
        assert "gis_session" not in other.cookies
        wrong = await sign_in(other, login, "wrong password", _code(secret))
        assert wrong.json()["code"] == "wrong_password"
        done = await sign_in(other, login, code=_code(secret))
        assert done.json()["account"]["second_factor"] == "on"
        assert await role_of(other) == "supervisor"


async def test_code_is_taken_once(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    secret, _ = await _enrol(browser)
    code = _code(secret)
    async with house.browser() as one, house.browser() as other:
        assert (await sign_in(one, login, code=code)).status_code == 200
        again = await sign_in(other, login, code=code)
    assert again.status_code == 401
    assert again.json()["code"] == "wrong_code"


async def test_wrong_codes_pause_the_account_whatever_comes_between(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    secret, _ = await _enrol(browser)
    async with house.browser() as thief:
        left = []
        for _ in range(5):
            # The right password alone gives no tries of codes back.
            assert (await sign_in(thief, login)).status_code == 401
            answer = await sign_in(thief, login, code="123123")
            left.append(answer.json()["tries_left"])
        assert left == [4, 3, 2, 1, 0]
        locked = await sign_in(thief, login, code=_code(secret))
        assert locked.status_code == 429


async def test_recovery_code_is_good_once_however_it_is_typed(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    _, codes = await _enrol(browser)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    typed = codes[3].upper().replace("-", " ")
    async with house.browser() as one, house.browser() as other:
        assert (await sign_in(one, login, code=typed)).status_code == 200
        assert (await sign_in(other, login, code=codes[3])).status_code == 401
        assert (await sign_in(other, login, code=codes[4])).status_code == 200
    kept = "SELECT count(*) FROM access.recovery_codes AS c WHERE c::text LIKE :it"
    assert house.read(kept, it=f"%{codes[5]}%") == 0


async def test_second_factor_is_removed_with_password_and_code(
    browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account("officer")
    await sign_in(browser, login)
    secret, codes = await _enrol(browser)
    bad = {"password": "wrong password", "code": _code(secret)}
    answer = await browser.request("DELETE", FACTOR, json=bad)
    assert answer.json()["code"] == "wrong_password"
    bad = {"password": PASSWORD, "code": "000000"}
    answer = await browser.request("DELETE", FACTOR, json=bad)
    assert answer.json()["code"] == "wrong_code"
    answer = await browser.post(FACTOR, json={"password": PASSWORD})
    assert answer.status_code == 409, answer.text[:300]
    assert answer.json()["code"] == "second_factor_on"
    good = {"password": PASSWORD, "code": codes[0]}
    answer = await browser.request("DELETE", FACTOR, json=good)
    assert answer.status_code == 204
    shown = (await browser.get("/api/session")).json()["account"]
    assert (shown["login"], shown["second_factor"]) == (login, "off")


@pytest.mark.usefixtures("_operator")
async def test_operator_resets_the_second_factor_and_the_trail_says_so(
    house: House, browser: httpx.AsyncClient, login: str
) -> None:
    await sign_in(browser, login)
    await _enrol(browser)
    done = CliRunner().invoke(commands, ["reset-second-factor", login])
    assert done.exit_code == 0, done.output
    again = (await sign_in(browser, login)).json()["account"]
    assert again["second_factor"] == "enrol"
    line = "SELECT actor FROM access.trail WHERE act = 'reset_second_factor'"
    assert house.read(f"{line} AND subject = :it", it=f"account {login}") == "gis-grid"


async def test_stranger_enrols_nothing(house: House) -> None:
    async with house.browser() as stranger:
        assert (await stranger.post(FACTOR)).status_code == 401
        body = {"code": "123456"}
        assert (await stranger.put(FACTOR, json=body)).status_code == 401


@pytest.mark.parametrize(
    ("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_clock_may_be_a_step_off(steps: int, *, is_right: bool) -> None:
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(int(NOON) + steps * STEP_S)
    step = second_factor_secret.step_of(secret, code, NOON)
    assert (step is not None) == is_right


def test_older_code_is_refused_after_a_newer_one(connection: Connection) -> None:
    number = accounts.add(connection, SOMEBODY, PASSWORD)
    made = second_factor.begin(connection, number, "somebody", RING)
    totp = pyotp.TOTP(made.secret)
    now = totp.at(int(NOON))
    assert second_factor.confirm(connection, number, now, RING, NOON)
    verdicts = [
        second_factor.judge(connection, number, code, RING, NOON)
        for code in (totp.at(int(NOON) - STEP_S), now, totp.at(int(NOON) + STEP_S))
    ]
    assert verdicts == ["wrong", "wrong", "right"]


def test_secret_is_sealed_for_its_account_and_key() -> None:
    sealed = second_factor_secret.seal("ABCDEFGH", 7, MASTER_KEY)
    assert b"ABCDEFGH" not in sealed
    assert second_factor_secret.unseal(sealed, 7, [b"x" * 32, MASTER_KEY]) == "ABCDEFGH"
    for account_id, key in ((8, MASTER_KEY), (7, b"x" * 32)):
        with pytest.raises(SecretSealedError):
            second_factor_secret.unseal(sealed, account_id, [key])
