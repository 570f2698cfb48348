"""The reference pages of the documentation, written from the code: ``make docs``."""

import importlib
import pkgutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

import gis_service
from gis_service import definitions
from gis_service.errors import GridError
from gis_service.settings import Settings

HEAD = "<!-- Written by `make docs` from the code; edit the code, not this page. -->\n"


def pages() -> dict[str, str]:
    """Return every reference page, by file name."""
    return {
        "settings.md": _page("Settings 设置", _settings()),
        "layers.md": _page("Layers 图层", _layers()),
        "errors.md": _page("Error codes 错误代码", _errors()),
        "commands.md": _page("Commands 命令", _commands()),
    }


def write(folder: Path) -> None:
    """Write all reference pages into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _page(title: str, lines: Iterator[str]) -> str:
    return f"# {title}\n{HEAD}\n" + "\n".join(lines) + "\n"


def _settings() -> Iterator[str]:
    yield "Each is an environment variable, read when a command or the service starts."
    yield ""
    yield "| variable | default | meaning |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        has_default = field.default is not None and field.default_factory is None
        default = f"`{field.default}`" if has_default else ""
        yield f"| `GIS_{name.upper()}` | {default} | {field.description} |"


def _layers() -> Iterator[str]:
    yield "What can be shown. `private` fields are in no tile and no file."
    for file in sorted(definitions.folder("layers").glob("*.toml")):
        layer = tomllib.loads(file.read_text(encoding="utf-8"))
        yield f"\n## {file.stem}\n{layer['title']} — {layer['about']}\n"
        low, high = layer["zooms"]
        yield f"Geometry {layer['geometry']}, audience {layer['audience']}, "
        wide = (
            f" (wide scopes from {layer['wide_from']})" if "wide_from" in layer else ""
        )
        yield f"scope {layer['scope']}, zooms {low} to {high}{wide}.\n"
        yield "| field | title | type |"
        yield "|---|---|---|"
        for name, field in layer["fields"].items():
            unit = f", {field['unit']}" if "unit" in field else ""
            private = ", private" if field.get("private") else ""
            yield f"| `{name}` | {field['title']} | {field['type']}{unit}{private} |"


def _errors() -> Iterator[str]:
    yield "Errors are `application/problem+json` (RFC 9457) with a stable `code`."
    yield ""
    yield "| code | status | title | when |"
    yield "|---|---|---|---|"
    for name in _module_names():
        importlib.import_module(name)
    kinds = sorted(_kinds(GridError), key=lambda kind: (kind.status, kind.code))
    seen = set()
    for kind in kinds:
        if kind.code not in seen:
            seen.add(kind.code)
            first = (kind.__doc__ or "").strip().splitlines()[0]
            yield f"| `{kind.code}` | {kind.status} | {kind.title} | {first} |"


def _module_names() -> Iterator[str]:
    found = pkgutil.walk_packages(gis_service.__path__, "gis_service.")
    # The environment of the migrations runs them when it is imported.
    return (m.name for m in found if ".migrations." not in m.name)


def _kinds(kind: type[GridError]) -> Iterator[type[GridError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


def _commands() -> Iterator[str]:
    cli = importlib.import_module("gis_service.cli")
    yield "`gis-grid` with `--help` after any command says the same."
    yield from _command(typer.main.get_command(cli.app), "gis-grid")


def _command(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - private in typer
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for child_name in sorted(command.list_commands(context)):
            child = command.get_command(context, child_name)
            yield from _command(child, f"{name} {child_name}")
        return
    yield f"\n## {name}\n{(command.help or '').strip()}\n"
    for parameter in command.params:
        text = getattr(parameter, "help", None) or ""
        yield f"- `{' '.join(parameter.opts)}` {text}".rstrip()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
