"""Filters of readers in CQL2 as conditions of a statement.

A filter is read into a closed form (``filter_reading``) and written here as a
SQLAlchemy expression. Values are always bound; geometries come from a CTE, so that
each is read once per statement and not once per row.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    String,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    true,
)
from sqlalchemy.types import TypeEngine

from gis_service.publish.filter_reading import Node, Reading, read, read_equal
from gis_service.publish.filter_values import FilterError, Geometry
from gis_service.publish.references import DEFAULT, Reference

__all__ = ["Areas", "Filter", "FilterError", "parse"]

_TYPES: dict[str, TypeEngine[Any]] = {
    "text": String(),
    "integer": Double(),
    "number": Double(),
    "date": Date(),
    "time": DateTime(timezone=True),
    "boolean": Boolean(),
}

_LOGIC: dict[str, Callable[..., ColumnElement[bool]]] = {
    "and": and_,
    "or": or_,
    "not": not_,
}

_COMPARE: dict[str, Callable[..., ColumnElement[bool]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "between": lambda subject, low, high: subject.between(low, high),
    "like": lambda subject, pattern: subject.like(pattern),
    "isnull": lambda subject: subject.is_(None),
}

_SPATIAL = {
    "s_intersects": func.ST_Intersects,
    "s_within": func.ST_Within,
    "s_contains": func.ST_Contains,
    "s_equals": func.ST_Equals,
    "s_touches": func.ST_Touches,
    "s_crosses": func.ST_Crosses,
    "s_overlaps": func.ST_Overlaps,
    "s_disjoint": func.ST_Disjoint,
}

Columns = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Areas:
    """How a layer is asked about the geometry literal of a number.

    Parameters
    ----------
    geom
        The stored geometry of the layer.
    exact
        Gives the literal itself.
    is_near
        Gives the condition that a row's box touches the literal's: the one the
        spatial index answers.
    """

    geom: ColumnElement[Any]
    exact: Callable[[int], ColumnElement[Any]]
    is_near: Callable[[int], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood.

    Parameters
    ----------
    node
        Its closed form, the same for filters that differ in their values alone.
    literals
        The values by name.
    geometries
        Geometry literals in the order of their numbers.
    """

    node: Node
    literals: Mapping[str, Any]
    geometries: tuple[Geometry, ...] = ()

    @property
    def shape(self) -> Hashable:
        """What of the filter changes the statement and not only its values."""
        shape: Hashable = self.node
        return shape

    def expression(self, columns: Columns, areas: Areas) -> ColumnElement[bool]:
        """Return the condition on columns given by the names of the fields."""
        return _Writing(self.literals, columns, areas).condition(self.node)


def parse(
    text: str | None,
    types: Mapping[str, str],
    *,
    equal: Mapping[str, str] | None = None,
    lang: str = "cql2-text",
    reference: Reference = DEFAULT,
) -> Filter:
    """Understand a filter.

    Parameters
    ----------
    text
        The filter; None when there are plain parameters alone.
    types
        Types of the fields that may be asked, by name; ``geom`` is the geometry.
    equal
        Values that fields must have besides, as plain parameters write them.
    lang
        ``cql2-text`` or ``cql2-json``.
    reference
        CRS of the geometries in it.

    Raises
    ------
    FilterError
        When it cannot be read, is too large, or asks for what is not offered.
    """
    reading = Reading({**types, "geom": "geometry"}, reference)
    nodes = read_equal(equal or {}, reading)
    if text is not None:
        nodes.append(read(text, lang, reading))
    node = nodes[0] if len(nodes) == 1 else ("and", *nodes)
    return Filter(node, reading.values, tuple(reading.geometries))


@dataclass(frozen=True, slots=True)
class _Writing:
    literals: Mapping[str, Any]
    columns: Columns
    areas: Areas

    def condition(self, node: Node) -> ColumnElement[bool]:
        if isinstance(node, bool):
            return true() if node else false()
        op, *args = node
        if op in _SPATIAL:
            return self._spatial(op, args)
        if op in _LOGIC:
            return _LOGIC[op](*map(self.condition, args))
        if op == "in":
            return self._term(args[0]).in_([self._term(each) for each in args[1]])
        return _COMPARE[op](*map(self._term, args))

    def _term(self, node: Node) -> ColumnElement[Any]:
        match node:
            case ("field", name):
                return self.columns[name]
            case ("casei", inner):
                return func.lower(self._term(inner))
        _, name, kind = node
        return bindparam(name, self.literals[name], _TYPES[kind])

    def _spatial(self, op: str, args: list[Any]) -> ColumnElement[bool]:
        number, is_field_first = args
        literal = self.areas.exact(number)
        geom = self.areas.geom
        pair = (geom, literal) if is_field_first else (literal, geom)
        exact: ColumnElement[bool] = _SPATIAL[op](*pair)
        if op == "s_disjoint":
            return exact
        return and_(self.areas.is_near(number), exact)
