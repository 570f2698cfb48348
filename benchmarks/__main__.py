"""Speed as ratios in one run: the service against its own SQL through pgbench.

``make bench`` loads the demo county into a throw-away cluster, serves it with two
workers and eight connections, and asks it by wrk under the scope of a county
supervisor. The table goes into ``docs/performance.md``.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import limit, load, row_security
from benchmarks.cases import Case, cases
from gis_service import definitions
from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.publish.catalog import Catalog

CONNECTIONS = 8
WORKERS = 2
DATABASE = "bench"
LOGIN = "county"
READER = Reader(1, LOGIN, LOGIN, "supervisor", Scope(("431322",)), None)
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MARK = "<!-- table: written by make bench -->"
COST_MARK = "<!-- cost of row-level security: written by make bench -->"
PROTECTED = (
    "tile households z17-18",
    "tile open matters z13-16",
    "items households bbox, 100",
)
"""Cases over rows of persons and matters."""


def main() -> None:
    """Run every case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="demo", choices=("tiny", "demo", "full"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--row-security-only", action="store_true")
    options = parser.parse_args()
    # The server's own user must be able to walk to the cluster.
    ground = Path(mkdtemp(prefix="gis-bench-"))
    ground.chmod(0o711)
    cluster = Cluster(ground / "cluster", throwaway=True)
    cluster.use()
    try:
        cluster.create_database(DATABASE)
        with _served(cluster, ground, options.scale) as (address, token):
            paid = list(_costs(cluster))
            rows = []
            if not options.row_security_only:
                rows = list(_rows(cluster, address, token, options.seconds))
    finally:
        cluster.leave()
        subprocess.run(["rm", "-r", str(ground)], check=True)
    _keep(COST_MARK, row_security.table(paid, options.scale))
    if rows:
        _keep(MARK, _table(rows, options.scale))


@contextmanager
def _served(cluster: Cluster, ground: Path, scale: str) -> Iterator[tuple[str, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": cluster.url(DATABASE),
        "GIS_LOGIN_DATABASE_URL": cluster.url(DATABASE, "grid_login"),
        "GIS_DATA_FOLDER": str(ground / "var"),
        "GIS_PORT": str(port),
        "GIS_WORKERS": str(WORKERS),
        "GIS_POOL_SIZE": str(CONNECTIONS // WORKERS),
    }
    grid = [sys.executable, "-m", "gis_service.cli"]
    for words in (["migrate"], ["demo", "--scale", scale]):
        subprocess.run([*grid, *words], env=environment, check=True)
    token = subprocess.run(
        [*grid, "account", "token", LOGIN],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    service = subprocess.Popen([*grid, "serve"], env=environment, stdout=sys.stderr)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/ready")
        yield address, token
    finally:
        service.terminate()
        service.wait(timeout=30)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    sys.exit("the service was not ready within a minute")


def _rows(
    cluster: Cluster, address: str, token: str, seconds: int
) -> Iterator[tuple[Case, load.Load, float]]:
    catalog = Catalog.load(definitions.folder("layers"))
    pgbench = cluster.program("pgbench")
    dsn = cluster.dsn(DATABASE, "grid_login")
    owner = engine(cluster.url(DATABASE))
    with owner.connect() as connection:
        drawn = list(cases(connection))
    owner.dispose()
    for case in drawn:
        scripts = [limit.script(path, catalog, READER) for path in case.paths]
        how = {"connections": CONNECTIONS, "seconds": seconds}
        load.measure(address, case.paths, token, connections=CONNECTIONS, seconds=1)
        ours = load.measure(address, case.paths, token, **how)
        best = limit.measure(pgbench, dsn, scripts, **how)
        print(f"{case.name}: {ours.per_second:.0f}/s of {best:.0f}/s", file=sys.stderr)
        yield case, ours, best


def _table(rows: list[tuple[Case, load.Load, float]], scale: str) -> str:
    lines = [
        f"County of scale `{scale}`, {WORKERS} workers, {CONNECTIONS} connections;",
        "scope of a county supervisor, with row-level security on.",
        "",
        "| asked | requests/s | p50 ms | p95 ms | bytes | pgbench/s | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for case, ours, best in rows:
        name = case.name + (f" ({ours.errors} errors)" if ours.errors else "")
        lines.append(
            f"| {name} | {ours.per_second:,.0f} | {ours.p50_ms:.1f} "
            f"| {ours.p95_ms:.1f} | {ours.bytes_each:,.0f} | {best:,.0f} "
            f"| {ours.per_second / best:.2f} |"
        )
    return "\n".join(lines)


def _costs(cluster: Cluster) -> Iterator[row_security.Cost]:
    catalog = Catalog.load(definitions.folder("layers"))
    owner = engine(cluster.url(DATABASE))
    with owner.connect() as connection:
        drawn = {each.name: each.paths for each in cases(connection)}
    chosen = {name: drawn[name] for name in PROTECTED}
    yield from row_security.costs(owner, catalog, chosen)
    owner.dispose()


def _keep(mark: str, table: str) -> None:
    """Put a table behind its mark, up to the next one."""
    print(table)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(mark)
    _, next_mark, after = rest.partition("\n<!-- ")
    text = f"{before.rstrip()}\n\n{mark}\n\n{table}\n{next_mark}{after}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
