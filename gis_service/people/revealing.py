"""Reveals (查看原文): a name or number in full, for a purpose, on the trail first.

The line of the trail is written and committed in the transaction that reads the row;
only then is anything opened and answered. Whoever is killed in between has a line too
many, never one too few. The line holds who, whom and why, never the values.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from gis_service.access import trail
from gis_service.access.reader import Reader
from gis_service.database import enter_scope
from gis_service.errors import NotFoundError, TooManyRequestsError

_ROW = text("""
    SELECT name, id_number_sealed, phone_sealed FROM people.residents
    WHERE county_code = :county_code AND id = :id
        AND grid_code ^@ ANY(CAST(:branches AS text[]))
""")
_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('reveal', :account_id))"
)
# The oldest reveal that must have passed for the next to be allowed: the sixtieth
# before now for an hour of sixty.
_WAIT = text("""
    SELECT greatest(
        (SELECT at + interval '1 hour' FROM people.reveals
            WHERE account_id = :account_id
            ORDER BY at DESC OFFSET :per_hour - 1 LIMIT 1),
        (SELECT at + interval '1 day' FROM people.reveals
            WHERE account_id = :account_id
            ORDER BY at DESC OFFSET :per_day - 1 LIMIT 1)
    ) - clock_timestamp() AS wait
""")
_COUNT_IN = text("""
    INSERT INTO people.reveals (account_id, at) VALUES (:account_id, clock_timestamp())
    RETURNING at
""")


class RevealLimitError(TooManyRequestsError):
    """An account has revealed as much as it may for now."""

    code = "reveal_limit"
    title = "查看原文次数已达上限 (limit of reveals reached)"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many reveals an account may make."""

    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose values are wanted, which, and why."""

    county_code: str
    resident_id: int
    fields: tuple[str, ...]
    purpose: str
    reason: str


def reveal(
    engine: Engine, reader: Reader, wanted: Wanted, limits: Limits
) -> tuple[Row[Any], datetime]:
    """Return the row of a resident, still sealed, when the reveal is on the trail.

    Raises
    ------
    NotFoundError
        When there is no such resident in the reader's scope.
    RevealLimitError
        When the account has to wait.
    """
    with engine.begin() as connection:
        row = _row_in_scope(connection, reader, wanted)
        at = _counted(connection, reader, limits)
        trail.record(
            connection,
            reader,
            "revealed",
            f"resident {wanted.resident_id}",
            reason=wanted.reason,
            facts={"purpose": wanted.purpose, "fields": list(wanted.fields)},
        )
    return row, at


def _row_in_scope(connection: Connection, reader: Reader, wanted: Wanted) -> Row[Any]:
    enter_scope(connection, reader.scope)
    values = {
        "county_code": wanted.county_code,
        "id": wanted.resident_id,
        "branches": list(reader.scope.branches),
    }
    row = connection.execute(_ROW, values).one_or_none()
    if row is None:
        message = "没有这位居民 (there is no such resident)"
        raise NotFoundError(message)
    # The trail is written by the login itself, as every other line is.
    connection.execute(text("SET LOCAL ROLE NONE"))
    return row


def _counted(connection: Connection, reader: Reader, limits: Limits) -> datetime:
    account = {"account_id": reader.account_id}
    connection.execute(_ONE_AT_A_TIME, account)
    asked = {**account, "per_hour": limits.per_hour, "per_day": limits.per_day}
    wait = connection.execute(_WAIT, asked).scalar_one()
    if wait is not None and (seconds := ceil(wait.total_seconds())) > 0:
        message = (
            f"查看原文次数已达上限，请{ceil(seconds / 60)}分钟后再试 "
            f"(limit of reveals reached: try again in {ceil(seconds / 60)} min)"
        )
        raise RevealLimitError(message, retry_after_s=seconds)
    at: datetime = connection.execute(_COUNT_IN, account).scalar_one()
    return at
