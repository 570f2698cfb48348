"""The rows of a layer: its SELECT as a table whose columns purposes can ask."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Integer,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    null,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Layer

TYPES: dict[str, TypeEngine[Any]] = {
    "text": String(),
    "integer": BigInteger(),
    "number": Double(),
    "date": Date(),
    "time": DateTime(timezone=True),
    "boolean": Boolean(),
    "list": ARRAY(String),
}
_SQUARE = dict.fromkeys(("zoom", "tile_x", "tile_y"), Integer())
_WHOLE: ColumnElement[str] = literal_column("'{}'")


class Rows:
    """A layer's rows in one statement.

    Parameters
    ----------
    layer
        The layer as its reader sees it: a small count that this reader may not know
        is blank in every column given here, so that no filter can find it out.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        columns = (column(name, _type(layer, name)) for name in layer.yields)
        self.table: Subquery = text(layer.sql).columns(*columns).subquery("rows")

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        """Return a column by its name."""
        kept = self.table.c[name]
        field = self.layer.fields.get(name)
        if not self.layer.is_suppressed or field is None or not field.suppress_below:
            return kept
        is_small = kept.between(1, field.suppress_below - 1)
        return case((is_small, null()), else_=kept)

    def field(self, name: str) -> ColumnElement[Any]:
        """Return a field under its own name."""
        return self[name].label(name)

    def drawn(self, name: str) -> ColumnElement[Any]:
        """Return a field as a tile can carry it: times and lists as text."""
        kind = self.layer.fields[name].type
        if kind == "time":
            # As items write it: in the county's own time, with the offset.
            return func.to_json(self[name]).op("#>>")(_WHOLE).label(name)
        if kind == "list":
            return func.array_to_string(self[name], ",").label(name)
        return self.field(name)

    def touching(
        self, shape: ColumnElement[Any], box: ColumnElement[Any]
    ) -> list[ColumnElement[bool]]:
        """Return the conditions that find rows whose box touches a box.

        Protected rows are found through the ground they may lie on: it has no row
        security, so that its spatial index serves every role.
        """
        asked = [self["reach"], shape] if self.layer.protected else [shape]
        return [each.op("&&", is_comparison=True)(box) for each in asked]

    def in_range(self, scope: Scope) -> list[ColumnElement[bool]]:
        """Return the range of codes around a scope, for the index of codes.

        Only where nothing better finds the rows: beside bounds the planner would
        take this index instead of the spatial one.
        """
        if self.layer.scope == "county" or scope.is_county_wide:
            return []
        code = self["grid_code"]
        low, high = code_range(scope)
        return [
            code >= bindparam("scope_low", low, String),
            code < bindparam("scope_high", high, String),
        ]

    def in_scope(self, scope: Scope) -> ColumnElement[bool]:
        """Return the condition that a row lies in a reader's scope."""
        if self.layer.scope == "county":
            return true()
        covered = scope.covers(self["grid_code"])
        department = self.layer.only_department
        if department is None:
            return covered
        return and_(covered, self["department"] == bindparam("department", department))


def code_range(scope: Scope) -> tuple[str, str]:
    """Return the least code of a scope and what all its codes come before."""
    return scope.prefix, f"{scope.prefix}~"


def _type(layer: Layer, name: str) -> TypeEngine[Any]:
    if name in layer.fields:
        return TYPES[layer.fields[name].type]
    if name in _SQUARE:
        return _SQUARE[name]
    if name == "geom":
        return Geometry(srid=crs.STORED)
    if name == "reach" or name.startswith("geom_web"):
        return Geometry(srid=crs.WEB)
    return BigInteger() if name == "id" else String()
