"""Sessions: a browser signed in, known by a cookie the database holds the hash of."""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from gis_service.access import trail
from gis_service.access.models import Session
from gis_service.access.place import Place
from gis_service.access.reader import Reader
from gis_service.access.signing_in import hashed
from gis_service.errors import NotFoundError
from gis_service.settings import Settings

SECRET_BYTES = 32


def open_one(
    connection: Connection,
    reader: Reader,
    place: Place,
    settings: Settings,
    *,
    has_second_factor: bool,
) -> str:
    """Open a session of an account and return what goes into the cookie."""
    secret = token_urlsafe(SECRET_BYTES)
    lifetime = func.make_interval(0, 0, 0, 0, settings.session_absolute_hours)
    values = {
        "token_hash": hashed(secret),
        "account_id": reader.account_id,
        "expires_at": func.now() + lifetime,
        "idle_hours": settings.session_idle_hours,
        "address": place.address,
        "agent": place.agent,
        "has_second_factor": has_second_factor,
    }
    connection.execute(insert(Session).values(values))
    stale = (Session.account_id == reader.account_id, Session.expires_at < func.now())
    connection.execute(delete(Session).where(*stale))
    return secret


def listed(connection: Connection, account_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the sessions of an account that still count, the latest seen first."""
    idle = func.make_interval(0, 0, 0, 0, Session.idle_hours)
    columns = select(
        Session.id, Session.created_at, Session.seen_at, Session.address, Session.agent
    ).where(
        Session.account_id == account_id,
        Session.expires_at > func.now(),
        Session.seen_at + idle > func.now(),
    )
    return connection.execute(columns.order_by(Session.seen_at.desc())).all()


def renew(
    connection: Connection, session_id: int, *, has_second_factor: bool | None = None
) -> str:
    """Give a session another secret: whoever knew the old one is out.

    The secret changes whenever the session comes to mean more or less.
    """
    secret = token_urlsafe(SECRET_BYTES)
    values: dict[str, object] = {"token_hash": hashed(secret)}
    if has_second_factor is not None:
        values["has_second_factor"] = has_second_factor
    connection.execute(update(Session).where(Session.id == session_id).values(values))
    return secret


def close(connection: Connection, secret: str) -> bool:
    """End the session of a cookie, and tell whether it was there."""
    own = delete(Session).where(Session.token_hash == hashed(secret))
    return connection.execute(own).rowcount == 1


def close_own(connection: Connection, reader: Reader, session_id: int) -> None:
    """End one session of the reader's account.

    Raises
    ------
    NotFoundError
        When the reader has none of this number.
    """
    own = (Session.id == session_id, Session.account_id == reader.account_id)
    if connection.execute(delete(Session).where(*own)).rowcount == 0:
        message = "没有这个会话 (there is no such session)"
        raise NotFoundError(message)
    facts = {"session": session_id}
    trail.record(connection, reader, "ended_session", facts=facts)


def close_others(connection: Connection, account_id: int, session_id: int) -> None:
    """End all sessions of an account but one."""
    others = (Session.account_id == account_id, Session.id != session_id)
    connection.execute(delete(Session).where(*others))


def close_all(connection: Connection, reader: Reader) -> int:
    """End all sessions of an account and return how many there were."""
    ended = delete(Session).where(Session.account_id == reader.account_id)
    count = connection.execute(ended).rowcount
    facts = {"sessions": count}
    trail.record(connection, reader, "signed_out_everywhere", facts=facts)
    return count
