"""Sessions: a browser signed in, known by a cookie the database holds the hash of."""

from dataclasses import dataclass
from secrets import token_urlsafe

from sqlalchemy import Connection, Engine, delete, func, insert

from gis_service.access import accounts, throttling, trail
from gis_service.access.attempts import Try
from gis_service.access.models import Session
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.scope import Scope
from gis_service.access.signing_in import hashed
from gis_service.errors import NotSignedInError
from gis_service.settings import Settings

SECRET_BYTES = 32


class WrongPasswordError(NotSignedInError):
    """Login or password are wrong; which of them is not said."""

    code = "wrong_password"
    title = "登录名或口令不正确 (wrong login or password)"


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened: what goes into the cookie, and whose it is."""

    secret: str
    reader: Reader


def sign_in(engine: Engine, attempt: Try, password: str, settings: Settings) -> Opened:
    """Open a session for whoever knows the password.

    An unknown or closed account is answered like a wrong password, in the same time.

    Raises
    ------
    LockedError, WrongPasswordError
        When there were too many tries, or this one was wrong.
    """
    with engine.begin() as connection:
        left = throttling.begin(connection, attempt)
        account = accounts.by_login(connection, attempt.login)
    is_open = account is not None and account.disabled_at is None
    known_hash = account.password_hash if account is not None and is_open else None
    # Outside of every transaction: the check takes tens of milliseconds.
    is_right = accounts.is_right(known_hash, password)
    with engine.begin() as connection:
        if account is None or not is_right:
            _note_failure(connection, attempt, left, is_known=account is not None)
        else:
            reader = Reader(
                account.id,
                account.login,
                account.name,
                account.role,
                Scope(tuple(account.branches)),
                account.department,
            )
            throttling.succeed(connection, attempt)
            secret = _open(connection, reader, settings)
            facts = {"address": attempt.address}
            trail.record(connection, reader, "signed_in", facts=facts)
            return Opened(secret, reader)
    message = f"登录名或口令不正确，还可试{left}次 (wrong; tries left: {left})"
    raise WrongPasswordError(message, tries_left=left)


def close(connection: Connection, secret: str) -> None:
    """End the session of a cookie; one that is not there is ended already."""
    connection.execute(delete(Session).where(Session.token_hash == hashed(secret)))


def close_all(connection: Connection, reader: Reader) -> int:
    """End all sessions of an account and return how many there were."""
    ended = delete(Session).where(Session.account_id == reader.account_id)
    count = connection.execute(ended).rowcount
    facts = {"sessions": count}
    trail.record(connection, reader, "signed_out_everywhere", facts=facts)
    return count


def _open(connection: Connection, reader: Reader, settings: Settings) -> str:
    secret = token_urlsafe(SECRET_BYTES)
    lifetime = func.make_interval(0, 0, 0, 0, settings.session_absolute_hours)
    values = {
        "token_hash": hashed(secret),
        "account_id": reader.account_id,
        "expires_at": func.now() + lifetime,
        "idle_hours": settings.session_idle_hours,
    }
    connection.execute(insert(Session).values(values))
    stale = (Session.account_id == reader.account_id, Session.expires_at < func.now())
    connection.execute(delete(Session).where(*stale))
    return secret


def _note_failure(
    connection: Connection, attempt: Try, left: int, *, is_known: bool
) -> None:
    # What was typed as an unknown login may be a password: it is not written down.
    subject = f"account {attempt.login}" if is_known else "unknown account"
    facts = {"address": attempt.address, "tries_left": left}
    trail.record(connection, VISITOR, "failed_to_sign_in", subject, facts=facts)
