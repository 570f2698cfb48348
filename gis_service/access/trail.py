"""The trail (日志): who did what, to what, why; written with the act itself.

Lines are only ever added; the database refuses everything else (migration 0013).
Facts never hold a personal value: no name, number, phone or address of a resident.
"""

import json
from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import Connection, insert

from gis_service.access.models import Trail
from gis_service.access.reader import Reader
from gis_service.database import reading

_ADD = """
    INSERT INTO access.trail (account_id, actor, act, subject, reason, facts)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb)
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
    line = insert(Trail).values(
        account_id=reader.account_id,
        actor=reader.login or reader.name,
        act=act,
        subject=subject,
        reason=reason,
        facts=dict(facts or {}),
    )
    connection.execute(line)


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
    async with reading(pool) as connection:
        await connection.execute(
            _ADD, reader.account_id, actor, act, subject, reason, words
        )
