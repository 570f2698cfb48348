"""Where a browser is: its address, and what it says of itself, shortened."""

from dataclasses import dataclass

from starlette.requests import Request
from ua_parser import parse

LONGEST_HEADER = 400
LONGEST_PART = 40


@dataclass(frozen=True, slots=True)
class Place:
    """The address a request came from, and the browser and system it named."""

    address: str
    agent: str | None = None


def place_of(request: Request) -> Place:
    """Return where a request came from; proxies count as ``serve`` was told."""
    address = request.client.host if request.client else ""
    return Place(address, shortened(request.headers.get("user-agent", "")))


def shortened(agent: str) -> str | None:
    """Return the browser and system of a ``User-Agent`` header, without versions.

    A version and build would tell one person's device from another's.
    """
    found = parse(agent[:LONGEST_HEADER])
    parts = [part.family for part in (found.user_agent, found.os) if part is not None]
    return " · ".join(part[:LONGEST_PART] for part in parts) or None
