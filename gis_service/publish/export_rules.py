"""What an export must keep to: a reason for rows about people, and not too many."""

import re

from sqlalchemy import Connection

from gis_service import free_text
from gis_service.errors import ReasonWantedError
from gis_service.publish.catalog import Layer
from gis_service.publish.export_sheets import TooManyRowsError
from gis_service.publish.exports import Extract
from gis_service.publish.frames import number_of

LONGEST_REASON = 200
CODE_DIGITS = frozenset({6, 9, 12, 15})

_LITERAL = re.compile(r"'((?:[^']|'')*)'|\b\d{7,}\b")


def checked_reason(layer: Layer, reason: str | None) -> str | None:
    """Return the reason of an export, tidied, numbers of persons masked in it.

    None where none is needed or given.

    Raises
    ------
    ReasonWantedError
        When rows about people are to leave without one.
    """
    # Masked before it is cut: half a number is not known for one.
    words = free_text.masked(" ".join((reason or "").split()))[:LONGEST_REASON]
    if layer.protected and not words:
        message = (
            f"导出{layer.title}须填写事由，将记入日志 "
            "(say why: the reason goes on the trail; on the command line --reason)"
        )
        raise ReasonWantedError(message)
    return words or None


def refuse_too_many(connection: Connection, extract: Extract, limit: int) -> None:
    """Refuse an export of more rows than the limit, before any is written.

    Raises
    ------
    TooManyRowsError
        With how many there are.
    """
    rows = number_of(connection, extract.layer, extract.scope, extract.asked)
    if rows > limit:
        message = (
            f"共 {rows:,} 条，一次最多导出 {limit:,} 条，请用条件缩小范围 "
            "(more rows than one export may hold: narrow it with a filter)"
        )
        raise TooManyRowsError(message, rows=rows, limit=limit)


def without_values(where: str | None) -> str | None:
    """Return a filter as the trail may keep it: codes stay, other values do not."""
    return None if where is None else _LITERAL.sub(_kept, where)


def _kept(found: re.Match[str]) -> str:
    value = found[1] or ""
    is_code = value.isascii() and value.isdecimal() and len(value) in CODE_DIGITS
    return found[0] if is_code else "'…'"
