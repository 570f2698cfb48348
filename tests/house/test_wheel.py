"""What is in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.source import ROOT


def test_wheel_ships_definitions_inside_the_package_alone(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        tmp_path,
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"gis_service"}
    assert "gis_service/_shipped/layers/grid_cells.sql" in names
    assert "gis_service/_shipped/maps/officer.toml" in names
    assert not [
        name for name in names if "node_modules" in name or name.endswith(".ts")
    ]
