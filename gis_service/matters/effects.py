"""What an act changes on a matter: its state, who handles it, its clocks.

Nothing here asks the database: what an act needs to know of it comes in a ``Moment``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gis_service.errors import UnprocessableError
from gis_service.matters import clocks
from gis_service.matters.due import WorkCalendar, due_at
from gis_service.matters.flow import Act, Situation, level_above

REOPEN_DAYS = 30
"""Days after the close in which a matter may be opened again."""

LONGEST_EXTENSION = timedelta(days=365)
CLOSED = frozenset({"closed", "self_closed", "rejected", "merged", "void", "archived"})

Change = dict[str, Any]
"""Columns of ``matters.matters`` and their new values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An act somebody wants to do.

    Attributes
    ----------
    version
        ``row_version`` of the matter as the actor saw it.
    receiver
        Department it is assigned to, or departments called by a whistle.
    assignee
        Login of the officer or lead it is assigned to, instead of a department.
    leader
        Who decided that it is closed by force.
    until
        More time, asked for or granted.
    lon, lat
        Where the actor stands, if known (EPSG:4490).
    """

    act: str
    version: int
    opinion: str | None = None
    receiver: str | None = None
    assignee: str | None = None
    leader: str | None = None
    duplicate_of: str | None = None
    until: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When an act is done, and what the database knows of its receiver."""

    now: datetime
    calendar: WorkCalendar
    assignee_id: int | None = None
    duplicate_id: int | None = None


class ImpossibleError(UnprocessableError):
    """What came with the act does not fit the matter."""

    code = "act_impossible"
    title = "内容与事项不符 (does not fit the matter)"


def change(act: Act, matter: Situation, wanted: Wanted, moment: Moment) -> Change:
    """Return the columns an act sets, without the version.

    Raises
    ------
    ImpossibleError
        When a moment or a level does not fit.
    """
    state = act.state_after(matter.state)
    result: Change = {"state": state}
    special = _SPECIAL.get(act.name)
    if special is not None:
        result |= special(matter, wanted, moment)
    if state in CLOSED:
        if matter.closed_at is None:
            result["closed_at"] = moment.now
        result |= {"stage_due_at": None, "asked_until": None}
    elif state != matter.state:
        due = result.get("due_at", matter.due_at)
        result["stage_due_at"] = _stage_due(state, due, moment)
    return result


def _stage_due(state: str, due: datetime | None, moment: Moment) -> datetime | None:
    stage = clocks.stage_of(state)
    if stage is None:
        return None
    if stage.limit is None:
        return due
    return due_at(moment.now, stage.limit.type, stage.limit.value, moment.calendar)


def _accept(_: Situation, __: Wanted, moment: Moment) -> Change:
    return {"accepted_at": moment.now}


def _assign(matter: Situation, wanted: Wanted, moment: Moment) -> Change:
    """Fix the limit of the class as it is now; later changes of it move nothing."""
    limit = matter.limit
    due = matter.due_at or due_at(moment.now, limit.type, limit.value, moment.calendar)
    receiver = None if moment.assignee_id else (wanted.receiver or "").strip()
    return {
        "department": receiver,
        "assignee_id": moment.assignee_id,
        "assigned_at": moment.now,
        "limit_type": limit.type,
        "limit_value": limit.value,
        "due_at": due,
    }


def _return(_: Situation, __: Wanted, ___: Moment) -> Change:
    return {"department": None, "assignee_id": None, "asked_until": None}


def _escalate(matter: Situation, _: Wanted, __: Moment) -> Change:
    above = level_above(matter.level)
    if above is None:
        message = "已在县级办理，不能再上交 (it is at the county already)"
        raise ImpossibleError(message)
    return {"level": above, "department": None, "assignee_id": None}


def _ask_time(matter: Situation, wanted: Wanted, moment: Moment) -> Change:
    return {"asked_until": _until(matter, wanted, moment)}


def _extend(matter: Situation, wanted: Wanted, moment: Moment) -> Change:
    until = _until(matter, wanted, moment)
    return {"due_at": until, "stage_due_at": until, "asked_until": None}


def _refuse_time(_: Situation, __: Wanted, ___: Moment) -> Change:
    return {"asked_until": None}


def _suspend(matter: Situation, _: Wanted, moment: Moment) -> Change:
    left = None
    if matter.due_at is not None:
        left = clocks.left_s(
            matter.limit.type, matter.due_at, moment.now, moment.calendar
        )
    return {"left_s": left, "due_at": None, "asked_until": None}


def _resume(matter: Situation, _: Wanted, moment: Moment) -> Change:
    if matter.left_s is None:
        limit = matter.limit
        due = due_at(moment.now, limit.type, limit.value, moment.calendar)
    else:
        due = clocks.resumed_due(
            matter.limit.type, matter.left_s, moment.now, moment.calendar
        )
    return {"left_s": None, "due_at": due}


def _answer(_: Situation, __: Wanted, moment: Moment) -> Change:
    return {"answered_at": moment.now, "asked_until": None}


def _rework(matter: Situation, _: Wanted, __: Moment) -> Change:
    return {"rework_count": matter.rework_count + 1, "answered_at": None}


def _merge(_: Situation, __: Wanted, moment: Moment) -> Change:
    return {"duplicate_of": moment.duplicate_id}


def _reopen(matter: Situation, _: Wanted, moment: Moment) -> Change:
    last = timedelta(days=REOPEN_DAYS)
    if matter.closed_at is not None and moment.now - matter.closed_at > last:
        message = f"结案超过{REOPEN_DAYS}天，请重新上报 (closed too long ago)"
        raise ImpossibleError(message)
    return {
        "closed_at": None,
        "duplicate_of": None,
        "department": None,
        "assignee_id": None,
        "limit_type": None,
        "limit_value": None,
        "due_at": None,
        "left_s": None,
    }


_SPECIAL: dict[str, Callable[[Situation, Wanted, Moment], Change]] = {
    "accept": _accept,
    "assign": _assign,
    "return": _return,
    "escalate": _escalate,
    "ask_time": _ask_time,
    "extend": _extend,
    "refuse_time": _refuse_time,
    "suspend": _suspend,
    "resume": _resume,
    "answer": _answer,
    "rework": _rework,
    "merge": _merge,
    "reopen": _reopen,
}
"""Acts that change more than the state."""


def _until(matter: Situation, wanted: Wanted, moment: Moment) -> datetime:
    until = wanted.until
    earliest = max(moment.now, matter.due_at or moment.now)
    if until is None or until.tzinfo is None or until <= earliest:
        message = "延期须晚于现在和原时限 (later than now and than the limit)"
        raise ImpossibleError(message, field="until")
    if until - moment.now > LONGEST_EXTENSION:
        message = "延期最长一年 (a year at most)"
        raise ImpossibleError(message, field="until")
    return until
