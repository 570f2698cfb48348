"""Accounts: made, listed, changed, disabled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from gis_service.access import passwords, trail
from gis_service.access.models import Account, Session, Token
from gis_service.access.reader import COMMAND_LINE, Reader
from gis_service.access.roles import AUDIENCES
from gis_service.access.scope import Scope
from gis_service.errors import ConflictError, NotFoundError, UnprocessableError

LOGIN = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")


class AccountError(UnprocessableError):
    """An account cannot be as described."""

    code = "account_wrong"
    title = "账号信息有误 (wrong account)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to make; ``branches`` are leading digits of codes.

    Commands and the API take ``needs_second_factor`` of the role unless it is said.
    """

    login: str
    name: str
    role: str
    branches: tuple[str, ...] = ()
    department: str | None = None
    needs_second_factor: bool = False


def needs_second_factor(role: str) -> bool:
    """Tell whether accounts of a role need a second factor unless it is said."""
    return role in {"administrator", "supervisor"}


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
    passwords.check(password, account.login)
    if by_login(connection, account.login) is not None:
        message = f"登录名已被使用 (login is taken): {account.login}"
        raise ConflictError(message)
    values = {
        "login": account.login,
        "name": account.name.strip(),
        "role": account.role,
        "branches": list(account.branches),
        "department": account.department,
        "needs_second_factor": account.needs_second_factor,
        "password_hash": passwords.hashed(password),
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
    connection: Connection,
    login: str,
    password: str,
    by: Reader = COMMAND_LINE,
    *,
    but_session: int | None = None,
) -> None:
    """Give an account a new password; its sessions end, but perhaps the one it is."""
    passwords.check(password, login)
    hashed = passwords.hashed(password)
    account_id = _changed(connection, login, password_hash=hashed)
    ended = delete(Session).where(Session.account_id == account_id)
    if but_session is not None:
        ended = ended.where(Session.id != but_session)
    connection.execute(ended)
    trail.record(connection, by, "changed_password", f"account {login}")


def change_duty(
    connection: Connection,
    login: str,
    *,
    role: str | None = None,
    branches: tuple[str, ...] | None = None,
    by: Reader = COMMAND_LINE,
) -> None:
    """Give an account another role or scope; it is signed out everywhere.

    Its tokens stay: they open what the account may see from now on.

    Raises
    ------
    AccountError, NotFoundError
        When there is no such role, branch or account.
    """
    account = by_login(connection, login)
    if account is None:
        raise _unknown(login)
    new_role = account.role if role is None else role
    new_branches = tuple(account.branches) if branches is None else branches
    _check(
        NewAccount(login=login, name=account.name, role=new_role, branches=new_branches)
    )
    _changed(connection, login, role=new_role, branches=list(new_branches))
    sign_out(connection, account.id)
    facts = {"role": new_role, "branches": list(new_branches)}
    trail.record(connection, by, "changed_account", f"account {login}", facts=facts)


def sign_out(connection: Connection, account_id: int) -> None:
    """End all sessions of an account."""
    connection.execute(delete(Session).where(Session.account_id == account_id))


def require_second_factor(
    connection: Connection, login: str, *, is_needed: bool, by: Reader = COMMAND_LINE
) -> None:
    """Say whether an account must have a second factor; if so, it is signed out."""
    account_id = _changed(connection, login, needs_second_factor=is_needed)
    if is_needed:
        # Who must enrol does so without the password: it opened the session just now.
        sign_out(connection, account_id)
    facts = {"needs_second_factor": is_needed}
    trail.record(connection, by, "changed_account", f"account {login}", facts=facts)


def bind_subject(
    connection: Connection, login: str, subject: str | None, by: Reader = COMMAND_LINE
) -> None:
    """Say who an account is at the single sign-on; None: to be found by its login."""
    _changed(connection, login, oidc_subject=subject)
    facts = {"is_bound": subject is not None}
    trail.record(connection, by, "bound_subject", f"account {login}", facts=facts)


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
        raise _unknown(login)
    return number


def _unknown(login: str) -> NotFoundError:
    return NotFoundError(f"没有这个账号 (no such account): {login}")


def _all() -> Select[*tuple[Any, ...]]:
    return select(Account.__table__)
