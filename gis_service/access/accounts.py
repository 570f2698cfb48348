"""Accounts: made, listed, disabled; passwords kept as argon2id."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from gis_service.access import trail
from gis_service.access.models import Account, Session, Token
from gis_service.access.reader import COMMAND_LINE, Reader
from gis_service.access.roles import AUDIENCES
from gis_service.access.scope import Scope
from gis_service.errors import ConflictError, NotFoundError, UnprocessableError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LOGIN = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")
WORST_PASSWORDS = frozenset(
    {
        "0123456789",
        "1234567890",
        "12345678910",
        "1111111111",
        "1q2w3e4r5t",
        "qwertyuiop",
        "abcdefghij",
        "password123",
        "passw0rd123",
        "admin123456",
        "woaini1314520",
        "5201314520",
    }
)

_hashing = PasswordHash(
    (Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),)
)


class WeakPasswordError(UnprocessableError):
    """The password is too easy to guess."""

    code = "weak_password"
    title = "口令过于简单 (password too weak)"


class AccountError(UnprocessableError):
    """An account cannot be as described."""

    code = "account_wrong"
    title = "账号信息有误 (wrong account)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to make; ``branches`` are leading digits of codes."""

    login: str
    name: str
    role: str
    branches: tuple[str, ...] = ()
    department: str | None = None


def add(
    connection: Connection,
    account: NewAccount,
    password: str,
    by: Reader = COMMAND_LINE,
) -> int:
    """Make an account and return its number.

    Raises
    ------
    AccountError, WeakPasswordError, ConflictError
        When login, role, branches or password are refused, or the login is taken.
    """
    _check(account)
    check_password(password, account.login)
    if by_login(connection, account.login) is not None:
        message = f"登录名已被使用 (login is taken): {account.login}"
        raise ConflictError(message)
    values = {
        "login": account.login,
        "name": account.name.strip(),
        "role": account.role,
        "branches": list(account.branches),
        "department": account.department,
        "password_hash": _hashing.hash(password),
    }
    made = insert(Account).values(values).returning(Account.id)
    number = connection.execute(made).scalar_one()
    facts = {"role": account.role, "branches": list(account.branches)}
    trail.record(
        connection, by, "added_account", f"account {account.login}", facts=facts
    )
    return number


def by_login(connection: Connection, login: str) -> Row[*tuple[Any, ...]] | None:
    """Return the row of an account, disabled or not."""
    return connection.execute(_all().where(Account.login == login)).one_or_none()


def listed(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all accounts by login."""
    return connection.execute(_all().order_by(Account.login)).all()


def disable(connection: Connection, login: str, by: Reader = COMMAND_LINE) -> None:
    """Close an account: it is signed out everywhere and its tokens are gone."""
    account_id = _changed(connection, login, disabled_at=func.now())
    for table in (Session, Token):
        connection.execute(delete(table).where(table.account_id == account_id))
    trail.record(connection, by, "disabled_account", f"account {login}")


def enable(connection: Connection, login: str, by: Reader = COMMAND_LINE) -> None:
    """Open a closed account again."""
    _changed(connection, login, disabled_at=None)
    trail.record(connection, by, "enabled_account", f"account {login}")


def change_password(
    connection: Connection, login: str, password: str, by: Reader = COMMAND_LINE
) -> None:
    """Give an account a new password; whoever is signed in with the old one is out."""
    check_password(password, login)
    hashed = _hashing.hash(password)
    account_id = _changed(connection, login, password_hash=hashed)
    connection.execute(delete(Session).where(Session.account_id == account_id))
    trail.record(connection, by, "changed_password", f"account {login}")


def check_password(password: str, login: str) -> None:
    """Refuse a password that is short, the login, or among the worst.

    Raises
    ------
    WeakPasswordError
        With what to do.
    """
    plain = password.strip().lower()
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"口令至少{SHORTEST_PASSWORD}个字符 (at least 10 characters)"
        raise WeakPasswordError(message)
    if plain in {login.lower(), login.lower()[::-1]} or len(set(plain)) < 4:  # noqa: PLR2004 - different characters
        message = "口令不能与登录名相同或只由几个字符重复 (not the login, not one key)"
        raise WeakPasswordError(message)
    if plain in WORST_PASSWORDS:
        message = "口令太常见，请换一个 (among the most common passwords)"
        raise WeakPasswordError(message)


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is right; takes as long when there is no account."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        is_match = _hashing.verify(password, password_hash or _nobodys_hash())
    except UnknownHashError:
        return False
    return is_match and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hashing.hash("nobody has this password")


def _check(account: NewAccount) -> None:
    if LOGIN.fullmatch(account.login) is None:
        message = "登录名须为2至64个小写字母、数字或 _ . - (login: a-z 0-9 _ . -)"
        raise AccountError(message)
    if account.role not in AUDIENCES or account.role == "visitor":
        roles = " ".join(role for role in AUDIENCES if role != "visitor")
        message = f"没有这个角色，可选 (no such role, choose from): {roles}"
        raise AccountError(message)
    if not account.name.strip() or "\0" in account.name:
        message = "请填写显示名 (the account needs a name to show)"
        raise AccountError(message)
    try:
        Scope(account.branches)
    except ValueError as error:
        message = (
            "职权范围须为6、9、12或15位区划或网格代码 (branches: 6, 9, 12, 15 digits)"
        )
        raise AccountError(message) from error


def _changed(connection: Connection, login: str, **values: object) -> int:
    change = update(Account).where(Account.login == login).values(values)
    number = connection.execute(change.returning(Account.id)).scalar_one_or_none()
    if number is None:
        message = f"没有这个账号 (no such account): {login}"
        raise NotFoundError(message)
    return number


def _all() -> Select[*tuple[Any, ...]]:
    return select(Account.__table__)
