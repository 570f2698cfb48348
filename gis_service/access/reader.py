"""The one who asks: what every reading function is told about the person."""

from dataclasses import dataclass, replace
from typing import Literal

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
    token_scopes
        What the token that was shown is for; None for a session, which is for all.
    """

    account_id: int | None
    login: str | None
    name: str
    role: str
    scope: Scope
    department: str | None
    token_scopes: frozenset[str] | None = None

    @property
    def is_signed_in(self) -> bool:
        """Tell whether there is an account behind the request."""
        return self.account_id is not None

    def as_visitor(self) -> "Reader":
        """Return the same person seeing what a visitor sees."""
        return replace(self, role="visitor", scope=Scope(()), department=None)


VISITOR = Reader(None, None, "访客", "visitor", Scope(()), None)
"""Whoever is not signed in."""

COMMAND_LINE = Reader(None, "gis-grid", "命令行", "administrator", Scope(()), None)
"""Whoever works on the machine itself; named so in the trail."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session or token was shown, and how far that one has come.

    Parameters
    ----------
    account
        The account as it is, whatever it may do yet.
    session_id
        The session, None for a token or nobody.
    second_factor
        ``on``, ``off``, or ``enrol``: it must have one and has not.
    """

    account: Reader
    session_id: int | None = None
    second_factor: Literal["off", "on", "enrol"] = "off"

    @property
    def reader(self) -> Reader:
        """Return the reader everything else sees: a visitor, before it has enrolled."""
        return VISITOR if self.second_factor == "enrol" else self.account


NOBODY = Holder(VISITOR)
"""The holder of nothing."""
