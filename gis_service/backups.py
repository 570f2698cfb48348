"""Backups of a database as one file of ``pg_dump``, and the way back."""

import subprocess
from pathlib import Path

from sqlalchemy import make_url

from gis_service.errors import ConflictError, GridError, NotFoundError
from gis_service.postgres_install import Postgres
from gis_service.postgres_user import ENVIRONMENT


class BackupError(GridError):
    """The backup or the restore did not come to its end."""

    status = 500
    code = "backup_failed"
    title = "备份或恢复失败 (backup or restore failed)"


def write(postgres: Postgres, url: str, file: Path) -> None:
    """Write a compressed backup of the database at ``url``, for its owner's eyes only.

    It appears under its name only when it is whole, and never over another file.
    """
    if file.exists():
        detail = f"{file} 已存在，不会覆盖 (exists already, choose another name)"
        raise ConflictError(detail)
    part = file.with_name(f"{file.name}.part")
    try:
        _run(postgres, url, "pg_dump", "--format=custom", f"--file={part}")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def read(postgres: Postgres, url: str, file: Path) -> None:
    """Fill the empty database at ``url`` from a backup file."""
    if not file.is_file():
        detail = f"找不到备份文件 (no such backup file): {file}"
        raise NotFoundError(detail)
    options = ("--exit-on-error", "--no-owner", "--jobs=2")
    _run(postgres, url, "pg_restore", *options, str(file))


def _run(postgres: Postgres, url: str, program: str, *options: str) -> None:
    address = make_url(url).set(drivername="postgresql")
    # A password in the arguments could be read by every user of the machine.
    password = {"PGPASSWORD": str(address.password)} if address.password else {}
    target = address.set(password=None).render_as_string()
    finished = subprocess.run(  # noqa: S603 - programs of PostgreSQL, no shell
        [postgres.program(program), f"--dbname={target}", *options],
        env=ENVIRONMENT | password,
        umask=0o077,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if finished.returncode:
        detail = f"{program} 失败 (failed): {finished.stderr.strip()[-500:]}"
        raise BackupError(detail)
