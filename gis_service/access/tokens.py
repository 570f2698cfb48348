"""Personal access tokens: how notebooks, QGIS and GDAL sign in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from gis_service.access import trail
from gis_service.access.models import Token
from gis_service.access.reader import COMMAND_LINE, Reader
from gis_service.access.signing_in import TOKEN_PREFIX, hashed
from gis_service.access.token_scopes import READ_LAYERS, completed
from gis_service.errors import ConflictError, NotFoundError

SECRET_BYTES = 32
LONGEST_DAYS = 366
MOST_PER_ACCOUNT = 20


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: the only time its secret is seen."""

    id: int
    secret: str
    expires_at: datetime
    scopes: list[str]


def add(  # noqa: PLR0913 - whose, what for, how long, by whom
    connection: Connection,
    account_id: int,
    name: str,
    days: int,
    by: Reader = COMMAND_LINE,
    *,
    scopes: Iterable[str] = (READ_LAYERS,),
) -> NewToken:
    """Make a token of an account, valid for some days.

    Raises
    ------
    ConflictError, NoScopeError
        When the account has too many already, or there are no such scopes.
    """
    count = select(func.count()).where(Token.account_id == account_id)
    if connection.execute(count).scalar_one() >= MOST_PER_ACCOUNT:
        message = f"每个账号最多{MOST_PER_ACCOUNT}个令牌，请先删除 (delete one first)"
        raise ConflictError(message)
    kept = completed(scopes)
    secret = TOKEN_PREFIX + token_urlsafe(SECRET_BYTES)
    values = {
        "account_id": account_id,
        "name": name,
        "token_hash": hashed(secret),
        "scopes": kept,
        "expires_at": func.now() + func.make_interval(0, 0, 0, days),
    }
    made = insert(Token).values(values).returning(Token.id, Token.expires_at)
    row = connection.execute(made).one()
    facts = {"token": row.id, "name": name, "days": days, "scopes": kept}
    trail.record(connection, by, "added_token", f"account {account_id}", facts=facts)
    return NewToken(row.id, secret, row.expires_at, kept)


def listed(connection: Connection, account_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the tokens of an account, without what would let anybody use them."""
    columns = select(
        Token.id,
        Token.name,
        Token.created_at,
        Token.expires_at,
        Token.scopes,
        Token.used_at,
    )
    own = columns.where(Token.account_id == account_id).order_by(Token.id)
    return connection.execute(own).all()


def remove(connection: Connection, reader: Reader, token_id: int) -> None:
    """Make a token of the reader's own account worthless.

    Raises
    ------
    NotFoundError
        When the reader has none of this number.
    """
    own = (Token.id == token_id, Token.account_id == reader.account_id)
    if connection.execute(delete(Token).where(*own)).rowcount == 0:
        message = "没有这个令牌 (there is no such token)"
        raise NotFoundError(message)
    facts = {"token": token_id}
    subject = f"account {reader.login}"
    trail.record(connection, reader, "removed_token", subject, facts=facts)
