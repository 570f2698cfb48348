"""Who asks: from the cookie of a session, a bearer token, or a Basic password.

Notebooks send ``Authorization: Bearer gt_…``; QGIS and GDAL can send only Basic, with
the token as the password of the account's login. Both are refused with 401 when
they are wrong. A cookie that no longer counts makes a visitor: the page says so.
"""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256

import asyncpg
from starlette.requests import Request

from gis_service import occasion
from gis_service.access import budget, recent
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.errors import NotSignedInError

COOKIE = "gis_session"
TOKEN_PREFIX = "gt_"  # noqa: S105 - the mark of a token, none itself

_ACCOUNT = """
    account.id, account.login, account.name, account.role, account.branches,
    account.department
"""
_SESSION = f"""
    SELECT {_ACCOUNT},
        extract(epoch FROM least(
            session.expires_at,
            session.seen_at + make_interval(hours => session.idle_hours)
        ) - now())::double precision AS valid_s,
        session.seen_at < now() - interval '1 minute' AS is_seen_long_ago
    FROM access.sessions AS session
    INNER JOIN access.accounts AS account ON session.account_id = account.id
    WHERE session.token_hash = $1 AND account.disabled_at IS NULL
"""  # noqa: S608 - columns named above
_TOKEN = f"""
    SELECT {_ACCOUNT},
        extract(epoch FROM token.expires_at - now())::double precision AS valid_s
    FROM access.tokens AS token
    INNER JOIN access.accounts AS account ON token.account_id = account.id
    WHERE token.token_hash = $1 AND account.disabled_at IS NULL
        AND account.login = coalesce($2, account.login)
"""  # noqa: S608 - columns named above
_SEEN = "UPDATE access.sessions SET seen_at = now() WHERE token_hash = $1"


class WrongCredentialsError(NotSignedInError):
    """The token shown is unknown, expired, or of another login."""

    code = "wrong_credentials"
    title = "令牌无效 (credentials not accepted)"


async def reader_of(
    pool: asyncpg.Pool, headers: Mapping[str, str], cookies: Mapping[str, str]
) -> Reader:
    """Return who asks.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    headers, cookies
        Of the request; names of headers in lower case.

    Raises
    ------
    WrongCredentialsError
        When an ``Authorization`` header is there and does not count.
    """
    shown = headers.get("authorization")
    if shown is not None:
        return await _token_holder(pool, *_token_and_login(shown))
    cookie = cookies.get(COOKIE)
    if not cookie:
        return VISITOR
    return await _session_holder(pool, hashed(cookie)) or VISITOR


async def current_reader(request: Request) -> Reader:
    """Return who asks: the dependency of routes."""
    pool = request.app.state.pool
    reader = await reader_of(pool, request.headers, request.cookies)
    occasion.name_actor(reader.login, reader.role, budget.meter(pool, reader))
    return reader


def hashed(secret: str) -> bytes:
    """Return what is stored of a session id or token: it cannot be shown again."""
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()


async def _session_holder(pool: asyncpg.Pool, key: bytes) -> Reader | None:
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
    reader = _reader(row)
    memory.put((key, None), reader, row["valid_s"], asked_at)
    return reader


async def _token_holder(pool: asyncpg.Pool, token: str, login: str | None) -> Reader:
    memory = recent.of(pool)
    key = hashed(token)
    if (known := memory.get((key, login))) is not None:
        return known
    asked_at = memory.generation
    async with reading(pool) as connection:
        row = await connection.fetchrow(_TOKEN, key, login)
    if row is None or row["valid_s"] <= 0:
        raise _refusal()
    reader = _reader(row)
    memory.put((key, login), reader, row["valid_s"], asked_at)
    return reader


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


def _reader(row: asyncpg.Record) -> Reader:
    return Reader(
        account_id=row["id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        scope=Scope(tuple(row["branches"])),
        department=row["department"],
    )
