"""The processes of one PostgreSQL data folder, found without trusting its pid file.

After ``kill -9`` the pid in ``postmaster.pid`` may be a zombie that nobody reaps, or
belong by now to another program, while a busy backend goes on writing. What counts
is which processes work *in* the folder (``/proc/<pid>/cwd``).
"""

import os
import signal
import time
from pathlib import Path

PATIENCE_S = 5.0
"""How long a process may take to end after SIGQUIT before it is killed."""


class RemainsError(Exception):
    """Processes of an earlier server cannot be ended."""


def working_in(data: Path) -> list[int]:
    """Return the pids of the PostgreSQL processes whose data folder is ``data``.

    A server whose folder was deleted under it is found too: Linux then shows its
    folder as ``… (deleted)``.
    """
    places = {str(data), f"{data} (deleted)"}
    return [pid for pid in _pids() if _place(pid) in places and _is_postgres(pid)]


def is_deleted_under(data: Path) -> bool:
    """Tell whether a server still runs in a folder that was deleted or replaced."""
    ghost = f"{data} (deleted)"
    return any(_place(pid) == ghost and _is_postgres(pid) for pid in _pids())


def end(data: Path) -> None:
    """End every PostgreSQL process of ``data``: SIGQUIT first, then SIGKILL.

    Nothing committed is lost: the next start recovers from the log.

    Raises
    ------
    RemainsError
        Some are still there, for instance in uninterruptible sleep.
    """
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        for pid in working_in(data):
            _send(pid, sign)
        if _gone(data):
            return
    left = working_in(data)
    raise RemainsError(", ".join(map(str, left)))


def _gone(data: Path) -> bool:
    limit = time.monotonic() + PATIENCE_S
    while working_in(data):
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208 - names only, many times


def _place(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115 - "(deleted)" is no path
    except OSError:
        # Gone, a zombie, or another user's: none of them is our server.
        return ""


def _is_postgres(pid: int) -> bool:
    try:
        program = os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 - "(deleted)" is no path
    except OSError:
        return False
    return Path(program.removesuffix(" (deleted)")).name in {"postgres", "postmaster"}


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
