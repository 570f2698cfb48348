"""The commands ``gis-grid account``, run as an operator runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gis_service.access.cli import app
from gis_service.errors import NotFoundError
from tests.access.conftest import House, role_of


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
    _run("add", "wang", "--role", "supervisor", "--name", "王", "--branch", "431322001")
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


def test_token_needs_an_account() -> None:
    with pytest.raises(NotFoundError):
        CliRunner().invoke(app, ["token", "nobody"], catch_exceptions=False)
