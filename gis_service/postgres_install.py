"""The PostgreSQL programs with PostGIS: where they are, and how they get there."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gis_service.bootstrap import apt
from gis_service.errors import GridError

OLDEST_MAJOR = 15
"""Oldest PostgreSQL that is tested: the one of Debian 12."""

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
"""Where Debian, Fedora and a build from source put the programs."""

NO_SYSTEM_CLUSTER = Path("/etc/postgresql-common/createcluster.d/gis.conf")
"""Keeps Debian from making and starting a server of its own on port 5432."""


class PostgisMissingError(GridError):
    """PostgreSQL with PostGIS is not on this machine."""

    status = 503
    code = "postgis_missing"
    title = "缺少 PostGIS (PostGIS is missing)"


@dataclass(frozen=True, slots=True)
class Postgres:
    """One installed PostgreSQL that has PostGIS."""

    major: int
    folder: Path

    def program(self, name: str) -> str:
        """Return the path of one of its programs, such as ``pg_dump``."""
        return str(self.folder / name)


def find(major: int | None = None) -> Postgres:
    """Return the newest PostgreSQL that has PostGIS, or the one of ``major``.

    Raises
    ------
    PostgisMissingError
        None is installed; the sentence has the exact command to run.
    """
    found = [postgres for postgres in installed() if major in (None, postgres.major)]
    if not found:
        version = f"PostgreSQL {major} 与 PostGIS" if major else "PostgreSQL 与 PostGIS"
        raise PostgisMissingError(apt.sentence(_packages(major), version))
    return found[0]


def installed() -> list[Postgres]:
    """Return every PostgreSQL with PostGIS on this machine, newest first."""
    folders = [folder for place in PLACES for folder in Path("/").glob(place[1:])]
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    found = {_inspect(folder) for folder in folders if (folder / "initdb").exists()}
    usable = [postgres for postgres in found if postgres is not None]
    return sorted(usable, key=lambda postgres: postgres.major, reverse=True)


def ensure() -> Postgres:
    """Return a PostgreSQL with PostGIS, installing it by apt when that is allowed.

    Raises
    ------
    PostgisMissingError
        It is missing and cannot be installed by this user.
    """
    if found := installed():
        return found[0]
    try:
        _forbid_system_cluster()
        # The newest version is known only once the list of packages is there.
        apt.refresh()
        apt.install(_packages(None), "PostgreSQL 与 PostGIS")
    except apt.NotAllowedError as refusal:
        raise PostgisMissingError(str(refusal)) from None
    return find()


def _inspect(folder: Path) -> Postgres | None:
    words = apt.output(str(folder / "postgres"), "--version")
    version = re.search(r"(\d+)\.", words) or re.search(r"(\d+)", words)
    share = apt.output(str(folder / "pg_config"), "--sharedir")
    if not share:
        # Debian's pg_config may belong to a package of headers that is not there.
        share = f"/usr/share/postgresql/{version[1]}" if version else ""
    has_postgis = Path(share, "extension/postgis.control").exists()
    if version is None or int(version[1]) < OLDEST_MAJOR or not has_postgis:
        return None
    return Postgres(int(version[1]), folder)


def _packages(major: int | None) -> list[str]:
    pattern = r"^postgresql-[0-9]+-postgis-3$"
    words = apt.output("apt-cache", "search", "--names-only", pattern)
    majors = [
        int(number) for number in re.findall(r"^postgresql-(\d+)-", words, re.MULTILINE)
    ]
    number = major or max(majors, default=OLDEST_MAJOR)
    return [f"postgresql-{number}", f"postgresql-{number}-postgis-3"]


def _forbid_system_cluster() -> None:
    prefix = apt.privilege()
    if prefix is None or NO_SYSTEM_CLUSTER.exists():
        return
    subprocess.run(  # noqa: S603 - fixed words
        [*prefix, "install", "-D", "-m", "644", "/dev/stdin", str(NO_SYSTEM_CLUSTER)],
        input=b"create_main_cluster = false\n",
        check=True,
    )


if __name__ == "__main__":
    try:
        ensure()
    except PostgisMissingError as missing:
        raise SystemExit(missing.detail) from None
