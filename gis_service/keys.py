"""The master key of the service, kept in a file outside the database.

Every use derives its own key from it, so that none can stand in for another. A key
that was replaced stays beside the newest one, as ``master.key.resealing-…`` while
values sealed with it are being sealed anew and ``master.key.retired-…`` afterwards:
what it sealed, a backup's rows too, opens as long as its file is there.
"""

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gis_service.errors import ConflictError
from gis_service.settings import Settings

KEY_BYTES = 32
KEY_ID_BYTES = 4
RESEALING, RETIRED = "resealing", "retired"


class KeyFileError(ConflictError):
    """The key file is missing, too short, or in a folder that is read only."""

    code = "key_file"
    title = "主密钥文件有误 (wrong key file)"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The newest master key and those before it."""

    current: bytes
    older: tuple[bytes, ...]
    is_resealing: bool
    """Whether a rotation has begun and is not at its end."""

    @property
    def all(self) -> tuple[bytes, ...]:
        """Every key, the newest first."""
        return (self.current, *self.older)


def key_file(settings: Settings) -> Path:
    """Return where the newest master key is."""
    return settings.master_key_file or settings.data_folder / "master.key"


def master_key(settings: Settings) -> bytes:
    """Return the newest master key, made on first use as ``master.key``.

    The file is readable by its owner alone. Losing it loses every sealed value:
    it belongs into the backup, apart from the database (``docs/operator.md``).
    A file that was named by a setting is never made: a misspelt name would be a
    fresh key that opens nothing.
    """
    file = key_file(settings)
    if not file.exists():
        if settings.master_key_file is not None:
            message = f"找不到主密钥文件 (no such key file): GIS_MASTER_KEY_FILE={file}"
            raise KeyFileError(message)
        # The database's own user must be able to walk through the folder.
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        write_key(file, secrets.token_bytes(KEY_BYTES), replace=False)
    return _read(file)


def keyring(settings: Settings) -> Keyring:
    """Return all master keys; what changed on disk is seen at the next call."""
    master_key(settings)
    return _ring(key_file(settings), _signature(key_file(settings)))


def sealing_key(settings: Settings) -> bytes:
    """Return the newest key for work that seals many rows, refused in a rotation.

    Such work finds who is known already by the keyed hash, which is under two keys
    until the rotation has come to its end.
    """
    ring = keyring(settings)
    if ring.is_resealing:
        message = (
            "密钥更换未完成，请先运行 gis-grid keys rotate "
            "(a rotation of the key is not at its end: run it again first)"
        )
        raise ConflictError(message)
    return ring.current


def older_files(settings: Settings, state: str = "") -> list[Path]:
    """Return the files of replaced keys: all, or those of one state."""
    file = key_file(settings)
    return sorted(file.parent.glob(f"{file.name}.{state or 're'}*-*"))


def write_key(file: Path, key: bytes, *, replace: bool) -> None:
    """Write a key so that its file is there as a whole or not at all."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            written.write(key)
            written.flush()
            os.fsync(descriptor)
        if replace:
            fresh.replace(file)
        else:
            # A link fails where another process was first: then its key counts.
            os.link(fresh, file)
    except FileExistsError:
        pass
    except OSError as refusal:
        message = (
            f"密钥目录不可写 (the folder of the key takes no file): {file.parent} — "
            f"{refusal.strerror}"
        )
        raise KeyFileError(message) from refusal
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def fault(file: Path) -> tuple[str, str]:
    """Return what is wrong with a key file and what to do, both empty if nothing."""
    restore = f"从备份恢复 (restore from the backup): {file}"
    try:
        _read(file)
        mode = file.stat().st_mode & 0o777
    except FileNotFoundError:
        return f"找不到 (missing): {file}", restore
    except KeyFileError as short:
        return short.detail, restore
    except OSError as refusal:
        return f"不可读 (not readable): {refusal.strerror}", f"chown … {file}"
    if mode & 0o077:
        return f"他人可读 (open to others): {mode:04o} {file}", f"chmod 600 {file}"
    return "", ""


def key_id(master: bytes) -> bytes:
    """Return what names a master key in every value sealed with it."""
    return derived_key(master, "key id")[:KEY_ID_BYTES]


def derived_key(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(master)


def _read(file: Path) -> bytes:
    key = file.read_bytes()
    if len(key) < KEY_BYTES:
        message = f"主密钥文件过短，应为 {KEY_BYTES} 字节 (too short): {file}"
        raise KeyFileError(message)
    return key


def _signature(file: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    with os.scandir(file.parent) as entries:
        for entry in entries:
            if entry.name.startswith(file.name):
                kept = entry.stat()
                found.append((entry.name, kept.st_ino, kept.st_mtime_ns))
    return tuple(sorted(found))


@lru_cache(maxsize=8)
def _ring(file: Path, signature: tuple[tuple[str, int, int], ...]) -> Keyring:
    current = _read(file)
    names = [name for name, *_ in signature if name.startswith(f"{file.name}.re")]
    older = dict.fromkeys(_read(file.with_name(name)) for name in names)
    older.pop(current, None)
    is_resealing = any(name.startswith(f"{file.name}.{RESEALING}-") for name in names)
    return Keyring(current, tuple(older), is_resealing)
