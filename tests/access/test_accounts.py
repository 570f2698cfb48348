"""Accounts and their passwords."""

import time
from statistics import median

import pytest
from sqlalchemy import Connection, text

from gis_service.access import accounts, passwords
from gis_service.access.accounts import AccountError, NewAccount
from gis_service.access.passwords import WeakPasswordError
from gis_service.errors import ConflictError, NotFoundError
from tests.access.conftest import PASSWORD

ANNA = NewAccount(login="anna", name="安娜", role="lead", branches=("431322001201",))


def test_password_is_kept_as_argon2id_of_the_agreed_cost(
    connection: Connection,
) -> None:
    accounts.add(connection, ANNA, PASSWORD)
    row = accounts.by_login(connection, "anna")
    assert row is not None
    assert row.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(row.password_hash, PASSWORD)
    assert not passwords.is_right(row.password_hash, PASSWORD + " ")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "123456789",
        "anna",
        "0123456789",
        "Password123",
        "aaaaaaaaaaaaaa",
        "woaini1314520",
        "xinhua2026",
        "13900000000",
        "anna-anna-2026",
        "qwertyuiop",
    ],
)
def test_easy_password_is_refused(connection: Connection, password: str) -> None:
    with pytest.raises(WeakPasswordError):
        accounts.add(connection, ANNA, password)


def test_password_is_not_the_login(connection: Connection) -> None:
    long = NewAccount(login="long-login-name", name="x", role="planner")
    with pytest.raises(WeakPasswordError):
        accounts.add(connection, long, "Long-Login-Name")


@pytest.mark.parametrize(
    "wanted",
    [
        NewAccount(login="A B", name="x", role="lead"),
        NewAccount(login="x" * 80, name="x", role="lead"),
        NewAccount(login="bob", name=" ", role="lead"),
        NewAccount(login="bob", name="x", role="visitor"),
        NewAccount(login="bob", name="x", role="root"),
        NewAccount(login="bob", name="x", role="lead", branches=("4313",)),
        NewAccount(login="bob", name="x", role="lead", branches=("431322';--",)),
    ],
)
def test_account_that_cannot_be_is_refused(
    connection: Connection, wanted: NewAccount
) -> None:
    with pytest.raises(AccountError):
        accounts.add(connection, wanted, PASSWORD)


def test_login_is_taken_once(connection: Connection) -> None:
    accounts.add(connection, ANNA, PASSWORD)
    with pytest.raises(ConflictError):
        accounts.add(connection, ANNA, PASSWORD)


def test_account_is_closed_and_opened_again(connection: Connection) -> None:
    accounts.add(connection, ANNA, PASSWORD)
    accounts.disable(connection, "anna")
    (row,) = accounts.listed(connection)
    assert row.disabled_at is not None
    accounts.enable(connection, "anna")
    (row,) = accounts.listed(connection)
    assert row.disabled_at is None


def test_account_that_is_not_there_cannot_be_changed(connection: Connection) -> None:
    for change in (accounts.disable, accounts.enable):
        with pytest.raises(NotFoundError):
            change(connection, "nobody")


def test_changes_of_accounts_are_on_the_trail(connection: Connection) -> None:
    accounts.add(connection, ANNA, PASSWORD)
    accounts.change_password(connection, "anna", "another password")
    accounts.disable(connection, "anna")
    lines = connection.execute(
        text("SELECT act, subject FROM access.trail ORDER BY id")
    )
    assert lines.all() == [
        ("added_account", "account anna"),
        ("changed_password", "account anna"),
        ("disabled_account", "account anna"),
    ]


def test_unknown_account_takes_as_long_as_a_known_one(connection: Connection) -> None:
    accounts.add(connection, ANNA, PASSWORD)
    row = accounts.by_login(connection, "anna")
    assert row is not None
    known = median(_time_of_check(row.password_hash) for _ in range(7))
    unknown = median(_time_of_check(None) for _ in range(7))
    assert 0.5 < unknown / known < 2


def _time_of_check(password_hash: str | None) -> float:
    started = time.perf_counter()
    assert not passwords.is_right(password_hash, "wrong password")
    return time.perf_counter() - started
