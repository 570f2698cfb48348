"""The documentation is held to the code: nothing is undocumented, nothing invented."""

import re
import tomllib
from pathlib import Path

import pytest

from gis_service.settings import Settings
from tests.house.source import MODULES, ROOT, name

REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md")]
)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_setting_is_documented(setting: str) -> None:
    assert f"`GIS_{setting.upper()}`" in _text(REFERENCE / "settings.md")
    assert Settings.model_fields[setting].description


@pytest.mark.parametrize("file", sorted((ROOT / "layers").glob("*.toml")), ids=name)
def test_layer_and_its_fields_are_documented(file: Path) -> None:
    page = _text(REFERENCE / "layers.md")
    assert f"## {file.stem}" in page
    for field in tomllib.loads(_text(file))["fields"]:
        assert f"`{field}`" in page


def test_error_codes_are_documented() -> None:
    page = _text(REFERENCE / "errors.md")
    for file in MODULES:
        for code in re.findall(
            r'^    code(?:: \S+)? = "(\w+)"', _text(file), re.MULTILINE
        ):
            assert f"`{code}`" in page, f"{name(file)}: {code}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", _text(page)):
        assert (page.parent / target).exists(), target
