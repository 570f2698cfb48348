"""The private cluster comes up whatever happened to it before."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gis_service import postgres_processes
from gis_service.cluster import OWNER, TEMPLATE, Cluster, ClusterError

START = """
import sys
from pathlib import Path
from gis_service.cluster import Cluster
Cluster(Path(sys.argv[1]), throwaway=True).start()
"""

AS_NOBODY = """
import os, sys
from pathlib import Path
from gis_service.cluster import Cluster
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
cluster = Cluster(Path(sys.argv[1]), throwaway=True)
cluster.start()
print(Path(cluster.status().data).stat().st_uid == os.geteuid(), "postgres" in
      cluster.status().databases)
cluster.stop()
"""

HOLD = """
import sys, time
from pathlib import Path
from gis_service.cluster import Cluster
Cluster(Path(sys.argv[1]), throwaway=True).use()
print("in use", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder(ground: Path) -> Iterator[Path]:
    """Return a folder with a space, Chinese and a quote in its name."""
    folder = ground / "县 一张图's"
    folder.mkdir(mode=0o711)
    yield folder
    for data in folder.rglob("PG_VERSION"):
        if data.parent.name == "postgres":
            Cluster(data.parent.parent, throwaway=True).stop()
    shutil.rmtree(folder)


@pytest.fixture
def private(folder: Path) -> Cluster:
    """Return a running cluster, whatever the test before did to it."""
    private = Cluster(folder / "甲", throwaway=True)
    private.start()
    return private


def _script(text: str, folder: Path) -> list[str]:
    return [sys.executable, "-c", text, str(folder)]


def _postmaster(cluster: Cluster) -> int:
    words = Path(cluster.status().data, "postmaster.pid").read_text().split()
    return int(words[0])


def _one(cluster: Cluster, statement: str, database: str = "postgres") -> object:
    with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def _make(cluster: Cluster, table: str, database: str = "postgres") -> None:
    with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table}".encode())


def test_new_database_has_postgis_in_place(private: Cluster) -> None:
    private.create_database("gis")
    point = _one(private, "SELECT ST_AsText(ST_Point(111.3, 27.7))", "gis")
    assert point == "POINT(111.3 27.7)"
    assert _one(private, "SHOW timezone") == "Asia/Shanghai"
    assert _one(private, "SHOW data_checksums") == "on"


def test_server_never_runs_as_root_and_keeps_its_folders_closed(
    private: Cluster,
) -> None:
    status = private.status()
    assert Path(f"/proc/{_postmaster(private)}").stat().st_uid != 0
    for place in (status.data, status.sockets):
        assert Path(place).stat().st_mode & 0o077 == 0


def test_ordinary_user_gets_a_cluster_too(folder: Path) -> None:
    folder.chmod(0o777)
    command = _script(AS_NOBODY, folder / "own")
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.stdout.split() == ["True", "True"], finished.stderr


def test_starts_after_kill_9_with_what_was_committed(folder: Path) -> None:
    # A throw-away cluster may lose its last commits; the real one must not.
    cluster = Cluster(folder / "real")
    cluster.start()
    _make(cluster, "kept AS SELECT 7 AS it")
    os.kill(_postmaster(cluster), signal.SIGKILL)
    cluster.start()
    assert _one(cluster, "SELECT it FROM kept") == 7


def test_ends_the_backend_that_outlived_its_postmaster(private: Cluster) -> None:
    busy = psycopg.connect(private.dsn("postgres"), autocommit=True)
    orphan = busy.info.backend_pid
    busy.pgconn.send_query(b"SELECT sum(n) FROM generate_series(1, 1000000000) AS n")
    os.kill(_postmaster(private), signal.SIGKILL)
    private.start()
    assert orphan not in postgres_processes.working_in(Path(private.status().data))
    busy.close()


@pytest.mark.parametrize("pid", [1, os.getpid()])
def test_stale_pid_file_of_another_process_does_no_harm(
    private: Cluster, pid: int
) -> None:
    file = Path(private.status().data, "postmaster.pid")
    lines = file.read_text().splitlines()
    private.stop()
    file.write_text("\n".join([str(pid), *lines[1:]]))
    file.chmod(0o644)
    private.start()
    assert private.status().is_running


def test_folder_deleted_under_the_server_gives_a_new_cluster(private: Cluster) -> None:
    shutil.rmtree(private.status().data)
    private.start()
    assert _one(private, "SELECT 1") == 1
    assert not postgres_processes.is_deleted_under(Path(private.status().data))


def test_two_clusters_run_side_by_side(private: Cluster, folder: Path) -> None:
    other = Cluster(folder / "乙", throwaway=True)
    other.start()
    other.create_database("only_here")
    assert other.has_database("only_here")
    assert not private.has_database("only_here")


def test_two_starts_at_once_make_one_cluster(folder: Path) -> None:
    command = _script(START, folder / "both")
    starts = [subprocess.Popen(command) for _ in range(2)]
    assert [start.wait() for start in starts] == [0, 0]
    cluster = Cluster(folder / "both", throwaway=True)
    assert cluster.has_database(TEMPLATE)
    data = Path(cluster.status().data)
    parents = [
        pid
        for pid in postgres_processes.working_in(data)
        if str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(parents) == 1


def test_last_user_stops_the_server_and_db_start_keeps_it(folder: Path) -> None:
    cluster = Cluster(folder / "shared", throwaway=True)
    command = _script(HOLD, folder / "shared")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:  # type: ignore[call-overload] # pipes only
        other.stdout.readline()
        cluster.use()
        cluster.leave()
        assert cluster.status().is_running
        cluster.keep(running=True)
    assert cluster.status().is_running
    cluster.keep(running=False)
    cluster.use()
    cluster.leave()
    assert not cluster.status().is_running


def test_taken_port_is_named_and_free_port_asks_for_a_password(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        cluster = Cluster(folder / "tcp", throwaway=True, tcp_port=port)
        with pytest.raises(ClusterError, match=str(port)):
            cluster.start()
    cluster.start()
    assert _one(cluster, "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=port, user=OWNER, dbname="postgres")


def test_backup_comes_back_as_a_database_of_its_own(
    private: Cluster, tmp_path: Path
) -> None:
    private.create_database("once")
    _make(private, "t AS SELECT ST_Point(1, 2) AS g", "once")
    private.backup(tmp_path / "gis.dump", "once")
    private.restore(tmp_path / "gis.dump", "again")
    assert _one(private, "SELECT ST_AsText(g) FROM t", "again") == "POINT(1 2)"
    assert (tmp_path / "gis.dump").stat().st_mode & 0o077 == 0


def test_stop_leaves_no_process_and_no_socket(private: Cluster) -> None:
    status = private.status()
    started = time.monotonic()
    private.stop()
    assert time.monotonic() - started < 10
    assert postgres_processes.working_in(Path(status.data)) == []
    assert not Path(status.sockets).exists()
