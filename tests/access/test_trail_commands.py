"""Every command that changes or takes out something leaves one line; no other does."""

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gis_service.access.trail_check import check
from gis_service.cli import app
from gis_service.database import engine
from tests import village

CENTERS = f"编码,名称,类型,经度,纬度\n{village.EAST}02,新站,村级,{{}},{{}}\n"
ADD = "account add li.si --role lead --name 李 --branch"
WORD = "long enough word\n"

STEPS: tuple[tuple[str, str, str | None], ...] = (
    (f"{ADD} {village.EAST}", WORD, "added_account account li.si"),
    (f"{ADD} {village.EAST}", WORD, None),
    (f"{ADD} 43132", WORD, None),
    ("account password li.si", f"another {WORD}", "changed_password account li.si"),
    ("account password li.si", "short\n", None),
    ("account token li.si", "", "added_token"),
    ("account disable li.si", "", "disabled_account account li.si"),
    ("account token li.si", "", None),
    ("account enable li.si", "", "enabled_account account li.si"),
    ("account disable nobody", "", None),
    ("account list", "", None),
    ("export villages {}/a.csv", "", "exported layer villages"),
    ("export villages {}/a.csv", "", None),
    ("export residents {}/b.csv", "", None),
    ("export residents {}/b.csv --reason 普查", "", "exported layer residents"),
    ("export villages {}/c.csv --where x=", "", None),
    ("db backup {}/a.dump", "", "backed_up database"),
    ("intake centers {}/centers.csv --crs EPSG:4490 --try", "", None),
    ("intake centers {}/centers.csv --crs EPSG:4490", "", "imported centers"),
    ("intake centers {}/centers.csv --crs EPSG:4490", "", None),
    ("intake nothing {}/centers.csv", "", None),
    ("intake undo 2", "", "undid_import batch 2"),
    ("intake undo 2", "", None),
    ("trail check", "", None),
    ("migrate", "", None),
)


def test_each_command_leaves_its_line_and_the_chain_whole(
    copy_of_village: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    monkeypatch.setenv("GIS_DATA_FOLDER", str(tmp_path / "var"))
    table = CENTERS.format(*village.place(350, 350))
    (tmp_path / "centers.csv").write_text(table, "utf-8")
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        # The village wrote its own numbers.
        after = "SELECT setval(pg_get_serial_sequence('sites.centers', 'id'), 1000)"
        connection.execute(text(after))
    seen = 0
    for command, typed, expected in STEPS:
        words = command.replace("{}", str(tmp_path)).split()
        done = CliRunner().invoke(app, words, input=typed)
        with owner.connect() as connection:
            query = "SELECT * FROM access.trail WHERE id > :seen ORDER BY id"
            lines = connection.execute(text(query), {"seen": seen}).all()
            assert check(connection).is_whole
        said = [f"{line.act} {line.subject or ''}".strip() for line in lines]
        seen_of = (command, said, done.output, done.exception)
        assert len(said) == (expected is not None), seen_of
        assert expected is None or said[0].startswith(expected)
        assert (done.exit_code == 0) or expected is None, (command, done.output)
        seen = lines[-1].id if lines else seen
    owner.dispose()
