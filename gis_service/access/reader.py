"""The one who asks: what every reading function is told about the person."""

from dataclasses import dataclass

from gis_service.access.scope import Scope


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who asks the service for something, signed in or not.

    Parameters
    ----------
    account_id, login
        The account, both None for a visitor.
    name
        What the page calls the person.
    role
        A key of ``roles.AUDIENCES``.
    scope
        The branches of the division tree open to the person.
    department
        Department of a handler, whose matters alone the handler sees.
    """

    account_id: int | None
    login: str | None
    name: str
    role: str
    scope: Scope
    department: str | None

    @property
    def is_signed_in(self) -> bool:
        """Tell whether there is an account behind the request."""
        return self.account_id is not None


VISITOR = Reader(None, None, "访客", "visitor", Scope(()), None)
"""Whoever is not signed in."""

COMMAND_LINE = Reader(None, "gis-grid", "命令行", "administrator", Scope(()), None)
"""Whoever works on the machine itself; named so in the trail."""
