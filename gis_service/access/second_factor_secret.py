"""The secret of a second factor: sealed at rest, and the codes it gives."""

from collections.abc import Sequence
from secrets import token_bytes

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gis_service.errors import GridError
from gis_service.keys import derived_key

ISSUER = "网格一张图"
STEP_S = 30
DRIFT_STEPS = (0, -1, 1)
"""Clocks of telephones may be half a minute off."""

_NONCE_BYTES = 12


class SecretSealedError(GridError):
    """The stored secret does not open: another master key, or altered."""

    status = 500
    code = "second_factor_sealed"
    title = "二次验证密钥无法解开 (second factor does not open)"


def seal(secret: str, account_id: int, master_key: bytes) -> bytes:
    """Seal a secret with AES-256-GCM so that it opens for its account alone."""
    nonce = token_bytes(_NONCE_BYTES)
    return nonce + _cipher(master_key).encrypt(
        nonce, secret.encode(), _owner(account_id)
    )


def unseal(sealed: bytes, account_id: int, master_keys: Sequence[bytes]) -> str:
    """Open a sealed secret with the key that sealed it, whichever that is.

    Raises
    ------
    SecretSealedError
        When it was sealed with none of the keys, or for another account.
    """
    for key in master_keys:
        secret = opened(sealed, account_id, key)
        if secret is not None:
            return secret
    message = (
        "密封它的主密钥不在本机，请放回密钥文件或重置二次验证 (its master key is not "
        "here: put its file back, or gis-grid account reset-second-factor)"
    )
    raise SecretSealedError(message)


def opened(sealed: bytes, account_id: int, master_key: bytes) -> str | None:
    """Return the secret; None when another key sealed it."""
    nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher(master_key).decrypt(nonce, text, _owner(account_id)).decode()
    except InvalidTag:
        return None


def step_of(secret: str, code: str, at: float) -> int | None:
    """Return the time step whose code this is, None when it is wrong.

    Parameters
    ----------
    secret
        In base 32.
    code
        Six digits, as typed.
    at
        Seconds since 1970.
    """
    totp = pyotp.TOTP(secret)
    now = int(at) // STEP_S
    for drift in DRIFT_STEPS:
        is_it = pyotp.utils.strings_equal(totp.at((now + drift) * STEP_S), code)
        if is_it:
            return now + drift
    return None


def _cipher(master_key: bytes) -> AESGCM:
    return AESGCM(derived_key(master_key, "second factor"))


def _owner(account_id: int) -> bytes:
    return f"access.second_factors {account_id}".encode()
