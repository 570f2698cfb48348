"""Code lists that ship with the service: land uses, object categories, matter classes.

Each is a CSV beside the models of its domain, with the edition and the source of
every line. Loading them again brings changed lines up to date and leaves codes that a
county added itself.
"""

import csv
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from sqlalchemy import Connection, Table, or_
from sqlalchemy.dialects.postgresql import insert

from gis_service.land.models import LandUse
from gis_service.matters.models import CalendarDay, MatterClass
from gis_service.objects.models import Category
from gis_service.tables import Base

LISTS: tuple[tuple[str, type[Base]], ...] = (
    ("land/uses.csv", LandUse),
    ("objects/categories.csv", Category),
    ("matters/classes.csv", MatterClass),
    ("matters/holidays.csv", CalendarDay),
)


def load(connection: Connection) -> dict[str, int]:
    """Write all lists into their tables, in the caller's transaction.

    Returns
    -------
    dict
        Table name to the number of lines that were new or had changed.
    """
    return {
        str(model.__table__): _upsert(connection, model.__table__, list(rows(path)))  # type: ignore[arg-type] # every model here has a plain table
        for path, model in LISTS
    }


def rows(path: str) -> Iterator[dict[str, str | None]]:
    """Yield the lines of a list inside the package; empty columns are None."""
    with files("gis_service").joinpath(path).open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            yield {name: value or None for name, value in line.items()}


def _upsert(
    connection: Connection, table: Table, lines: list[dict[str, str | None]]
) -> int:
    kinds = {name: table.c[name].type.python_type for name in lines[0]}
    typed = [
        {name: _typed(value, kinds[name]) for name, value in line.items()}
        for line in lines
    ]
    fresh = insert(table).values(typed)
    others = [table.c[name] for name in lines[0] if not table.c[name].primary_key]
    # Equal lines are not written again: a second load changes nothing.
    is_changed = or_(
        *(column.is_distinct_from(fresh.excluded[column.name]) for column in others)
    )
    statement = fresh.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column.name: fresh.excluded[column.name] for column in others},
        where=is_changed,
    )
    kept = {"preserve_rowcount": True}
    return connection.execute(statement, execution_options=kept).rowcount


def _typed(value: str | None, kind: type) -> str | int | bool | date | None:
    if value is None:
        return None
    if kind is bool:
        return value == "true"
    if kind is date:
        return date.fromisoformat(value)
    return int(value) if kind is int else value
