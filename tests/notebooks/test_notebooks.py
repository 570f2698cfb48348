"""Every notebook runs from the first cell to the last on the test village."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from sqlalchemy import make_url

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def _read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call] # nbformat
    return notebook


def _code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_on_the_village(
    path: Path, copy_of_village: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = make_url(copy_of_village).set(username="grid_login")
    monkeypatch.setenv("GIS_DATABASE_URL", copy_of_village)
    monkeypatch.setenv("GIS_LOGIN_DATABASE_URL", str(login))
    monkeypatch.setenv("GIS_DATA_FOLDER", str(tmp_path))
    notebook = _read(path)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert all(cell.execution_count for cell in _code(notebook))
    pictures = [
        output.data["text/html"]
        for cell in _code(notebook)
        for output in cell.outputs
        if "srcdoc" in output.get("data", {}).get("text/html", "")
    ]
    assert len(pictures) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_short_stripped_and_leans_on_the_workspace_alone(
    path: Path,
) -> None:
    notebook = _read(path)
    # A cell of words before a cell of code is counted with it.
    assert len(_code(notebook)) <= 15
    assert all(
        not cell.outputs and cell.execution_count is None for cell in _code(notebook)
    )
    for cell in _code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gis"):
                assert node.module == "gis_service"
                assert [name.name for name in node.names] == ["workspace"]


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS][:2] == [
        "01_open_a_layer",
        "02_load_of_the_cells",
    ]
