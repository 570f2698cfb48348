"""Who has a cell: what everybody may be told about the officers on duty."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gis_service.grid.models import Duty

NOTHING: ColumnElement[Any] = literal_column("'[]'::json")
"""An empty JSON list."""


def json_object(**members: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """Return the JSON object of named expressions, written by PostgreSQL."""
    parts: list[SQLColumnExpression[Any]] = []
    for name, value in members.items():
        parts += [literal_column(f"'{name}'"), value]
    return func.json_build_object(*parts)


def officers(grid_code: SQLColumnExpression[str]) -> ColumnElement[Any]:
    """Return the officers on duty today as a JSON list: name, role, office phone.

    The grid officer (网格员) comes before the lead (网格长).
    """
    today = func.current_date()
    officer = json_object(
        name=Duty.officer_name, role=Duty.role, phone=Duty.public_phone
    )
    in_order = aggregate_order_by(officer, Duty.role.desc(), Duty.officer_name)
    return (
        select(func.coalesce(func.json_agg(in_order), NOTHING))
        .where(
            Duty.grid_code == grid_code,
            Duty.valid_from <= today,
            or_(Duty.valid_to.is_(None), Duty.valid_to > today),
        )
        .scalar_subquery()
    )
