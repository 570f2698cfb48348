"""What looking at one part of the installation gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One part looked at: is it well, what was seen, and what to do if not.

    ``is_advice``: it is well, and could be better.
    """

    name: str
    ok: bool
    says: str
    do: str = ""
    is_advice: bool = False
