"""The set-up needs nothing but the system's Python, and tells nobody's mirror."""

import ast
import sys
from pathlib import Path

import pytest

from gis_service.bootstrap.steps import ROOT

MODULES = sorted((ROOT / "gis_service" / "bootstrap").glob("*.py"))


def _imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_bootstrap_imports_the_standard_library_only(module: Path) -> None:
    foreign = {
        name
        for name in _imported(module)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith("gis_service.bootstrap")
    }
    assert foreign == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-node.lock"])
def test_lock_has_a_hash_for_everything_and_names_no_host(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith(" ")]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert not any("://" in line for line in lines)
