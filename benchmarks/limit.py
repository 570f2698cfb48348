"""The limit: the very statements a request runs, sent by pgbench instead.

A stand-in for the pool takes down what the service would execute for an address;
nothing is written twice, so the limit cannot drift from the service.
"""

import asyncio
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gis_service.access.reader import Reader
from gis_service.grid import location
from gis_service.publish.answers import Call, answer_items, answer_one, answer_tile
from gis_service.publish.catalog import Catalog
from gis_service.publish.reading import Reading
from gis_service.settings import Settings

COLLECTIONS = "/api/ogc/collections/"


class _TakenDownError(Exception):
    """The statement is known: nothing needs to be answered."""


@dataclass
class _Connection:
    lines: list[str] = field(default_factory=list)

    async def execute(self, sql: str) -> None:
        self.lines.append(f"{sql};")

    async def fetchrow(self, sql: str, *arguments: object) -> None:
        self.lines.append(f"{_with_literals(sql, arguments)};")
        raise _TakenDownError

    fetchval = fetchrow


class _Pool:
    def __init__(self) -> None:
        self.connection = _Connection()

    async def acquire(self, **_: float) -> _Connection:
        return self.connection

    async def release(self, _: _Connection) -> None: ...


def script(address: str, catalog: Catalog, reader: Reader) -> str:
    """Return the pgbench script of what the service executes for an address."""
    pool = _Pool()
    try:
        asyncio.run(_ask(address, catalog, reader, pool))
    except _TakenDownError:
        return "\n".join(pool.connection.lines)
    message = f"nothing is executed for {address}"
    raise ValueError(message)


async def _ask(address: str, catalog: Catalog, reader: Reader, pool: Any) -> None:  # noqa: ANN401 - a stand-in
    parts = urlsplit(address)
    if not parts.path.startswith(COLLECTIONS):
        asked = {
            name: float(values[0]) for name, values in parse_qs(parts.query).items()
        }
        await location.cells_at(pool, **asked)
        return
    scope = {
        "path": parts.path,
        "query_string": parts.query.encode(),
        "method": "GET",
        "headers": [(b"host", b"127.0.0.1")],
        "scheme": "http",
        "app": SimpleNamespace(state=SimpleNamespace(settings=Settings())),
    }
    call = Call(scope, catalog, Reading(pool))
    call.reader = reader
    match parts.path.removeprefix(COLLECTIONS).split("/"):
        case [layer, "items"]:
            await answer_items(call, [layer])
        case [layer, "items", number]:
            await answer_one(call, [layer, number])
        case [layer, "tiles", _, z, row, column]:
            await answer_tile(call, [layer, z, row, column])


def _with_literals(sql: str, arguments: tuple[object, ...]) -> str:
    return re.sub(r"\$(\d+)", lambda at: _literal(arguments[int(at[1]) - 1]), sql)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    quoted = str(value).replace("\\", "\\\\").replace("'", "''")
    # To pgbench a colon before a word is one of its variables, even in quotes.
    return "E'" + quoted.replace(":", r"\x3a") + "'"


def measure(
    pgbench: str, dsn: str, scripts: list[str], *, connections: int, seconds: int
) -> float:
    """Return how many scripts per second pgbench runs, each as a prepared statement."""
    folder = Path("/tmp") / f"gis-bench-{abs(hash(tuple(scripts)))}"  # noqa: S108 - read by one command
    folder.mkdir(exist_ok=True)
    flags: list[str] = []
    for number, text in enumerate(scripts):
        file = folder / f"{number}.sql"
        file.write_text(text, encoding="utf-8")
        flags += ["-f", str(file)]
    command = [pgbench, "-n", "-M", "prepared", "-c", str(connections), "-j", "2"]
    timed = [*command, "-T", str(seconds), *flags, dsn]
    done = subprocess.run(timed, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout  # noqa: S101 - pgbench always prints it
    return float(found[1])
