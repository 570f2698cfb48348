"""The card of one cell: what it is, who has it, and what is counted in it."""

from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    SQLColumnExpression,
    String,
    Text,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
    table,
)
from sqlalchemy import column as named

from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.divisions.codes import Level
from gis_service.divisions.models import Township, Village
from gis_service.errors import NotFoundError
from gis_service.grid.duty import json_object, officers
from gis_service.grid.models import Cell, Summary
from gis_service.prepared import prepare

COORDINATE_DIGITS = 6

CELL_DIGITS = Level.CELL.value

_MATTERS = table(
    "matters",
    *map(named, ("grid_code", "closed_at", "due_at", "department")),
    schema="matters",
)


async def card(
    pool: asyncpg.Pool,
    scope: Scope,
    code: str,
    *,
    with_matters: bool,
    department: str | None = None,
) -> bytes:
    """Return the card of a cell in force as JSON.

    Parameters
    ----------
    pool
        Reading connections.
    scope
        What the reader may see; the counts are taken under it.
    code
        15 digits.
    with_matters
        Whether the reader belongs to those who see matters; others get null for
        the overdue ones.
    department
        The only department whose matters are counted; None for all.

    Raises
    ------
    NotFoundError
        When there is no such cell, or it lies outside the scope.
    """
    is_code = len(code) == CELL_DIGITS and code.isascii() and code.isdecimal()
    if not is_code or not scope.includes(code):
        raise _no_such_cell()
    statement = CARD_WITH_MATTERS if with_matters else CARD
    if department is not None:
        statement = CARD_OF_DEPARTMENT
    arguments = statement.arguments(code=code, department=department)
    async with reading(pool, scope) as connection:
        found: str | None = await connection.fetchval(statement.sql, *arguments)
    if found is None:
        raise _no_such_cell()
    return found.encode()


def _no_such_cell() -> NotFoundError:
    return NotFoundError("没有这个网格 (there is no such cell)")


def _as_it_is(count: ColumnElement[int]) -> ColumnElement[Any]:
    return count


def _told(count: ColumnElement[int]) -> ColumnElement[Any]:
    # From one to four people would point at a family.
    return case((count.between(1, 4), null()), else_=count)


def _card(
    overdue: ColumnElement[Any],
    opened: SQLColumnExpression[Any],
    *,
    is_outsider: bool = False,
) -> Select[str]:
    """Select a card; an outsider is of the staff and sees no people."""
    center = func.ST_PointOnSurface(Cell.geom)
    people = (Summary.households, Summary.residents, Summary.care_residents)
    things = (Summary.parcels, Summary.objects)
    shown = _told if is_outsider else _as_it_is
    answer = json_object(
        code=Cell.code,
        name=Cell.name,
        kind=Cell.kind,
        village_code=Cell.village_code,
        village_name=Village.name,
        township_name=Township.name,
        area_m2=func.round(Cell.area_m2),
        valid_from=Cell.valid_from,
        bounds=_numbers(*(edge(Cell.geom) for edge in _EDGES)),
        center=_numbers(func.ST_X(center), func.ST_Y(center)),
        officers=officers(Cell.code),
        counts=json_object(
            **{count.key: shown(func.coalesce(count, 0)) for count in people},
            **{count.key: func.coalesce(count, 0) for count in things},
            open_matters=func.coalesce(opened, 0),
            overdue_matters=overdue,
        ),
    )
    return (
        select(cast(answer, Text))
        .select_from(Cell)
        .outerjoin(
            Village,
            (Village.code == Cell.village_code) & Village.valid_to.is_(None),
        )
        .outerjoin(
            Township,
            (Township.code == func.left(Cell.code, 9)) & Township.valid_to.is_(None),
        )
        .outerjoin(Summary, Summary.grid_code == Cell.code)
        .where(Cell.code == bindparam("code", type_=String), Cell.valid_to.is_(None))
    )


_EDGES = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)


def _numbers(*degrees: ColumnElement[float]) -> ColumnElement[object]:
    rounded = (func.round(cast(value, Numeric), COORDINATE_DIGITS) for value in degrees)
    return func.json_build_array(*rounded)


def _open(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    matter = _MATTERS
    return (
        select(func.count())
        .select_from(matter)
        .where(
            matter.c.grid_code == Cell.code,
            matter.c.closed_at.is_(None),
            *conditions,
        )
        .correlate(Cell)
        .scalar_subquery()
    )


_IS_OVERDUE = _MATTERS.c.due_at < func.now()
_IS_OWN = _MATTERS.c.department == bindparam("department", type_=String)

# Who sees no matters, or those of one department alone, sees no people either.
CARD = prepare(_card(null(), Summary.open_matters, is_outsider=True))
CARD_WITH_MATTERS = prepare(_card(_open(_IS_OVERDUE), Summary.open_matters))
CARD_OF_DEPARTMENT = prepare(
    _card(_open(_IS_OVERDUE, _IS_OWN), _open(_IS_OWN), is_outsider=True)
)
