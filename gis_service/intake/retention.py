"""How long it is kept what rows were before a batch changed them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from gis_service.intake.models import Batch, Change

KEPT_FOR = timedelta(days=90)
"""A quarter: the reports made of a file are checked by then. What rows were may be
personal, so that it is not kept for longer than somebody may want it back."""


def forget_old_changes(connection: Connection, now: datetime) -> int:
    """Forget what rows were before batches older than ``KEPT_FOR``.

    Such a batch cannot be undone any more.

    Returns
    -------
    int
        How many rows were forgotten.
    """
    old = select(Batch.id).where(Batch.at < now - KEPT_FOR)
    return connection.execute(delete(Change).where(Change.batch_id.in_(old))).rowcount


def is_past(at: datetime, now: datetime) -> bool:
    """Tell whether what rows were before a batch is forgotten, or soon will be."""
    return at < now - KEPT_FOR
