"""The second factor: enrolled with a telephone, asked for at sign-in, removed.

Time-based codes (TOTP, RFC 6238) and ten recovery codes. No code is taken twice, also
not by two requests at once: the database keeps the newest step that was used.
"""

import base64
from dataclasses import dataclass
from secrets import token_bytes
from typing import Literal

import pyotp
import segno
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gis_service.access import second_factor_secret
from gis_service.access.second_factor_models import RecoveryCode, SecondFactor
from gis_service.access.second_factor_secret import ISSUER
from gis_service.access.signing_in import hashed
from gis_service.errors import ConflictError
from gis_service.keys import Keyring

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
CODE_DIGITS = 6

_UNGUARDED = text("""
    SELECT login FROM access.accounts AS account
    WHERE role IN ('administrator', 'supervisor') AND disabled_at IS NULL
        AND NOT EXISTS (
            SELECT FROM access.second_factors
            WHERE account_id = account.id AND confirmed_at IS NOT NULL
        )
    ORDER BY role, login
""")
Verdict = Literal["none", "wanted", "right", "wrong"]
"""Whether an account's second factor was shown; ``none``: it has none."""


class AlreadyEnrolledError(ConflictError):
    """The account has a second factor; it must be removed first."""

    code = "second_factor_on"
    title = "已启用二次验证 (second factor is on)"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a telephone reads, as an address, as letters and as a picture."""

    uri: str
    secret: str
    qr_svg: str


def begin(
    connection: Connection, account_id: int, login: str, ring: Keyring
) -> Enrolment:
    """Give an account a new secret, in force after the first right code.

    Raises
    ------
    AlreadyEnrolledError
        When one is in force.
    """
    secret = pyotp.random_base32()
    sealed = second_factor_secret.seal(secret, account_id, ring.current)
    fresh = {"secret_sealed": sealed, "begun_at": func.now(), "last_step": 0}
    made = upsert(SecondFactor).values(account_id=account_id, **fresh)
    renewed = made.on_conflict_do_update(
        index_elements=[SecondFactor.account_id],
        set_=fresh,
        where=SecondFactor.confirmed_at.is_(None),
    )
    if connection.execute(renewed.returning(SecondFactor.account_id)).first() is None:
        message = "二次验证已启用，换手机请先停用 (it is on: switch it off first)"
        raise AlreadyEnrolledError(message)
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    picture = segno.make(uri, error="m", micro=False)
    return Enrolment(uri, secret, picture.svg_inline(scale=5, border=2))


def confirm(
    connection: Connection, account_id: int, code: str, ring: Keyring, at: float
) -> list[str] | None:
    """Put the second factor in force; return its recovery codes, None if wrong."""
    if not _is_right(connection, account_id, code, ring, at, is_in_force=False):
        return None
    account = SecondFactor.account_id == account_id
    connection.execute(
        update(SecondFactor).where(account).values(confirmed_at=func.now())
    )
    connection.execute(
        delete(RecoveryCode).where(RecoveryCode.account_id == account_id)
    )
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    rows = [
        {"account_id": account_id, "code_hash": hashed(_plain(code))} for code in codes
    ]
    connection.execute(insert(RecoveryCode), rows)
    return codes


def judge(
    connection: Connection,
    account_id: int,
    code: str | None,
    ring: Keyring,
    at: float,
) -> Verdict:
    """Tell whether the code shown is good; a good one is used up by this."""
    if not is_on(connection, account_id):
        return "none"
    plain = _plain(code or "")
    if not plain:
        return "wanted"
    if len(plain) == CODE_DIGITS:
        is_right = _is_right(connection, account_id, plain, ring, at, is_in_force=True)
    else:
        used = delete(RecoveryCode).where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == hashed(plain),
        )
        is_right = connection.execute(used).rowcount == 1
    return "right" if is_right else "wrong"


def is_on(connection: Connection, account_id: int) -> bool:
    """Tell whether an account has a second factor in force."""
    known = select(SecondFactor.account_id).where(
        SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
    )
    return connection.execute(known).first() is not None


def remove(connection: Connection, account_id: int) -> bool:
    """Forget the secret and the recovery codes; tell whether there were any."""
    gone = delete(SecondFactor).where(SecondFactor.account_id == account_id)
    return connection.execute(gone).rowcount == 1


def _is_right(  # noqa: PLR0913 - whose code, of which time, in which state
    connection: Connection,
    account_id: int,
    code: str,
    ring: Keyring,
    at: float,
    *,
    is_in_force: bool,
) -> bool:
    state = (
        SecondFactor.confirmed_at.is_not(None)
        if is_in_force
        else SecondFactor.confirmed_at.is_(None)
    )
    own = (SecondFactor.account_id == account_id, state)
    sealed = connection.execute(select(SecondFactor.secret_sealed).where(*own)).scalar()
    if sealed is None:
        return False
    secret = second_factor_secret.unseal(sealed, account_id, ring.all)
    step = second_factor_secret.step_of(secret, _plain(code), at)
    if step is None:
        return False
    newer = update(SecondFactor).where(*own, SecondFactor.last_step < step)
    return connection.execute(newer.values(last_step=step)).rowcount == 1


def _recovery_code() -> str:
    letters = base64.b32encode(token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())


def unguarded(connection: Connection) -> list[str]:
    """Return the logins that may do much and have no second factor in force."""
    return list(connection.execute(_UNGUARDED).scalars())
