"""The dossier (案卷) of a matter: what it is, its steps and clocks, who may do what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Engine, Row, text

from gis_service.access.reader import Reader
from gis_service.database import enter_scope
from gis_service.matters import calendars, clocks
from gis_service.matters.acting import found, situation
from gis_service.matters.clocks import stage_of
from gis_service.matters.due import LimitType, WorkCalendar, working_seconds
from gis_service.matters.flow import acts, refusal

_STEPS = text("""
    SELECT seq, act, from_state, to_state, actor, role, receiver, opinion, at,
        used_s, is_late, ST_X(geom) AS lon, ST_Y(geom) AS lat
    FROM matters.steps
    WHERE county_code = :county AND matter_id = :id ORDER BY seq
""")
_NAMES = text("""
    SELECT
        (SELECT name FROM matters.classes WHERE code = :class_code) AS class_name,
        (SELECT name FROM divisions.villages
            WHERE code = :village_code AND valid_to IS NULL) AS village_name,
        (SELECT name FROM grid.cells
            WHERE code = :grid_code AND valid_to IS NULL) AS cell_name,
        (SELECT ST_X(geom) FROM matters.matters
            WHERE county_code = :county AND id = :id) AS lon,
        (SELECT ST_Y(geom) FROM matters.matters
            WHERE county_code = :county AND id = :id) AS lat
""")

OWN_FIELDS = (
    "number",
    "class_code",
    "source",
    "title",
    "description",
    "state",
    "level",
    "is_urgent",
    "department",
    "village_code",
    "grid_code",
    "address",
    "accuracy_m",
    "reported_at",
    "seen_at",
    "accepted_at",
    "assigned_at",
    "answered_at",
    "closed_at",
    "due_at",
    "stage_due_at",
    "asked_until",
    "rework_count",
    "satisfaction",
)


def dossier(
    engine: Engine, reader: Reader, county_code: str, number: str, now: datetime
) -> dict[str, Any]:
    """Return a matter with its steps, clocks and acts, as JSON-ready values.

    Raises
    ------
    NotFoundError
        When there is none in the reader's scope.
    """
    with engine.begin() as connection:
        enter_scope(connection, reader.scope)
        matter = found(connection, reader, county_code, number)
        keys = {"county": county_code, "id": matter.id}
        steps = connection.execute(_STEPS, keys).all()
        names = connection.execute(
            _NAMES,
            {
                **keys,
                "class_code": matter.class_code,
                "village_code": matter.village_code,
                "grid_code": matter.grid_code,
            },
        ).one()
        calendar = calendars.load(connection)
    return {
        **{name: getattr(matter, name) for name in OWN_FIELDS},
        **names._mapping,  # noqa: SLF001 - SQLAlchemy's public name
        "version": matter.row_version,
        "clocks": _clocks(matter, steps, now, calendar),
        "steps": [dict(step._mapping) for step in steps],  # noqa: SLF001 - as above
        "acts": _acts(matter, reader),
    }


def _acts(matter: Row[Any], reader: Reader) -> list[dict[str, Any]]:
    """Return all acts with why they are not possible, the possible ones first."""
    stands = situation(matter)
    listed = [
        {
            "act": act.name,
            "title": act.title,
            "title_en": act.title_en,
            "wants": list(act.wants),
            "why_not": refusal(act, stands, reader),
        }
        for act in acts().values()
        if act.states
    ]
    return sorted(listed, key=lambda one: one["why_not"] is not None)


def _clocks(
    matter: Row[Any], steps: Sequence[Row[Any]], now: datetime, calendar: WorkCalendar
) -> list[dict[str, Any]]:
    """Return the clock of each stage and of the whole: used, due, left, lamp."""
    used = dict.fromkeys((*clocks.stages(), "total"), 0)
    for step in steps:
        stage = stage_of(step.from_state or "")
        used["total"] += step.used_s or 0
        if stage is not None:
            used[stage.name] += step.used_s or 0
    running = stage_of(matter.state)
    if running is not None and steps:
        since = working_seconds(steps[-1].at, now, calendar)
        used[running.name] += since
        used["total"] += since
    answer = {name: _clock(name, used[name], None, None) for name in clocks.stages()}
    if running is not None and steps:
        answer[running.name] |= _timed(
            matter, steps[-1].at, matter.stage_due_at, now, calendar
        )
    total = _clock("total", used["total"], matter.left_s, None)
    if matter.closed_at is None:
        start = matter.assigned_at or matter.reported_at
        total |= _timed(matter, start, matter.due_at, now, calendar)
    return [*answer.values(), total]


def _clock(
    stage: str, used_s: int, left_s: int | None, lamp: str | None
) -> dict[str, Any]:
    return {
        "stage": stage,
        "used_s": used_s,
        "due_at": None,
        "left_s": left_s,
        "lamp": lamp,
    }


def _timed(
    matter: Row[Any],
    started: datetime,
    due: datetime | None,
    now: datetime,
    calendar: WorkCalendar,
) -> dict[str, Any]:
    if due is None:
        return {}
    kind = cast("LimitType", matter.limit_type or "work_hour")
    return {
        "due_at": due,
        "left_s": clocks.left_s(kind, due, now, calendar),
        "lamp": clocks.lamp(started, due, now),
    }
