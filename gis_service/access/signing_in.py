"""Who asks: from the cookie of a session, a bearer token, or a Basic password.

Notebooks send ``Authorization: Bearer gt_…``; QGIS and GDAL can send only Basic, with
the token as the password of the account's login. Both are refused with 401 when
they are wrong. A cookie that no longer counts makes a visitor: the page says so.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Literal

import asyncpg
from fastapi import Depends
from starlette.datastructures import State
from starlette.requests import Request

from gis_service import occasion
from gis_service.access import budget, recent
from gis_service.access.cookie import cookie_name
from gis_service.access.reader import NOBODY, Holder, Reader
from gis_service.access.scope import Scope
from gis_service.access.token_scopes import narrowed
from gis_service.database import reading
from gis_service.errors import NotSignedInError

TOKEN_PREFIX = "gt_"  # noqa: S105 - the mark of a token, none itself

_ACCOUNT = """
    account.id, account.login, account.name, account.role, account.branches,
    account.department, factor.confirmed_at IS NOT NULL AS is_enrolled
"""
_SESSION = f"""
    SELECT {_ACCOUNT},
        session.id AS session_id,
        account.needs_second_factor AND NOT session.has_second_factor AS must_enrol,
        extract(epoch FROM least(
            session.expires_at,
            session.seen_at + make_interval(hours => session.idle_hours)
        ) - now())::double precision AS valid_s,
        session.seen_at < now() - interval '1 minute' AS is_seen_long_ago
    FROM access.sessions AS session
    INNER JOIN access.accounts AS account ON session.account_id = account.id
    LEFT JOIN access.second_factors AS factor ON factor.account_id = account.id
    WHERE session.token_hash = $1 AND account.disabled_at IS NULL
"""  # noqa: S608 - columns named above
_TOKEN = f"""
    SELECT {_ACCOUNT},
        token.scopes,
        account.needs_second_factor AND factor.confirmed_at IS NULL AS must_enrol,
        extract(epoch FROM token.expires_at - now())::double precision AS valid_s,
        coalesce(token.used_at < now() - interval '10 minutes', true)
            AS is_used_long_ago
    FROM access.tokens AS token
    INNER JOIN access.accounts AS account ON token.account_id = account.id
    LEFT JOIN access.second_factors AS factor ON factor.account_id = account.id
    WHERE token.token_hash = $1 AND account.disabled_at IS NULL
        AND account.login = coalesce($2, account.login)
"""  # noqa: S608 - columns named above
_SEEN = "UPDATE access.sessions SET seen_at = now() WHERE token_hash = $1"
_USED = "UPDATE access.tokens SET used_at = now() WHERE token_hash = $1"


class WrongCredentialsError(NotSignedInError):
    """The token shown is unknown, expired, or of another login."""

    code = "wrong_credentials"
    title = "令牌无效 (credentials not accepted)"


async def holder_of(
    state: State, headers: Mapping[str, str], cookies: Mapping[str, str]
) -> Holder:
    """Return whose session or token was shown.

    Parameters
    ----------
    state
        Of the application: ``pool`` and ``settings`` are read from it.
    headers, cookies
        Of the request; names of headers in lower case.

    Raises
    ------
    WrongCredentialsError
        When an ``Authorization`` header is there and does not count.
    """
    shown = headers.get("authorization")
    if shown is not None:
        return await _token_holder(state.pool, *_token_and_login(shown))
    cookie = cookies.get(cookie_name(state.settings))
    if not cookie:
        return NOBODY
    return await _session_holder(state.pool, hashed(cookie)) or NOBODY


async def reader_of(
    state: State, headers: Mapping[str, str], cookies: Mapping[str, str]
) -> Reader:
    """Return who asks, as everything but the sign-in itself sees the person."""
    return (await holder_of(state, headers, cookies)).reader


async def current_holder(request: Request) -> Holder:
    """Return whose session or token was shown: for the routes of the sign-in."""
    return await holder_of(request.app.state, request.headers, request.cookies)


async def current_reader(
    request: Request,
    holder: Annotated[Holder, Depends(current_holder)],
) -> Reader:
    """Return who asks: the dependency of routes."""
    reader = holder.reader
    pool = request.app.state.pool
    occasion.name_actor(reader.login, reader.role, budget.meter(pool, reader))
    return reader


def hashed(secret: str) -> bytes:
    """Return what is stored of a session id or token: it cannot be shown again."""
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()


async def _session_holder(pool: asyncpg.Pool, key: bytes) -> Holder | None:
    memory = recent.of(pool)
    if (known := memory.get((key, None))) is not None:
        return known
    asked_at = memory.generation
    async with reading(pool) as connection:
        row = await connection.fetchrow(_SESSION, key)
        if row is None or row["valid_s"] <= 0:
            return None
        if row["is_seen_long_ago"]:
            await connection.execute(_SEEN, key)
    holder = Holder(_reader(row), row["session_id"], _second_factor(row))
    memory.put((key, None), holder, row["valid_s"], asked_at)
    return holder


async def _token_holder(pool: asyncpg.Pool, token: str, login: str | None) -> Holder:
    memory = recent.of(pool)
    key = hashed(token)
    if (known := memory.get((key, login))) is not None:
        return known
    asked_at = memory.generation
    async with reading(pool) as connection:
        row = await connection.fetchrow(_TOKEN, key, login)
        if row is None or row["valid_s"] <= 0:
            raise _refusal()
        if row["must_enrol"]:
            message = "账号须先在网页启用二次验证 (enrol a second factor first)"
            raise WrongCredentialsError(message)
        if row["is_used_long_ago"]:
            await connection.execute(_USED, key)
    account = replace(_reader(row), token_scopes=frozenset(row["scopes"]))
    holder = Holder(narrowed(account), None, _second_factor(row))
    memory.put((key, login), holder, row["valid_s"], asked_at)
    return holder


def _token_and_login(shown: str) -> tuple[str, str | None]:
    """Return the token of an ``Authorization`` header and the login beside it."""
    scheme, _, value = shown.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value.startswith(TOKEN_PREFIX):
        return value, None
    if scheme.lower() != "basic":
        raise _refusal()
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _refusal() from error
    login, _, token = pair.partition(":")
    # A NUL is no character of any login, and the database would not take it.
    if not token.startswith(TOKEN_PREFIX) or "\0" in login:
        raise _refusal()
    return token, login.strip().lower()


def _refusal() -> WrongCredentialsError:
    message = "访问令牌不正确或已失效，请新建一个 (token wrong or expired)"
    return WrongCredentialsError(message)


def _second_factor(row: asyncpg.Record) -> Literal["off", "on", "enrol"]:
    if row["must_enrol"]:
        return "enrol"
    return "on" if row["is_enrolled"] else "off"


def _reader(row: asyncpg.Record) -> Reader:
    return Reader(
        account_id=row["id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        scope=Scope(tuple(row["branches"])),
        department=row["department"],
    )
