"""The flow of matters as a table: in which state who may do what, and what follows.

The table is ``flow.csv`` beside this file. It follows GB/T 30428.8 and what counties
added to it: 即办即结, 吹哨报到, 挂账, 强制结案. Whatever is not in it cannot happen.
"""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from gis_service.access.reader import Reader
from gis_service.matters.clocks import Limit

LEVELS = ("cell", "village", "township", "county")
"""Levels at which a matter is handled, from below."""

_DIGITS = {"cell": 15, "village": 12, "township": 9, "county": 6}

SAME = "="
"""In the column ``to_state``: the act leaves the state as it is."""


DEFAULT_LIMIT = Limit("work_day", 3)
"""Limit of a matter whose class is not in the list any more."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the table.

    Attributes
    ----------
    states
        States in which it is possible; none for the report, which begins a matter.
    is_for_assignee
        Only the department or person it was assigned to may do it.
    is_by_level
        Only who answers for the level at which the matter is handled may do it.
    wants
        Fields that must come with it.
    """

    name: str
    title: str
    title_en: str
    states: frozenset[str]
    to_state: str
    roles: frozenset[str]
    is_for_assignee: bool
    is_by_level: bool
    wants: tuple[str, ...]

    def state_after(self, state: str) -> str:
        """Return the state an act leads to."""
        return state if self.to_state == SAME else self.to_state


@dataclass(frozen=True, slots=True)
class Situation:
    """How a matter stands: what decides who may act on it, and what follows.

    Attributes
    ----------
    limit
        Of the matter if it was fixed already, else of its class now.
    left_s
        Seconds left of the limit while the matter is suspended.
    """

    state: str
    level: str = "cell"
    department: str | None = None
    assignee_id: int | None = None
    reporter_id: int | None = None
    limit: Limit = DEFAULT_LIMIT
    due_at: datetime | None = None
    left_s: int | None = None
    closed_at: datetime | None = None
    rework_count: int = 0


@cache
def acts() -> dict[str, Act]:
    """Return the acts by name, in the order of the table."""
    path = files("gis_service.matters") / "flow.csv"
    with path.open(encoding="utf-8") as file:
        return {row["act"]: _act(row) for row in csv.DictReader(file)}


def refusal(act: Act, situation: Situation, reader: Reader) -> str | None:
    """Return why a reader may not act now, None when it is allowed.

    The reader's scope is not looked at: a matter outside it is not found at all.
    """
    if situation.state not in act.states:
        return "当前状态不能进行此操作 (not possible in this state)"
    if reader.role not in act.roles:
        return "您的角色不能进行此操作 (not for your role)"
    if act.is_for_assignee and not _is_assignee(situation, reader):
        return "只有承办单位或承办人可以操作 (only whom it was assigned to)"
    if act.is_by_level and not _reaches(reader, situation.level):
        return "事项在更高层级办理，请由该层级操作 (it is handled at a higher level)"
    if act.name == "void" and reader.account_id != situation.reporter_id:
        return "只有上报人可以撤销 (only its reporter may withdraw it)"
    return None


def level_above(level: str) -> str | None:
    """Return the next level, None above the county."""
    at = LEVELS.index(level) + 1
    return LEVELS[at] if at < len(LEVELS) else None


def _is_assignee(situation: Situation, reader: Reader) -> bool:
    if reader.role == "handler":
        return bool(reader.department) and reader.department == situation.department
    return situation.assignee_id == reader.account_id


def _reaches(reader: Reader, level: str) -> bool:
    widest = min((len(branch) for branch in reader.scope.branches), default=99)
    return widest <= _DIGITS[level]


def _act(row: dict[str, str]) -> Act:
    return Act(
        row["act"],
        row["title"],
        row["title_en"],
        frozenset(row["states"].split()),
        row["to_state"],
        frozenset(row["roles"].split()),
        row["is_for_assignee"] == "yes",
        row["is_by_level"] == "yes",
        tuple(row["wants"].split()),
    )
