"""Personal values at county scale: sealed, indexed, found again, sealed anew.

``python -m benchmarks.personal [rows]`` fills a throw-away cluster with generated
residents (ids beginning 99) and prints the seconds of each step.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from gis_service import keys, migrations
from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.people import rotation
from gis_service.people.sealing import ID_NUMBER, PHONE, Sealer, sealer_of
from gis_service.settings import Settings

ROWS = 1_500_000
LOOKUPS = 1000
DATABASE = "personal"


def main() -> None:
    """Run every step and print its seconds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    ground = Path(mkdtemp(prefix="gis-personal-"))
    ground.chmod(0o711)
    settings = Settings(data_folder=ground / "var")
    cluster = Cluster(ground / "cluster", throwaway=True)
    cluster.use()
    try:
        cluster.create_database(DATABASE)
        migrations.migrate(cluster.url(DATABASE))
        _run(cluster, settings, count)
    finally:
        cluster.leave()


def _run(cluster: Cluster, settings: Settings, count: int) -> None:
    numbers = [f"99{row:016}" for row in range(count)]
    phones = [f"139{row:08}" for row in range(count)]
    sealer = sealer_of(settings)
    with _timed(f"seal {2 * count:,} values"):
        sealed = sealer.seal(numbers, ID_NUMBER), sealer.seal(phones, PHONE)
    with _timed(f"index {count:,} numbers"):
        hashes = sealer.index(numbers)
    with _timed(f"store {count:,} residents"):
        _store(cluster, zip(*sealed, hashes, strict=True))
    with _timed(f"find {LOOKUPS:,} residents by number"):
        _find(cluster, sealer, numbers[:: count // LOOKUPS])
    owner = engine(cluster.url(DATABASE))
    with _timed(f"rotate the key of {count:,} residents"):
        done = rotation.rotate(owner, settings, lambda *_: None)
    _hold(done == count)
    with _timed(f"open {count:,} numbers by the new key alone"):
        newest = Sealer(keys.master_key(settings))
        with psycopg.connect(cluster.dsn(DATABASE)) as connection:
            query = "SELECT id_number_sealed FROM people.residents ORDER BY id"
            kept = [row[0] for row in connection.execute(query)]
        _hold(newest.open(kept, ID_NUMBER) == numbers)
    owner.dispose()


def _store(
    cluster: Cluster, rows: Iterator[tuple[bytes | None, bytes | None, bytes | None]]
) -> None:
    with (
        psycopg.connect(cluster.dsn(DATABASE)) as connection,
        connection.cursor().copy(
            "COPY people.residents (id, name, grid_code, id_number_sealed, "
            "phone_sealed, id_number_index) FROM STDIN (FORMAT binary)"
        ) as copy,
    ):
        copy.set_types(["int8", "text", "text", "bytea", "bytea", "bytea"])
        for row, values in enumerate(rows):
            cell = f"431322101{row % 600 + 200:03}{row % 8 + 1:03}"
            copy.write_row((row, "甲", cell, *values))


def _find(cluster: Cluster, sealer: Sealer, numbers: list[str]) -> None:
    query = (
        "SELECT id FROM people.residents "
        "WHERE county_code = '431322' AND id_number_index = ANY(%s)"
    )
    with psycopg.connect(cluster.dsn(DATABASE)) as connection:
        for number in numbers:
            found = connection.execute(query, (sealer.indexes(number),)).fetchall()
            _hold(len(found) == 1)


def _hold(is_so: object) -> None:
    if not is_so:
        message = "something was lost"
        raise SystemExit(message)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{what:<50} {time.perf_counter() - began:8.2f} s", flush=True)


if __name__ == "__main__":
    main()
