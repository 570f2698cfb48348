"""Alerts (告警): what the auditor should look at soon; one per kind, actor and day."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Connection, Row, select, text, update

from gis_service.access.county_day import today
from gis_service.access.reader import Reader
from gis_service.access.trail_models import Alert
from gis_service.errors import NotFoundError

KINDS: dict[str, tuple[str, str]] = {
    "budget_nearly_spent": ("当日读取行数将满", "daily budget of rows nearly spent"),
    "budget_spent": ("当日读取行数已满", "daily budget of rows spent"),
    "reveal_limit": ("查看原文次数已满", "limit of reveals reached"),
    "locked_out": ("登录失败过多已暂停", "sign-in paused after wrong passwords"),
    "broken_chain": ("日志链断裂", "the chain of the trail is broken"),
}
"""Kinds of alerts with their Chinese and English titles."""

MOST_SHOWN = 500

_RAISE = """
    INSERT INTO access.alerts (on_day, kind, actor, facts)
    VALUES ({}, {}, {}, CAST({} AS jsonb))
    ON CONFLICT DO NOTHING
"""
_BY_NAME = text(_RAISE.format(":on_day", ":kind", ":actor", ":facts"))
_BY_POSITION = _RAISE.format("$1", "$2", "$3", "$4")


def raise_alert(
    connection: Connection,
    kind: str,
    actor: Reader | str,
    *,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Raise an alert, unless there is one of this kind, actor and day.

    Parameters
    ----------
    connection
        In a transaction that will be committed: an alert about something refused
        needs one of its own.
    kind
        A key of ``KINDS``.
    actor
        Whom it is about.
    facts
        Numbers and words, never a personal value.
    """
    values = _values(kind, actor, facts)
    names = ("on_day", "kind", "actor", "facts")
    connection.execute(_BY_NAME, dict(zip(names, values, strict=True)))


async def raise_alert_reading(
    connection: asyncpg.Connection,
    kind: str,
    actor: Reader | str,
    *,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Raise an alert from the asynchronous side; the same as ``raise_alert``."""
    await connection.execute(_BY_POSITION, *_values(kind, actor, facts))


def listed(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the alerts not seen yet, then those that were, the newest first."""
    newest = select(Alert.__table__).order_by(
        Alert.seen_at.is_not(None), Alert.id.desc()
    )
    return connection.execute(newest.limit(MOST_SHOWN)).all()


def mark_seen(connection: Connection, number: int, by: Reader) -> str:
    """Note who has looked at an alert first, and return its kind.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    seen = update(Alert).where(Alert.id == number, Alert.seen_at.is_(None))
    marked = seen.values(seen_at=text("now()"), seen_by=by.login).returning(Alert.kind)
    kind = connection.execute(marked).scalar_one_or_none()
    if kind is None:
        message = "没有这条告警，或已有人查看 (no such alert, or seen already)"
        raise NotFoundError(message)
    return str(kind)


def _values(
    kind: str, actor: Reader | str, facts: Mapping[str, Any] | None
) -> tuple[object, ...]:
    name = actor if isinstance(actor, str) else actor.login or actor.name
    words = json.dumps(dict(facts or {}), ensure_ascii=False)
    if kind not in KINDS:
        message = f"no such kind of alert: {kind}"
        raise KeyError(message)
    return today(), kind, name, words
