"""How often somebody may try to sign in: counted in the database, for all workers.

A try is counted before the password is looked at, so that a thousand at once get no
more tries than one after another. A success gives an account its tries back, but
never an address more than its own try.

An address from which an account was signed in to of late has tries of its own for it:
strangers elsewhere do not lock its owner out, nor does the owner give them tries back.

What was typed as a login may be a password: it is kept as a keyed hash, for a day.
"""

from dataclasses import dataclass
from math import ceil

from sqlalchemy import Connection, text

from gis_service.access.attempts import Try
from gis_service.errors import TooManyRequestsError

WINDOW_MINUTES = 15
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 20
FAMILIAR_DAYS = 30

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:word, 20231))")
_COUNT = text(f"""
    WITH familiar AS (
        SELECT address FROM access.sign_in_attempts
        WHERE login = :login AND is_success
        UNION
        SELECT session.address
        FROM access.sessions AS session
        INNER JOIN access.accounts AS account ON session.account_id = account.id
        WHERE account.login = :name AND session.address IS NOT NULL
            AND session.created_at
                > clock_timestamp() - interval '{FAMILIAR_DAYS} days'
    ),
    recent AS (
        SELECT login, address, at, is_success
        FROM access.sign_in_attempts
        WHERE (login = :login OR address = :address)
            AND at > clock_timestamp() - interval '{WINDOW_MINUTES} minutes'
    ),
    failures AS (
        SELECT at, row_number() OVER (ORDER BY at DESC) AS position
        FROM recent
        WHERE login = :login AND NOT is_success AND CASE
            WHEN :address IN (SELECT address FROM familiar)
                THEN address = :address AND at > coalesce((
                    SELECT max(at) FROM recent
                    WHERE login = :login AND address = :address AND is_success
                ), '-infinity')
            ELSE address NOT IN (SELECT address FROM familiar)
        END
    ),
    own AS (
        SELECT sum(CASE WHEN is_success THEN -1 ELSE 1 END) AS failed, min(at) AS since
        FROM recent WHERE address = :address
    )
    SELECT
        (SELECT count(*) FROM failures) AS by_account,
        coalesce((SELECT failed FROM own), 0) AS by_address,
        extract(epoch FROM interval '{WINDOW_MINUTES} minutes' - (clock_timestamp() - (
            SELECT at FROM failures WHERE position = {TRIES_PER_ACCOUNT}
        ))) AS account_wait_s,
        extract(epoch FROM interval '{WINDOW_MINUTES} minutes'
            - (clock_timestamp() - (SELECT since FROM own))) AS address_wait_s
""")  # noqa: S608 - the constants above
_ADD = text("""
    INSERT INTO access.sign_in_attempts (login, address, at, is_success)
    VALUES (:login, :address, clock_timestamp(), :is_success)
    RETURNING id
""")
_WITHDRAW = text("DELETE FROM access.sign_in_attempts WHERE id = :id")
# Whoever comes first tidies; others do not wait for it, nor lock rows against it.
_IS_FIRST = text("SELECT pg_try_advisory_xact_lock(hashtextextended('tidy', 20231))")
_TIDY = text("""
    DELETE FROM access.sign_in_attempts
    WHERE at < clock_timestamp() - interval '1 day'
""")


class LockedError(TooManyRequestsError):
    """Too many wrong passwords for an account, or from an address."""

    code = "locked"
    title = "登录已暂停 (sign-in paused)"


@dataclass(frozen=True, slots=True)
class Begun:
    """A try that was counted, and how many are left: of the account, of the address."""

    id: int
    left: int
    left_here: int


def begin(connection: Connection, attempt: Try) -> Begun:
    """Count a try as if it had failed, before anybody looks whether it has.

    Raises
    ------
    LockedError
        When none was left, with the minutes until there is one.
    """
    # Always in this order, so that two tries never wait for each other.
    connection.execute(_LOCK, {"word": f"login {attempt.mark}"})
    connection.execute(_LOCK, {"word": f"address {attempt.place.address}"})
    values = {"login": attempt.mark, "address": attempt.place.address}
    if connection.execute(_IS_FIRST).scalar_one():
        connection.execute(_TIDY)
    counted = connection.execute(_COUNT, {**values, "name": attempt.login}).one()
    if counted.by_account >= TRIES_PER_ACCOUNT:
        raise _locked(float(counted.account_wait_s))
    if counted.by_address >= TRIES_PER_ADDRESS:
        raise _locked(float(counted.address_wait_s))
    number = connection.execute(_ADD, {**values, "is_success": False}).scalar_one()
    return Begun(
        number,
        int(TRIES_PER_ACCOUNT - 1 - counted.by_account),
        int(TRIES_PER_ADDRESS - 1 - counted.by_address),
    )


def succeed(connection: Connection, attempt: Try) -> None:
    """Note that the try just begun was right."""
    values = {"login": attempt.mark, "address": attempt.place.address}
    connection.execute(_ADD, {**values, "is_success": True})


def withdraw(connection: Connection, begun: Begun) -> None:
    """Let the try just begun count for nothing."""
    connection.execute(_WITHDRAW, {"id": begun.id})


def _locked(wait_s: float) -> LockedError:
    seconds = max(1, ceil(wait_s))
    minutes = ceil(seconds / 60)
    message = (
        f"登录失败次数过多，请{minutes}分钟后再试 "
        f"(too many wrong passwords: try again in {minutes} min)"
    )
    return LockedError(message, retry_after_s=seconds)
