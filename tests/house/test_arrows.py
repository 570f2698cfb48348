"""Which folder may import which: the arrows of ARCHITECTURE.md."""

import ast
from pathlib import Path

import pytest

from tests.house.source import MODULES, PACKAGE, name, tree

ELEMENTS = {"people", "land", "objects", "matters"}
DOMAINS = {"divisions", "grid", *ELEMENTS, "sites"}
ARROWS: dict[str, set[str]] = {
    "divisions": {"access"},
    "grid": {"divisions", "access"},
    **{element: {"divisions", "grid", "access"} for element in ELEMENTS},
    "sites": {"divisions", "grid", "access", "publish"},
    "access": set(),
    "publish": {"access"},
    "queries": {"access", "grid", "people", "publish"},
    "intake": {*DOMAINS, "access"},
    "retention": {"access", "intake"},
    "demo": {*DOMAINS, "access", "migrations"},
    "migrations": {*DOMAINS, "access", "intake"},
}
MEETING_PLACES = {
    "app",
    "cluster_cli",
    "running_cli",
    "workspace",
    "doctor",
    "code_lists",
}
"""Modules of the package itself that may import any folder."""


def _folders_imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "gis_service":
                found |= {parts[1]} if len(parts) > 1 else {a.name for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                a.name.split(".")[1]
                for a in node.names
                if a.name.count(".") and a.name.startswith("gis_service.")
            }
    return {part for part in found if (PACKAGE / part).is_dir()}


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_module_imports_only_along_the_arrows(file: Path) -> None:
    folder, *rest = file.relative_to(PACKAGE).parts
    if not rest:
        if file.stem in MEETING_PLACES:
            return
        # Modules of the package itself belong to everybody, so they lean on none
        # but the scope, which every connection is opened under.
        assert _folders_imported(file) <= {"access", "bootstrap"}, file
        return
    if folder == "bootstrap":
        assert _folders_imported(file) <= {"bootstrap"}
        return
    allowed = {folder, *ARROWS[folder]}
    assert _folders_imported(file) <= allowed
