"""What row-level security costs: tiles with and without it, turn and turn about.

The same prepared statements are asked under the role a reader gets, where the policies
hold, and as the owner of the cluster, whom they do not bind. The two take turns, so
that what else the machine does falls on both; the least of the rounds is what counts.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from benchmarks import limit
from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Catalog

ROUNDS = 7
GOAL = 1.20


@dataclass(frozen=True)
class Cost:
    """Milliseconds per tile of one case under one scope."""

    case: str
    scope: str
    with_ms: float
    without_ms: float

    @property
    def ratio(self) -> float:
        """Return how many times as long it takes with row-level security."""
        return self.with_ms / self.without_ms


def costs(
    engine: Engine, catalog: Catalog, cases: dict[str, list[str]]
) -> Iterator[Cost]:
    """Measure every case under county, township and cell.

    Parameters
    ----------
    engine
        Of the owner, who may take every role.
    catalog
        The layers.
    cases
        Addresses of tiles by the name of the case.
    """
    with engine.connect() as held, engine.connect() as free:
        for connection in (held, free):
            # As the service does: each statement is planned once per connection.
            driver = connection.connection.driver_connection
            driver.prepare_threshold, driver.prepared_max = 0, None
        with free.begin():
            branches = _branches(free)
        for name, paths in cases.items():
            for title, branch in branches.items():
                scripts = _scripts(catalog, paths, Scope((branch,)))
                held_ms, free_ms = _least_ms((held, free), scripts)
                yield Cost(name, title, held_ms, free_ms)


def table(found: list[Cost], scale: str) -> str:
    """Return the table as it stands in the documentation."""
    lines = [
        f"County of scale `{scale}`; row-level security on and off in turns,",
        f"least of {ROUNDS} rounds; the goal is at most {GOAL:.2f} for tiles.",
        "",
        "| asked | scope | with, ms | without, ms | ratio |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {each.case} | {each.scope} | {each.with_ms:.2f} | {each.without_ms:.2f} "
        f"| {each.ratio:.2f} |"
        for each in found
    ]
    return "\n".join(lines)


def _branches(connection: Connection) -> dict[str, str]:
    # The cell and township in the middle of the list: neither town nor edge.
    query = text(
        "SELECT code FROM grid.cells WHERE valid_to IS NULL ORDER BY code "
        "OFFSET (SELECT count(*) / 2 FROM grid.cells WHERE valid_to IS NULL) LIMIT 1"
    )
    cell: str = connection.execute(query).scalar_one()
    return {"county": cell[:6], "township": cell[:9], "cell": cell}


def _scripts(catalog: Catalog, paths: list[str], scope: Scope) -> list[tuple[str, str]]:
    """Return for each address the settings of its role, and its statement."""
    reader = Reader(1, "x", "x", "supervisor", scope, None)
    found = []
    for path in paths:
        settings, _, rest = limit.script(path, catalog, reader).partition(";\n")
        statement = rest.removesuffix("\nROLLBACK;").rstrip(";")
        found.append((settings.removeprefix("BEGIN READ ONLY; "), statement))
    return found


def _least_ms(
    pair: tuple[Connection, Connection], scripts: list[tuple[str, str]]
) -> tuple[float, float]:
    """Return milliseconds per statement, with row-level security and without."""
    least = [float("inf"), float("inf")]
    for number in range(ROUNDS + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            spent = _round(pair[side], scripts, is_held=side == 0)
            # The first round only warms up.
            if number:
                least[side] = min(least[side], spent)
    return least[0] * 1000 / len(scripts), least[1] * 1000 / len(scripts)


def _round(
    connection: Connection, scripts: list[tuple[str, str]], *, is_held: bool
) -> float:
    spent = 0.0
    for settings, statement in scripts:
        with connection.begin():
            for line in settings.split("; ") if is_held else ():
                connection.exec_driver_sql(line)
            start = time.perf_counter()
            connection.exec_driver_sql(statement.replace("%", "%%")).fetchall()
            spent += time.perf_counter() - start
    return spent
