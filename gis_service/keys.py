"""The master key of the service, kept in a file outside the database.

Every use derives its own key from it, so that none can stand in for another.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def master_key(data_folder: Path) -> bytes:
    """Return the master key, made on first use as ``data_folder/master.key``.

    The file is readable by its owner alone. Losing it loses every sealed value:
    it belongs into the backup, apart from the database (``docs/operator.md``).
    """
    file = data_folder / "master.key"
    if not file.exists():
        # The database's own user must be able to walk through the folder.
        data_folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        fresh = file.with_name(f"master.key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(KEY_BYTES))
        try:
            # A link fails where another process was first: then its key counts.
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_bytes()


def derived_key(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(master)
