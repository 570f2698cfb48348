"""The lines an intake and its undoing leave on the trail, in their transaction."""

from sqlalchemy import Connection

from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.intake.batches import Undone
from gis_service.intake.outcome import BatchReport


def leave(connection: Connection, done: BatchReport) -> None:
    """Record an intake, unless it was a trial or its files were in already."""
    # Names of files are left out: people name them after people.
    kept = [one for one in done.files if one.batch_id is not None]
    if not (done.is_stored and kept):
        return
    facts = {
        "batches": [one.batch_id for one in kept],
        "sha256": [one.sha256 for one in kept],
        "new": sum(one.merged.new for one in kept),
        "changed": sum(one.merged.changed for one in kept),
        "refused": done.refused,
    }
    trail.record(connection, COMMAND_LINE, "imported", done.what, facts=facts)


def leave_undone(connection: Connection, undone: Undone) -> None:
    """Record that a batch was taken back."""
    facts = {"removed": undone.removed, "restored": undone.restored}
    subject = f"batch {undone.batch_id}"
    trail.record(connection, COMMAND_LINE, "undid_import", subject, facts=facts)
