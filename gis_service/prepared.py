"""Statements made ready for asyncpg: text with ``$1`` … and the order of the names.

A statement is built as a SQLAlchemy expression, compiled once per shape, and run many
times with other values. Serving a map compiles nothing.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg

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
    defaults
        Values the expression itself carried, by name.
    """

    sql: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]

    def arguments(self, **values: object) -> list[object]:
        """Return the values in the order of their positions.

        Values not given are those the expression was built with.
        """
        merged = {**self.defaults, **values}
        return [merged[name] for name in self.names]


def prepare(statement: ClauseElement) -> Prepared:
    """Compile a statement for asyncpg."""
    compiled = statement.compile(dialect=_DIALECT)
    names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined] # SQLCompiler
    return Prepared(str(compiled), names, dict(compiled.params))


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
