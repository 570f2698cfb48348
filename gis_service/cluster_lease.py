"""Locks on the data folder: one start at a time, and who still uses the cluster.

They are ``flock`` locks, so a process that is killed gives them back by itself.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusively(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for another start or stop to finish."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Lease:
    """A share in the use of the cluster; the last to give it back stops the server."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / ".users").open("a")
        # Waits while a last user is stopping the server.
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self._pid = os.getpid()

    @contextmanager
    def given_back(self) -> Iterator[bool]:
        """Give the share back; true while nobody else can have one.

        A forked child holds its parent's share and must not end it.
        """
        if self._pid != os.getpid():
            yield False
            return
        try:
            yield is_free(self._file.fileno())
        finally:
            self._file.close()


def is_free(lock: int) -> bool:
    """Take an open lock file alone if nobody else has a share in it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_used(folder: Path) -> bool:
    """Tell whether any process has a share in the cluster now."""
    try:
        with (folder / ".users").open() as lock:
            return not is_free(lock.fileno())
    except FileNotFoundError:
        return False
