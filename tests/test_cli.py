"""The command line: what it answers, and with which exit code."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis_service import cli, migrations, postgres_install
from gis_service.cluster import private

Command = Callable[..., int]


@pytest.fixture(scope="module")
def folder(ground: Path) -> Iterator[Path]:
    folder = ground / "var"
    yield folder
    cluster = private(folder.resolve())
    cluster.leave()
    cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def gis_grid(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Return the command, run in this process, which gives its exit code."""
    monkeypatch.setenv("GIS_DATA_FOLDER", str(folder))
    monkeypatch.delenv("GIS_DATABASE_URL", raising=False)
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGHUP)}

    def run(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["gis-grid", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    yield run
    for sign, handler in before.items():
        signal.signal(sign, handler)


def test_migrate_says_where_the_schema_is(
    gis_grid: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gis_grid("migrate", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {"revision": migrations.head(), "has_data": False, "logins": []}


def test_doctor_finds_the_migrated_database_well(
    gis_grid: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    gis_grid("migrate")
    capsys.readouterr()
    gis_grid("doctor", "--json")
    checks = json.loads(capsys.readouterr().out)
    red = {check["name"] for check in checks if not check["ok"]}
    # Whether the web client is built is no matter of this test.
    assert red <= {"网页端 web client"}
    assert "行级安全 row security" in {check["name"] for check in checks}


def test_backup_is_never_written_over_a_file_and_comes_back(
    gis_grid: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "county.dump"
    gis_grid("migrate")
    assert gis_grid("db", "backup", str(file)) == 0
    assert gis_grid("db", "backup", str(file)) == 1
    assert "county.dump" in capsys.readouterr().err
    assert gis_grid("db", "restore", str(file)) == 0
    assert gis_grid("db", "status") == 0
    assert "gis_before_" in capsys.readouterr().out


def test_server_of_another_is_not_started_or_stopped(
    gis_grid: Command,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert gis_grid("db", "stop") == 1
    assert "GIS_DATABASE_URL" in capsys.readouterr().err
    assert gis_grid("migrate") == 1
    assert gis_grid("doctor") == 3


def test_wrong_usage_has_a_code_of_its_own(gis_grid: Command) -> None:
    assert gis_grid("db", "begin") == 2


def test_wrong_setting_is_named(
    gis_grid: Command,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GIS_PORT", "eighty")
    assert gis_grid("db", "status") == 2
    assert "GIS_PORT" in capsys.readouterr().err


def test_missing_postgis_is_one_sentence_with_the_command() -> None:
    with pytest.raises(postgres_install.PostgisMissingError) as missing:
        postgres_install.find(99)
    assert "postgresql-99-postgis-3" in missing.value.detail
    assert "\n" not in missing.value.detail
