"""The documentation is held to the code: nothing is undocumented, nothing invented."""

import re
from pathlib import Path

import pytest

from gis_service import reference
from gis_service.settings import Settings
from tests.house.source import ROOT, name

PAGES = sorted(
    [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md")]
)


@pytest.mark.parametrize(
    "page", ["settings.md", "layers.md", "errors.md", "commands.md"]
)
def test_reference_is_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == reference.pages()[page], "run make docs"


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_setting_explains_itself(setting: str) -> None:
    assert Settings.model_fields[setting].description


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (page.parent / target).exists(), target
