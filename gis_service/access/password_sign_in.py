"""Signing in by password, and by a code where the account has a second factor."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row

from gis_service.access import (
    accounts,
    lock_outs,
    passwords,
    second_factor,
    sessions,
    throttling,
    trail,
)
from gis_service.access.attempts import Try
from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.access.throttling import Begun
from gis_service.errors import NotSignedInError
from gis_service.keys import keyring
from gis_service.settings import Settings


class WrongPasswordError(NotSignedInError):
    """Login or password are wrong; which of them is not said."""

    code = "wrong_password"
    title = "登录名或口令不正确 (wrong login or password)"


class SecondFactorWantedError(NotSignedInError):
    """The password is right; the code of the second factor is missing."""

    code = "second_factor_wanted"
    title = "请输入验证码 (second factor wanted)"


class WrongCodeError(NotSignedInError):
    """The password is right, the code is not, or was used already."""

    code = "wrong_code"
    title = "验证码不正确 (wrong code)"


@dataclass(frozen=True, slots=True)
class Door:
    """What a sign-in needs of the application."""

    engine: Engine
    settings: Settings
    master_key: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows at the door."""

    password: str
    code: str | None = None


def sign_in(door: Door, attempt: Try, shown: Shown) -> str:
    """Open a session for whoever knows the password, and return the cookie's secret.

    An unknown or closed account is answered like a wrong password, in the same time.

    Raises
    ------
    LockedError, WrongPasswordError, SecondFactorWantedError, WrongCodeError
        When there were too many tries, or this one was wrong or not complete.
    """
    with door.engine.begin() as connection:
        begun = throttling.begin(connection, attempt)
        account = accounts.by_login(connection, attempt.login)
    is_open = account is not None and account.disabled_at is None
    known_hash = account.password_hash if account is not None and is_open else None
    # Outside of every transaction: the check takes tens of milliseconds.
    is_right = passwords.is_right(known_hash, shown.password)
    with door.engine.begin() as connection:
        if account is None or not is_right:
            is_known = account is not None
            refusal: NotSignedInError = _refuse(
                connection, attempt, begun, is_known=is_known
            )
        else:
            case = _Case(attempt, begun, account, shown.code)
            outcome = _admit(connection, door, case)
            if isinstance(outcome, str):
                return outcome
            refusal = outcome
    # Only now, so that the try is kept, and what is told of a lock.
    raise refusal


def check_own(door: Door, attempt: Try, shown: Shown) -> None:
    """Let somebody signed in show the password again before a weighty act.

    Wrong ones count like those of a sign-in.

    Raises
    ------
    LockedError, WrongPasswordError
        When there were too many tries, or this one was wrong.
    """
    with door.engine.begin() as connection:
        begun = throttling.begin(connection, attempt)
        account = accounts.by_login(connection, attempt.login)
    known_hash = account.password_hash if account is not None else None
    is_right = passwords.is_right(known_hash, shown.password)
    with door.engine.begin() as connection:
        if is_right:
            throttling.withdraw(connection, begun)
            return
        refusal = _refuse(connection, attempt, begun, is_known=True)
    raise refusal


def reader_from(account: Row[*tuple[Any, ...]]) -> Reader:
    """Return the reader a row of accounts makes."""
    return Reader(
        account.id,
        account.login,
        account.name,
        account.role,
        Scope(tuple(account.branches)),
        account.department,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """A try whose password is right."""

    attempt: Try
    begun: Begun
    account: Row[*tuple[Any, ...]]
    code: str | None


def _admit(connection: Connection, door: Door, case: _Case) -> str | NotSignedInError:
    begun, place = case.begun, case.attempt.place
    reader = reader_from(case.account)
    ring = keyring(door.settings)
    verdict = second_factor.judge(
        connection, case.account.id, case.code, ring, time.time()
    )
    if verdict == "wanted":
        # Neither a failure nor a success: a success would give tries of codes back.
        throttling.withdraw(connection, begun)
        return SecondFactorWantedError("请输入验证器上的6位验证码 (enter the code)")
    if verdict == "wrong":
        facts = {"tries_left": begun.left}
        trail.record(connection, reader, "failed_second_factor", facts=facts)
        lock_outs.note(connection, case.attempt, begun)
        message = f"验证码不正确或已用过，还可试{begun.left}次 (wrong, or used already)"
        return WrongCodeError(message, tries_left=begun.left)
    throttling.succeed(connection, case.attempt)
    secret = sessions.open_one(
        connection,
        reader,
        place,
        door.settings,
        has_second_factor=verdict == "right",
    )
    signed = {"address": place.address, "second_factor": verdict == "right"}
    trail.record(connection, reader, "signed_in", facts=signed)
    return secret


def _refuse(
    connection: Connection, attempt: Try, begun: Begun, *, is_known: bool
) -> WrongPasswordError:
    lock_outs.note(connection, attempt, begun, is_known=is_known)
    left = begun.left
    message = f"登录名或口令不正确，还可试{left}次 (wrong; tries left: {left})"
    return WrongPasswordError(message, tries_left=left)
