"""The source of the house, read as files: what the tests of the house look at."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gis_service"
MODULES = sorted(file for file in PACKAGE.rglob("*.py") if "versions" not in file.parts)


def lines(file: Path) -> int:
    """Count the lines of a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def tree(file: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """List the functions of a module, methods and nested ones too."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree(file)) if isinstance(node, kinds)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    assert function.end_lineno is not None
    docstring = ast.get_docstring(function, clean=False) or ""
    own = function.end_lineno - function.lineno + 1
    return own - (len(docstring.splitlines()) if docstring else 0)


def name(file: Path) -> str:
    """Return a file's path as people say it."""
    return str(file.relative_to(ROOT))
