"""The occasion on which something is done: which request, and from where.

Kept for the time of a request, so that whatever is written about it on the way, the
trail, the log and the answer, names the same request.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Meter(Protocol):
    """Counts the rows about people that whoever asks is given."""

    async def check(self) -> None:
        """Raise an error when no more may be given."""

    def add(self, rows: int) -> None:
        """Count rows that were given."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A request or a command.

    Parameters
    ----------
    request_id
        Its number, None outside of requests.
    address
        Where it came from, if from afar.
    actor, role
        Who asks, once that is known.
    meter
        What counts the rows about people; None where nobody counts.
    """

    request_id: str | None = None
    address: str | None = None
    actor: str | None = None
    role: str | None = None
    meter: Meter | None = None


_NO_REQUEST = Occasion()
_current: ContextVar[Occasion] = ContextVar("occasion", default=_NO_REQUEST)


def current() -> Occasion:
    """Return the occasion on which this code runs; an empty one outside of any."""
    return _current.get()


def begin(request_id: str | None, address: str | None) -> Occasion:
    """Begin an occasion; a request that brings no fit number is given one."""
    is_fit = request_id is not None and REQUEST_ID.fullmatch(request_id)
    occasion = Occasion(request_id if is_fit else uuid4().hex, address)
    _current.set(occasion)
    return occasion


def name_actor(actor: str | None, role: str, meter: Meter | None = None) -> None:
    """Note who asks, for what is written down when the request is answered."""
    _current.set(replace(_current.get(), actor=actor, role=role, meter=meter))


async def check_budget() -> None:
    """Go on only if whoever asks may still be given rows about people."""
    meter = _current.get().meter
    if meter is not None:
        await meter.check()


def count_rows(rows: int) -> None:
    """Count rows about people that are given to whoever asks; from any thread."""
    meter = _current.get().meter
    if meter is not None:
        meter.add(rows)
