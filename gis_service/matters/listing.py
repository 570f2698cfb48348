"""Lists of matters: those one has to see to, and those like one about to be made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from gis_service import crs
from gis_service.access.reader import Reader
from gis_service.access.roles import only_department
from gis_service.database import enter_scope

LIKE_RADIUS_M, LIKE_WITHIN = 30.0, timedelta(hours=24)
"""How near and how recent a matter of one class is probably the same."""

_OPEN = "matter.closed_at IS NULL"
_CLOSED = "matter.closed_at IS NOT NULL"
_IN_SCOPE = """
    matter.county_code = :county
    AND matter.grid_code >= :prefix AND matter.grid_code < :prefix || '~'
    AND matter.grid_code ^@ ANY(CAST(:branches AS text[]))
    AND (CAST(:department AS text) IS NULL OR matter.department = :department)
"""
_ROW = """
    matter.number, matter.title, class.name AS class_name, matter.state,
    matter.level, matter.is_urgent, matter.department, matter.grid_code,
    matter.village_code, matter.reported_at, matter.due_at, matter.stage_due_at,
    matter.row_version AS version, ST_X(matter.geom) AS lon, ST_Y(matter.geom) AS lat
"""
_JOINED = """
    FROM matters.matters AS matter
    LEFT JOIN matters.classes AS class ON class.code = matter.class_code
"""
_LIKE = text(f"""
    SELECT {_ROW} {_JOINED}
    WHERE {_OPEN} AND {_IN_SCOPE} AND matter.class_code = :class_code
        AND matter.reported_at > :since
        AND ST_DWithin(
            ST_Transform(matter.geom, {crs.METRIC}),
            ST_Transform(
                ST_SetSRID(ST_MakePoint(:lon, :lat), {crs.STORED}), {crs.METRIC}
            ),
            :radius_m
        )
    ORDER BY matter.reported_at DESC LIMIT 10
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which matters are wanted; ``after`` is the number the last page ended with."""

    is_open: bool = True
    state: str | None = None
    grid_code: str | None = None
    is_mine: bool = False
    is_overdue: bool = False
    after: str | None = None
    limit: int = 50


def listed(
    engine: Engine, reader: Reader, county_code: str, asked: Asked, now: datetime
) -> list[dict[str, Any]]:
    """Return matters newest first, one more than the limit when there are more."""
    conditions = [_OPEN if asked.is_open else _CLOSED, _IN_SCOPE]
    values: dict[str, Any] = {
        **_scope(reader, county_code, asked.grid_code),
        "limit": asked.limit + 1,
    }
    for is_wanted, condition, name, value in (
        (asked.state, "matter.state = :state", "state", asked.state),
        (asked.is_mine, "matter.assignee_id = :me", "me", reader.account_id),
        (
            asked.is_overdue,
            "least(matter.due_at, matter.stage_due_at) < :now",
            "now",
            now,
        ),
        (asked.after, "matter.number < :after", "after", asked.after),
    ):
        if is_wanted:
            conditions.append(condition)
            values[name] = value
    statement = (
        f"SELECT {_ROW} {_JOINED} WHERE {' AND '.join(conditions)} "
        "ORDER BY matter.number DESC LIMIT :limit"
    )
    return _rows(engine, reader, statement, values)


def alike(
    engine: Engine,
    reader: Reader,
    county_code: str,
    wanted: tuple[str, float, float],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return open matters that are probably the same: class, 30 m, 24 hours.

    Parameters
    ----------
    wanted
        Code of the class, longitude and latitude (EPSG:4490).
    """
    class_code, lon, lat = wanted
    values = {
        **_scope(reader, county_code, None),
        "class_code": class_code,
        "since": now - LIKE_WITHIN,
        "radius_m": LIKE_RADIUS_M,
        "lon": lon,
        "lat": lat,
    }
    return _rows(engine, reader, str(_LIKE), values)


def _scope(reader: Reader, county_code: str, grid_code: str | None) -> dict[str, Any]:
    return {
        "county": county_code,
        "prefix": grid_code or reader.scope.prefix,
        "branches": list(reader.scope.branches),
        "department": only_department(reader),
    }


def _rows(
    engine: Engine, reader: Reader, statement: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    with engine.begin() as connection:
        enter_scope(connection, reader.scope)
        return [
            dict(row) for row in connection.execute(text(statement), values).mappings()
        ]
