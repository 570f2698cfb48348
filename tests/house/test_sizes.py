"""Sizes at which a file or function holds two things."""

from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.house.source import MODULES, ROOT, functions, length, lines, name

CLIENT = sorted(
    file
    for ending in ("*.vue", "*.ts", "*.css")
    for file in (ROOT / "maps" / "web" / "src").rglob(ending)
)


@pytest.mark.parametrize("file", [*MODULES, *CLIENT], ids=name)
def test_file_is_at_most_300_lines(file: Path) -> None:
    assert lines(file) <= 300


def test_files_are_small_on_the_whole() -> None:
    assert median(lines(file) for file in MODULES) <= 120


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_function_is_at_most_50_lines_and_6_parameters(file: Path) -> None:
    for function in functions(file):
        arguments = function.args
        count = len(arguments.args) + len(arguments.kwonlyargs)
        is_route_or_command = bool(function.decorator_list)
        assert length(function) <= 50, function.name
        assert count <= 6 or is_route_or_command, function.name


def test_functions_are_small_on_the_whole() -> None:
    sizes = [length(function) for file in MODULES for function in functions(file)]
    assert median(sizes) <= 12
    assert quantiles(sizes, n=10)[8] <= 30


@pytest.mark.parametrize(
    ("file", "limit"), [("README.md", 150), ("ARCHITECTURE.md", 200)]
)
def test_first_pages_stay_short(file: str, limit: int) -> None:
    assert lines(ROOT / file) <= limit


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=name)
def test_decision_fits_on_a_page(file: Path) -> None:
    assert lines(file) <= 40
