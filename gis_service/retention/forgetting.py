"""Forgetting what the rules of retention no longer allow to be kept."""

from datetime import datetime

from sqlalchemy import Connection, text

from gis_service.access import trail
from gis_service.access.county_day import HERE
from gis_service.access.reader import COMMAND_LINE
from gis_service.intake.retention import forget_old_changes
from gis_service.retention.rules import Rule, rules

LOCK = 4_313_220_002
"""The lock by which one process at a time forgets."""

# What an import kept of a resident goes with the resident, or an undo would bring
# back whom the law wants gone.
_FORGET = {
    "sign_in_attempts": "DELETE FROM access.sign_in_attempts WHERE at < :before",
    "sessions": (
        "DELETE FROM access.sessions WHERE least("
        "expires_at, seen_at + make_interval(hours => idle_hours)) < :before"
    ),
    "tokens": "DELETE FROM access.tokens WHERE expires_at < :before",
    "reveals": "DELETE FROM people.reveals WHERE at < :before",
    "alerts": "DELETE FROM access.alerts WHERE seen_at < :before",
    "residents": """
        WITH gone AS (
            DELETE FROM people.residents WHERE retention_until < :day RETURNING id
        ), forgotten AS (
            DELETE FROM intake.changes
            WHERE table_name = 'people.residents' AND row_id IN (SELECT id FROM gone)
        )
        SELECT id FROM gone
    """,
}


def forget(connection: Connection, now: datetime) -> dict[str, int]:
    """Follow every rule and write one line on the trail.

    Returns
    -------
    dict
        How many rows each rule forgot, by its ``what``.
    """
    lock = text("SELECT pg_advisory_xact_lock(:lock)")
    connection.execute(lock, {"lock": LOCK})
    done = {
        rule.what: _follow(connection, rule, now)
        for rule in rules()
        if rule.days is not None
    }
    trail.record(connection, COMMAND_LINE, "retained", facts=done)
    return done


def forget_once_a_day(connection: Connection, now: datetime) -> dict[str, int] | None:
    """Forget unless another process does or somebody did on this day of the county.

    Returns
    -------
    dict or None
        As ``forget``; None when there was nothing to do here.
    """
    lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
    if not connection.execute(lock, {"lock": LOCK}).scalar_one():
        return None
    midnight = now.astimezone(HERE).replace(hour=0, minute=0, second=0, microsecond=0)
    query = text(
        "SELECT 1 FROM access.trail WHERE act = 'retained' AND at >= :midnight"
    )
    if connection.execute(query, {"midnight": midnight}).first() is not None:
        return None
    return forget(connection, now)


def _follow(connection: Connection, rule: Rule, now: datetime) -> int:
    if rule.what == "intake_changes":
        return forget_old_changes(connection, now)
    values = {"before": rule.before(now), "day": now.astimezone(HERE).date()}
    query = text(_FORGET[rule.what])
    named = {name: values[name] for name in query.compile().params}
    return connection.execute(query, named).rowcount
