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
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gis_service.errors import GridError
from gis_service.keys import derived_key

ID_NUMBER = "people.residents.id_number"
PHONE = "people.residents.phone"

VERSION = b"\x01"
KEY_ID_BYTES = 4
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
        self._master_key = master_key
        keys = (master_key, *older_keys)
        self._ciphers = {
            _key_id(key): AESGCM(derived_key(key, "sealing")) for key in keys
        }
        self.key_id = _key_id(master_key)

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
        key = derived_key(self._master_key, f"index {column}")
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
            message = "密文的密钥不在本机 (sealed with a key that is not here)"
            raise SealBrokenError(message)
        try:
            return cipher.decrypt(nonce, sealed[_TEXT_AT:], header + column).decode()
        except (InvalidTag, ValueError) as error:
            message = "密文已损坏或不属于该列 (altered, or of another column)"
            raise SealBrokenError(message) from error


def normalised(value: str) -> str:
    """Return the form in which equal numbers are equal, however they were typed.

    Full-width characters become ASCII; spaces, quotes and hyphens go; letters are
    upper case.
    """
    if value.isascii() and value.isalnum():
        return value.upper()
    return _IGNORED.sub("", unicodedata.normalize("NFKC", value)).upper()


def _key_id(master_key: bytes) -> bytes:
    return derived_key(master_key, "key id")[:KEY_ID_BYTES]
