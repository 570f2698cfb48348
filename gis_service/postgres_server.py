"""One PostgreSQL server over one data folder: made, started, found and ended.

What is not obvious here was learned from failures; ``docs/operator.md`` tells an
operator the same in fewer words.
"""

import os
import shutil
import socket
import time
from pathlib import Path
from subprocess import CompletedProcess

from gis_service import postgres_install, postgres_processes, postgres_settings
from gis_service.errors import DatabaseUnavailableError
from gis_service.postgres_user import ServerUser

OWNER = "grid_owner"
"""Superuser of the cluster: migrations and intake run as it, the service never."""

PORT = 5432
START_LIMIT_S = 600
"""Recovery after a crash during a bulk load may take minutes on a slow disk."""

ACCEPTS, REJECTS = 0, 1
"""What ``pg_isready`` returns: connections are taken; the server is starting up."""


class ClusterError(DatabaseUnavailableError):
    """The private cluster cannot be started, stopped or used."""

    code = "cluster_unavailable"


class Server:
    """The server of ``data``, reached by a socket in ``sockets``.

    Parameters
    ----------
    data
        Its data folder, a real path: the processes are found by it.
    sockets
        Folder of its socket, there only while it runs, open to ``user`` only.
    user
        Whom it runs as.
    throwaway
        Give up safety against a power cut for speed.
    """

    def __init__(
        self, data: Path, sockets: Path, user: ServerUser, *, throwaway: bool
    ) -> None:
        self.data = data
        self.sockets = sockets
        self.user = user
        self._throwaway = throwaway

    @property
    def postgres(self) -> postgres_install.Postgres:
        """The programs that fit the data: those of its version, else the newest."""
        version = self.data / "PG_VERSION"
        if version.exists():
            return postgres_install.find(int(version.read_text()))
        return postgres_install.find()

    @property
    def port(self) -> int:
        """Port of the running server; the socket is named by it, TCP or not."""
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[3])
        except (OSError, IndexError, ValueError):
            return PORT

    def answers(self) -> bool:
        """Tell whether it takes connections, waiting while it recovers.

        The pid file is not asked: after ``kill -9`` it names a process that may
        still exist as a zombie. A server whose folder was deleted answers too, but
        is not ours any more.
        """
        if postgres_processes.is_deleted_under(self.data):
            return False
        limit = time.monotonic() + START_LIMIT_S
        while postgres_processes.working_in(self.data):
            state = self._program("pg_isready", f"-h{self.sockets}", f"-p{self.port}")
            if state.returncode != REJECTS or time.monotonic() > limit:
                return state.returncode == ACCEPTS
            time.sleep(0.1)
        return False

    def make(self) -> None:
        """Make the data folder where there is none, whole or not at all."""
        for half_made in self.data.parent.glob("postgres.new.*"):
            shutil.rmtree(half_made)
        if (self.data / "PG_VERSION").exists():
            return
        new = self.data.with_name(f"postgres.new.{os.getpid()}")
        new.mkdir(mode=0o700)
        self.user.own(new)
        made = self._program(
            "initdb",
            f"--pgdata={new}",
            f"--username={OWNER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--data-checksums",
            "--no-instructions",
            *(["--no-sync"] if self._throwaway else []),
        )
        if made.returncode:
            shutil.rmtree(new)
            words = made.stderr.strip()[-500:]
            detail = f"数据库初始化失败 (cannot initialise the cluster): {words}"
            raise ClusterError(detail)
        self._write(new / "postgresql.conf", "include_if_exists = 'gis.conf'\n", "-a")
        new.rename(self.data)

    def launch(self, tcp_port: int | None) -> None:
        """Start it and wait until it answers; with ``tcp_port`` on 127.0.0.1 too."""
        if tcp_port is not None:
            _refuse_taken(tcp_port)
        self.sockets.mkdir(mode=0o700)
        self.user.own(self.sockets)
        settings = postgres_settings.text(
            self.sockets, self.data, throwaway=self._throwaway, tcp_port=tcp_port
        )
        self._write(self.data / "gis.conf", settings)
        log = self.data / "start.log"
        log.unlink(missing_ok=True)
        limit = ("-t", str(START_LIMIT_S))
        if self._pg_ctl("start", "-l", str(log), *limit).returncode:
            words = log.read_text(errors="replace") if log.exists() else ""
            detail = (
                f"数据库启动失败，详见 (cannot start, see) {self.data}/log: "
                f"{words.strip()[-500:]}"
            )
            raise ClusterError(detail)

    def halt(self) -> None:
        """Stop it in an orderly way if it runs, then clear what is left."""
        if postgres_processes.working_in(self.data):
            mode = "immediate" if self._throwaway else "fast"
            self._pg_ctl("stop", "-m", mode, "-t", "60")
        self.clear()

    def clear(self) -> None:
        """End what is left of a server that does not answer, and its lock files."""
        try:
            postgres_processes.end(self.data)
        except postgres_processes.RemainsError as left:
            detail = f"旧的数据库进程无法结束 (cannot end old processes): {left}"
            raise ClusterError(detail) from None
        # Nothing works in the folder now: a pid file can only mislead, as when its
        # pid is a zombie or belongs to another program by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._clear_sockets()

    def _clear_sockets(self) -> None:
        if not os.path.lexists(self.sockets):
            return
        ours = {self.user.uid, os.geteuid()}
        if self.sockets.is_symlink() or self.sockets.lstat().st_uid not in ours:
            detail = f"{self.sockets} 被他人占用 (taken by another user)"
            raise ClusterError(detail)
        shutil.rmtree(self.sockets)

    def _pg_ctl(self, act: str, *options: str) -> CompletedProcess[str]:
        return self._program("pg_ctl", act, "-D", str(self.data), "-w", *options)

    def _program(self, name: str, *options: str) -> CompletedProcess[str]:
        return self.user.run(self.postgres.program(name), *options)

    def _write(self, file: Path, content: str, *options: str) -> None:
        # By the server's user: root must not write through what lies in its folder.
        self.user.run("tee", *options, str(file), text=content)


def _refuse_taken(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            detail = f"端口 {port} 已被占用，请换一个 (port is taken, choose another)"
            raise ClusterError(detail, port=port) from None
