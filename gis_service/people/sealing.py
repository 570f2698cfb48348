"""Personal values sealed in the application, so that the database never holds them.

A sealed value is ``version(1) | key id(4) | nonce(12) | ciphertext | tag(16)``, made
with AES-256-GCM. The header and the name of the column are authenticated: a value
moved to another column, or to another version, does not open. For exact search a
keyed hash of the normalised value stands beside it (PIPL art. 51: encrypted,
and searched without being opened).
"""

import hmac
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gis_service.errors import GridError
from gis_service.keys import KEY_ID_BYTES, derived_key, key_id, keyring
from gis_service.settings import Settings

ID_NUMBER = "people.residents.id_number"
PHONE = "people.residents.phone"

VERSION = b"\x01"
NONCE_BYTES = 12
INDEX_BYTES = 16

_HEADER_BYTES = len(VERSION) + KEY_ID_BYTES
_TEXT_AT = _HEADER_BYTES + NONCE_BYTES
_IGNORED = re.compile(r"[\s'\"’‘\u200b\ufeff-]+")


class SealBrokenError(GridError):
    """A sealed value does not open: another key, another column, or altered."""

    status = 500
    code = "seal_broken"
    title = "密文无法解开 (sealed value does not open)"


class Sealer:
    """Seals, opens and indexes lists of values with keys derived from the master key.

    Parameters
    ----------
    master_key
        The key new values are sealed with.
    older_keys
        Master keys of the past; what they sealed still opens.
    """

    def __init__(self, master_key: bytes, older_keys: Sequence[bytes] = ()) -> None:
        self._keys = keys = (master_key, *older_keys)
        self._ciphers = {
            key_id(key): AESGCM(derived_key(key, "sealing")) for key in keys
        }
        self.key_id = key_id(master_key)

    def seal(self, values: Sequence[str | None], column: str) -> list[bytes | None]:
        """Seal the values of a column; None stays None."""
        header = VERSION + self.key_id
        bound = header + column.encode()
        encrypt = self._ciphers[self.key_id].encrypt
        # One call for all nonces: asking the system per value would cost more than
        # the encryption.
        nonces = token_bytes(NONCE_BYTES * len(values))
        sealed: list[bytes | None] = []
        for number, value in enumerate(values):
            if value is None:
                sealed.append(None)
                continue
            nonce = nonces[number * NONCE_BYTES : (number + 1) * NONCE_BYTES]
            sealed.append(header + nonce + encrypt(nonce, value.encode(), bound))
        return sealed

    def open(self, sealed: Sequence[bytes | None], column: str) -> list[str | None]:
        """Open sealed values of a column; None stays None.

        Raises
        ------
        SealBrokenError
            When one was not sealed for this column by a key we have.
        """
        name = column.encode()
        return [None if one is None else self._opened(one, name) for one in sealed]

    def index(
        self, values: Sequence[str | None], column: str = ID_NUMBER
    ) -> list[bytes | None]:
        """Return the keyed hash of each value, equal for equal values of a column."""
        return self._hashed(self._keys[0], values, column)

    def indexes(self, value: str, column: str = ID_NUMBER) -> list[bytes]:
        """Return what a value may stand under: its hash by every key we have.

        While the key is rotated some rows are under the newest and some are not yet.
        """
        found = (self._hashed(key, [value], column) for key in self._keys)
        return [one for (one,) in found if one is not None]

    @staticmethod
    def _hashed(
        master: bytes, values: Sequence[str | None], column: str
    ) -> list[bytes | None]:
        key = derived_key(master, f"index {column}")
        # Copying a hash that has taken the key costs half of starting one.
        keyed = hmac.new(key, digestmod="sha256")
        hashes: list[bytes | None] = []
        for value in values:
            if value is None:
                hashes.append(None)
                continue
            one = keyed.copy()
            one.update(normalised(value).encode())
            hashes.append(one.digest()[:INDEX_BYTES])
        return hashes

    def _opened(self, sealed: bytes, column: bytes) -> str:
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:_TEXT_AT]
        cipher = self._ciphers.get(header[len(VERSION) :])
        if header[:1] != VERSION or cipher is None:
            named = header[len(VERSION) :].hex()
            message = (
                f"密钥 {named} 不在本机，请放回它的密钥文件 (sealed with key {named}, "
                "which is not here: put its file back beside the newest key)"
            )
            raise SealBrokenError(message)
        try:
            return cipher.decrypt(nonce, sealed[_TEXT_AT:], header + column).decode()
        except (InvalidTag, ValueError) as error:
            message = "密文已损坏或不属于该列 (altered, or of another column)"
            raise SealBrokenError(message) from error


def sealer_of(settings: Settings) -> Sealer:
    """Return a sealer with the keys that are on disk now, so that no worker is late."""
    ring = keyring(settings)
    return _sealer(ring.current, ring.older)


@lru_cache(maxsize=8)
def _sealer(current: bytes, older: tuple[bytes, ...]) -> Sealer:
    return Sealer(current, older)


def normalised(value: str) -> str:
    """Return the form in which equal numbers are equal, however they were typed.

    Full-width characters become ASCII; spaces, quotes and hyphens go; letters are
    upper case.
    """
    if value.isascii() and value.isalnum():
        return value.upper()
    return _IGNORED.sub("", unicodedata.normalize("NFKC", value)).upper()
