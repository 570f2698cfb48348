"""The commands ``gis-grid account``, run as an operator runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gis_service.access import recent
from gis_service.access.cli import app
from gis_service.errors import NotFoundError
from tests.access.conftest import House, role_of, sign_in


@pytest.fixture(autouse=True)
def _operator(
    access_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", access_database)
    monkeypatch.setenv("GIS_DATA_FOLDER", str(tmp_path))


def _run(*words: str, typed: str = "a good password\n") -> str:
    result = CliRunner().invoke(app, words, input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


async def test_operator_makes_an_account_and_a_token(house: House) -> None:
    who = ("--role", "supervisor", "--name", "王", "--branch", "431322001")
    _run("add", "wang", *who, "--no-second-factor")
    accounts = json.loads(_run("list", "--json"))
    (wang,) = [account for account in accounts if account["login"] == "wang"]
    assert wang["branches"] == ["431322001"]
    assert wang["is_open"]
    token = _run("token", "wang", "--name", "QGIS", "--days", "7").strip()
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert await role_of(client) == "supervisor"
    _run("disable", "wang")
    assert "已停用" in _run("list")
    _run("enable", "wang")
    _run("password", "wang", typed="another password\n")


async def test_administrators_and_supervisors_need_a_second_factor(
    house: House,
) -> None:
    for login, role in (("zhao", "administrator"), ("qian", "supervisor")):
        _run("add", login, "--role", role, "--name", login)
    _run("add", "sun", "--role", "officer", "--name", "孙")
    _run("add", "li", "--role", "officer", "--name", "李", "--second-factor")
    listed = {row["login"]: row for row in json.loads(_run("list", "--json"))}
    needs = [
        listed[login]["needs_second_factor"] for login in ("zhao", "qian", "sun", "li")
    ]
    assert needs == [True, True, False, True]
    _run("second-factor", "li", "--off")
    token = _run("token", "li").strip()
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert await role_of(client) == "officer"
    _run("second-factor", "li", "--on")
    recent.of(house.app.state.pool).forget()
    async with house.script(Authorization=f"Bearer {token}") as client:
        assert (await client.get("/api/session")).status_code == 401


async def test_change_of_role_or_scope_signs_out_and_is_on_the_trail(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account("officer")
    for words in (("role", login, "lead"), ("branches", login, "431322001201")):
        await sign_in(browser, login)
        assert await role_of(browser) != "visitor"
        _run(*words)
        recent.of(house.app.state.pool).forget()
        assert await role_of(browser) == "visitor"
    answer = await sign_in(browser, login)
    assert answer.json()["account"]["role"] == "lead"
    assert answer.json()["account"]["branches"] == ["431322001201"]
    lines = "SELECT count(*) FROM access.trail WHERE act = 'changed_account'"
    assert house.read(f"{lines} AND subject = :it", it=f"account {login}") == 2


def test_account_is_bound_to_the_single_sign_on(
    house: House, account: Callable[..., str]
) -> None:
    login = account()
    bound = "SELECT oidc_subject FROM access.accounts WHERE login = :login"
    _run("subject", login, "person-1")
    assert house.read(bound, login=login) == "person-1"
    _run("subject", login)
    assert house.read(bound, login=login) is None


def test_token_needs_an_account() -> None:
    with pytest.raises(NotFoundError):
        CliRunner().invoke(app, ["token", "nobody"], catch_exceptions=False)
