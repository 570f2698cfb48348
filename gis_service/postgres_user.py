"""The system user the private server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
"""All that the programs get: a PROJ_DATA or PGHOST of the caller would mislead them."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who runs the server, and whether this process has to become that user first."""

    uid: int
    gid: int
    is_other: bool

    def run(
        self, *command: str, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in ``/`` and with files for nobody else."""
        return subprocess.run(  # noqa: S603 - programs of PostgreSQL, no shell
            command,
            input=text,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
            cwd="/",
            umask=0o077,
            env=ENVIRONMENT,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def own(self, folder: Path) -> None:
        """Make a folder of ours this user's, for this user only."""
        folder.chmod(0o700)
        if self.is_other:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, folder: Path) -> bool:
        """Tell whether this user can walk to ``folder``, or to what is there of it."""
        if not self.is_other:
            return True
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        return self.run("test", "-x", str(existing)).returncode == 0


def choose(data: Path) -> ServerUser:
    """Return the user for the server of ``data``: its owner, else one who may.

    Root becomes ``postgres``, or ``nobody`` where there is no such user.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), is_other=False)
    if data.is_dir() and (owner := data.stat()).st_uid:
        return ServerUser(owner.st_uid, owner.st_gid, is_other=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, is_other=True)
    return ServerUser(65534, 65534, is_other=True)
