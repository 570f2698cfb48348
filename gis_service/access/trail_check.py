"""Whether the trail is whole: each line's hash worked out anew, outside the database.

A line changed, taken out, put in or moved breaks the chain at that place. Whoever
rewrites everything from there on, or cuts the end off, is found by a head noted
earlier: ``gis-grid trail check`` prints it, and takes it as ``--head``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, text

START = bytes(32)
"""What stands for the hash before the first line."""

ROWS_AT_ONCE = 5000

# The parts are those of access.trail_text, migration 0021.
_LINKS = text("""
    SELECT link.number, link.line_id, link.hash, line.id IS NOT NULL AS is_there, ARRAY[
        link.number::text, line.id::text,
        (extract(epoch FROM line.at) * 1000000)::bigint::text,
        line.account_id::text, line.actor, line.role, line.act, line.subject,
        line.reason, line.address, line.request_id, line.facts::text
    ] AS parts
    FROM access.trail_links AS link
    LEFT JOIN access.trail AS line ON line.id = link.line_id
    WHERE link.number > :after
    ORDER BY link.number
""")
_BEFORE = text("""
    SELECT number, hash FROM access.trail_links
    WHERE number <= (SELECT max(number) FROM access.trail_links) - :last
    ORDER BY number DESC LIMIT 1
""")
_UNCHAINED = text("""
    SELECT min(line.id) FROM access.trail AS line
    WHERE line.id >= :first AND NOT EXISTS (
        SELECT FROM access.trail_links AS link WHERE link.line_id = line.id
    )
""")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    is_whole
        Whether every line looked at is as it was written.
    lines
        How many were looked at.
    first_broken
        Number of the first line that is not, or of the link that lacks its line.
    head
        Place and hash of the last link, such as ``1200:9f86…``, to be noted elsewhere.
    checked_at
        When.
    """

    is_whole: bool
    lines: int
    first_broken: int | None
    head: str
    checked_at: datetime


def check(
    connection: Connection, *, last: int | None = None, head: str | None = None
) -> Verdict:
    """Work the chain out anew, a few thousand lines at a time.

    Parameters
    ----------
    connection
        Best in a transaction that sees one state of the database.
    last
        Look at so many of the newest lines only.
    head
        A head noted earlier; the chain must still pass through it.
    """
    number, before = _start(connection, last)
    start, first_line, broken = number, None, None
    noted = _noted(head)
    for link in _links(connection, number):
        first_line = link.line_id if first_line is None else first_line
        number += 1
        is_right = link.number == number and link.is_there
        before = hashed(before, link.parts)
        is_noted = noted.pop(number, before.hex()) == before.hex()
        if not (is_right and is_noted and before == bytes(link.hash)):
            broken = link.line_id
            break
    if broken is None:
        # The end was cut off, before what was noted; or lines have lost their links.
        is_cut = any(place > start for place in noted)
        lost = connection.execute(_UNCHAINED, {"first": first_line or 0}).scalar()
        broken = lost if lost is not None else number + 1 if is_cut else None
    now = datetime.now(UTC)
    looked_at = number - start
    return Verdict(broken is None, looked_at, broken, f"{number}:{before.hex()}", now)


def hashed(before: bytes, parts: Sequence[str | None]) -> bytes:
    """Return the hash of a line from the hash before it and the line's parts."""
    written = ",".join(
        "-" if part is None else f"{len(part.encode())}:{part}" for part in parts
    )
    return sha256(before + written.encode()).digest()


def _start(connection: Connection, last: int | None) -> tuple[int, bytes]:
    if last is None:
        return 0, START
    row = connection.execute(_BEFORE, {"last": last}).one_or_none()
    return (0, START) if row is None else (row.number, bytes(row.hash))


def _noted(head: str | None) -> dict[int, str]:
    if head is None:
        return {}
    number, _, digest = head.partition(":")
    return {int(number): digest}


def _links(connection: Connection, after: int) -> Iterator[Row[*tuple[Any, ...]]]:
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
    with connection.execute(
        _LINKS, {"after": after}, execution_options=options
    ) as found:
        yield from found
