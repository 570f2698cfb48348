"""Lines of the trail as the auditor asks for them: filtered, the newest first."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from gis_service.access.county_day import HERE
from gis_service.access.trail_models import Trail, TrailLink

ROWS_AT_ONCE = 2000

Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
# A day first: pydantic would also read it as the midnight it begins with.
Moment = Annotated[date | datetime, Field(union_mode="smart")]


class TrailQuestion(BaseModel):
    """Which lines: a day given as ``to`` counts whole, ``subject`` by how it begins."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    actor: Words | None = None
    act: Words | None = None
    subject: Words | None = None


def page(
    connection: Connection, asked: TrailQuestion, limit: int, before: int | None
) -> tuple[list[Row[*tuple[Any, ...]]], int | None]:
    """Return a page of lines and the cursor of what follows, None at the end.

    Parameters
    ----------
    connection
        As the login.
    asked
        Which lines.
    limit
        How many at most.
    before
        The cursor: lines with smaller numbers than this.
    """
    chosen = _chosen(asked).limit(limit + 1)
    if before is not None:
        chosen = chosen.where(Trail.id < before)
    rows = list(connection.execute(chosen).all())
    cursor = rows[limit - 1].id if len(rows) > limit else None
    return rows[:limit], cursor


def count(connection: Connection, asked: TrailQuestion) -> int:
    """Return how many lines there are."""
    lines = _chosen(asked).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(lines)).scalar_one())


def all_lines(
    connection: Connection, asked: TrailQuestion
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Go through all lines, holding some thousands at a time."""
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
    with connection.execute(_chosen(asked), execution_options=options) as found:
        yield from found


def _chosen(asked: TrailQuestion) -> Select[Any]:
    link = TrailLink.line_id == Trail.id
    lines = select(Trail.__table__, TrailLink.number, TrailLink.hash)
    joined = lines.outerjoin_from(Trail, TrailLink, link)
    return joined.where(*_conditions(asked)).order_by(Trail.id.desc())


def _conditions(asked: TrailQuestion) -> Iterator[ColumnElement[bool]]:
    if asked.since is not None:
        yield Trail.at >= _moment(asked.since, time.min)
    if asked.until is not None:
        yield Trail.at <= _moment(asked.until, time.max)
    if asked.actor:
        yield Trail.actor == asked.actor
    if asked.act:
        yield Trail.act == asked.act
    if asked.subject:
        yield Trail.subject.startswith(asked.subject, autoescape=True)


def _moment(given: date | datetime, at: time) -> datetime:
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=HERE)
    return datetime.combine(given, at, HERE)
