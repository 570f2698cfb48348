"""What a client is told: where the service is, and its token."""

from dataclasses import dataclass

from tests import village

BRANCHES = {"officer": village.FIRST_CELL, "supervisor": village.COUNTY}
"""Branch of each login; the logins are called as their roles."""


@dataclass(frozen=True)
class Served:
    """Where the service is, and a token per login."""

    address: str
    tokens: dict[str, str]

    @property
    def api(self) -> str:
        """Address of the landing page of the OGC API."""
        return f"{self.address}/api/ogc"
