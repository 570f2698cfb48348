"""Lock-outs: what is told when wrong tries used up all that somebody had.

Each wrong try is counted among the attempts, for a day. Only the one after which
nobody may try any more stands on the trail and raises an alert, once per lock: a
stranger at the door writes no endless trail.
"""

from sqlalchemy import Connection

from gis_service.access import alerts, trail
from gis_service.access.attempts import Try
from gis_service.access.reader import VISITOR
from gis_service.access.throttling import Begun


def note(
    connection: Connection, attempt: Try, begun: Begun, *, is_known: bool = True
) -> None:
    """Tell of the lock when the try just begun was the last, and wrong.

    Parameters
    ----------
    connection
        In a transaction that will be committed though the try is refused.
    attempt, begun
        The try, and how many are left after it.
    is_known
        Whether an account has this login.
    """
    address = attempt.place.address
    if begun.left == 0:
        # What was typed as an unknown login may be a password: it is not written down.
        subject = f"account {attempt.login}" if is_known else "unknown account"
        _tell(connection, subject, attempt.login if is_known else address, address)
    if begun.left_here == 0:
        _tell(connection, f"address {address}", address, address)


def _tell(connection: Connection, subject: str, about: str, address: str) -> None:
    facts = {"address": address}
    trail.record(connection, VISITOR, "locked_out", subject, facts=facts)
    alerts.raise_alert(connection, "locked_out", about, facts=facts)
