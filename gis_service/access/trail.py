"""The trail (日志): who did what, to what, why; written with the act itself.

Lines are only ever added; the database refuses everything else (migration 0013) and
chains them when they are committed (0021). Every act has a title in ``acts.py``.
Facts never hold a personal value: no name, number, phone or address of a resident.
"""

import json
from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import Connection, insert

from gis_service import occasion
from gis_service.access.reader import Reader
from gis_service.access.trail_models import Trail
from gis_service.database import reading

_ADD = """
    INSERT INTO access.trail (
        account_id, actor, role, act, subject, reason, facts, address, request_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9)
"""


def record(  # noqa: PLR0913 - a line of the trail has these six parts
    connection: Connection,
    reader: Reader,
    act: str,
    subject: str | None = None,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add a line in the transaction of the act, so that there is neither alone.

    Parameters
    ----------
    connection
        In the transaction of the act.
    reader
        Who does it.
    act
        A verb in the past: ``signed_in``, ``exported``, ``changed_account``.
    subject
        What it is done to, such as ``account officer`` or ``layer parcels``.
    reason
        Why, in the words of whoever does it (事由).
    facts
        Numbers and words that let an auditor understand the line.
    """
    now = occasion.current()
    line = insert(Trail).values(
        account_id=reader.account_id,
        actor=reader.login or reader.name,
        role=reader.role,
        act=act,
        subject=subject,
        reason=reason,
        facts=dict(facts or {}),
        address=now.address,
        request_id=now.request_id,
    )
    # Roles that write may not read the trail, not even the number just given.
    connection.execute(line.inline())


async def record_reading(  # noqa: PLR0913 - the same six parts
    pool: asyncpg.Pool,
    reader: Reader,
    act: str,
    subject: str | None = None,
    *,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add a line about something read, such as an export, before it is answered."""
    words = json.dumps(dict(facts or {}), ensure_ascii=False)
    actor = reader.login or reader.name
    now = occasion.current()
    who = (reader.account_id, actor, reader.role)
    what = (act, subject, reason, words)
    async with reading(pool) as connection:
        await connection.execute(_ADD, *who, *what, now.address, now.request_id)
