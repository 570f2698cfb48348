"""Statements made ready for asyncpg: text with ``$1`` … and the order of the names.

A statement is built as a SQLAlchemy expression, compiled once per shape, and run many
times with other values. Serving a map compiles nothing.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as asyncpg takes it.

    Parameters
    ----------
    sql
        Text with positional parameters.
    names
        Name of the bound parameter at each position; a name may come twice.
    constants
        Values that are part of the expression: a tile's size, a limit of the house.
        Named values are never kept, since another reader's would be wrong.
    """

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def arguments(self, **values: object) -> list[object]:
        """Return the values in the order of their positions.

        Raises
        ------
        KeyError
            When a named value is missing.
        """
        known = {**self.constants, **values}
        return [known[name] for name in self.names]


def prepare(statement: ClauseElement) -> Prepared:
    """Compile a statement for asyncpg."""
    compiled = statement.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - narrows for mypy
    constants = {
        name: parameter.value
        for name, parameter in compiled.binds.items()
        if parameter.unique
    }
    return Prepared(str(compiled), tuple(compiled.positiontup or ()), constants)


class Shapes:
    """Prepared statements by their shape, the least recently used dropped first.

    Parameters
    ----------
    limit
        How many to keep. A filter makes a shape of its own, and readers write filters.
    """

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._kept: dict[Hashable, Prepared] = {}

    def get(self, shape: Hashable, build: Callable[[], ClauseElement]) -> Prepared:
        """Return the statement of a shape, built and compiled when it is new."""
        prepared = self._kept.pop(shape, None) or prepare(build())
        self._kept[shape] = prepared
        if len(self._kept) > self._limit:
            del self._kept[next(iter(self._kept))]
        return prepared
