"""Words the house uses and words it does not."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import MODULES, PACKAGE, ROOT, functions, name, tree

VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "core",
    "misc",
    "manager",
    "service",
    "services",
    "handler",
    "handlers",
    "tools",
}
NOT_OURS = {
    "gdf",
    "wanggeyuan",
    "citizen",
    "plot",
    "ticket",
    "asset",
    "facility",
    "deadline",
}
HOSTS = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian|mirror)[\w.-]*")
# Put together here so that this file does not name what it forbids.
FORBIDDEN = re.compile("|".join(("\\.\\./" + "shared", "/work/" + "main", "/root/")))


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [
        ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()
    ]


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="ignore")


def test_no_file_has_a_vague_name() -> None:
    assert not [name(file) for file in MODULES if file.stem in VAGUE]


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_names_are_those_of_the_glossary(file: Path) -> None:
    words = {word for function in functions(file) for word in function.name.split("_")}
    assert not words & NOT_OURS


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_no_exception_is_swallowed_whole(file: Path) -> None:
    assert not re.search(r"except (Exception|BaseException)?:\n\s+pass", _text(file))


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_only_settings_read_the_environment(file: Path) -> None:
    if file == PACKAGE / "settings.py" or "bootstrap" in file.parts:
        return
    assert not re.search(r"os\.(getenv\(|environ\.get\(|environ\[)", _text(file))


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_module_says_what_it_is(file: Path) -> None:
    first = tree(file).body[:1]
    assert first, "an empty module"
    assert _text(file).startswith('"""')


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    for file in _tracked():
        text = _text(file)
        if file.name in {"test_words.py", "LICENSE"}:
            continue
        assert not HOSTS.search(text), name(file)
        assert not FORBIDDEN.search(text), name(file)


def test_identifiers_are_english() -> None:
    for file in MODULES:
        for function in functions(file):
            assert function.name.isascii(), f"{name(file)}: {function.name}"
