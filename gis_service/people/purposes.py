"""What a reveal may be for (用途), and the reason in words that must go with it."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gis_service import free_text
from gis_service.errors import ReasonWantedError

SHORTEST_REASON, LONGEST_REASON = 4, 200


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a reveal may be for (用途)."""

    id: str
    title: str
    title_en: str


@cache
def purposes() -> dict[str, Purpose]:
    """Return the purposes there are, by their id."""
    with (
        files("gis_service.people")
        .joinpath("purposes.csv")
        .open(encoding="utf-8") as lines
    ):
        return {line["id"]: Purpose(**line) for line in csv.DictReader(lines)}


def checked_reason(purpose: str | None, reason: str | None) -> str:
    """Return the reason as it goes on the trail, numbers of persons masked in it.

    Raises
    ------
    ReasonWantedError
        When the purpose is not of the list, or the reason says too little or too much.
    """
    words = (reason or "").strip()
    if purpose not in purposes():
        message = "请从列表中选择用途 (choose a purpose of the list)"
        raise ReasonWantedError(message, purposes=list(purposes()))
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON or "\0" in words:
        message = (
            f"请用{SHORTEST_REASON}至{LONGEST_REASON}字说明事由 "
            f"(give the reason in {SHORTEST_REASON} to {LONGEST_REASON} characters)"
        )
        raise ReasonWantedError(message)
    return free_text.masked(words)
