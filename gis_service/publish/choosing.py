"""Which rows of a layer a question is about, and in what order they come."""

from typing import Any, Self

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    LargeBinary,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from gis_service import crs
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Layer
from gis_service.publish.filters import Areas
from gis_service.publish.questions import ALONG_THE_GRID, SIDES, Question
from gis_service.publish.rows import TYPES, Rows

FINEST_SQUARES = 14
"""The level of a pyramid that everything but its tiles takes."""

_TILE_NUMBERS = 2**FINEST_SQUARES


class Choice:
    """The rows that a question about a layer chooses, under a reader's scope."""

    def __init__(self, layer: Layer, scope: Scope, question: Question) -> None:
        self.rows = Rows(layer)
        self.question = question
        self._scope = scope
        self._layer = layer
        self._values = question.values
        self._bounds = self._make_bounds()
        self._only: list[ColumnElement[bool]] = []

    def only(self, feature_id: ColumnElement[int]) -> Self:
        """Keep the one row that has a number."""
        self._only = [self.rows["id"] == feature_id]
        if self._layer.pyramid:
            self._only += self._square_of(feature_id)
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields to give."""
        asked = self.question.properties
        return tuple(self._layer.fields) if asked is None else asked

    @property
    def limit(self) -> ColumnElement[int]:
        """How many rows at most."""
        return bindparam("limit", self.question.limit, BigInteger)

    @property
    def keys(self) -> list[ColumnElement[Any]]:
        """What a row is sorted by, its id last."""
        named = [self.rows[key.field] for key in self.question.sort]
        return [*named, self.rows["id"]]

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """The order of the rows: empty values last, equal rows by their ids."""
        downward = [key.is_descending for key in self.question.sort]
        keys = zip(self.keys, [*downward, False], strict=True)
        ordered = [key.desc() if is_down else key.asc() for key, is_down in keys]
        return [*(key.nulls_last() for key in ordered[:-1]), ordered[-1]]

    def where(self, statement: Select[Any], *, with_after: bool = True) -> Select[Any]:
        """Put the conditions of the question on a statement over the rows."""
        source: Any = self.rows.table
        if self._bounds is not None:
            source = self._bounds.join(source, true())
        conditions = [*self._only, *self._conditions(), self.rows.in_scope(self._scope)]
        if self._bounds is None or self.question.sort == ALONG_THE_GRID:
            # Bounds are found by the spatial index; without them, by that of codes.
            conditions += self.rows.in_range(self._scope)
        if with_after and self.question.after is not None:
            conditions.append(self._is_after())
        return statement.select_from(source).where(*conditions)

    def _value(self, name: str, type_: Any) -> ColumnElement[Any]:  # noqa: ANN401 - SQLAlchemy's
        return bindparam(name, self._values[name], type_)

    def _make_bounds(self) -> CTE | None:
        """Return the geometries asked about, each made once per statement."""
        columns: list[ColumnElement[Any]] = []
        if self.question.box is not None:
            columns += [
                self._exact_box().label("exact"),
                self._web_box("web").label("drawn"),
            ]
        if self.question.condition is not None:
            for number in range(len(self.question.condition.geometries)):
                name = f"area_{number}"
                columns += [
                    func.ST_GeomFromWKB(
                        self._value(name, LargeBinary), crs.STORED
                    ).label(name),
                    self._web_box(name).label(f"{name}_web"),
                ]
        if not columns:
            return None
        return select(*columns).cte("bounds").prefix_with("MATERIALIZED")

    def _web_box(self, name: str) -> ColumnElement[Any]:
        sides = [self._value(f"{name}_{side}", Double) for side in SIDES]
        return func.ST_MakeEnvelope(*sides, crs.WEB)

    def _exact_box(self) -> ColumnElement[Any]:
        if self.question.within is not None:
            return func.ST_GeomFromWKB(self._value("within", LargeBinary), crs.STORED)
        west, south, east, north = (self._value(side, Double) for side in SIDES)
        # The envelope of the diagonal is a point or a line where the box has no width.
        corners = (func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
        return func.ST_Envelope(func.ST_SetSRID(func.ST_MakeLine(*corners), crs.STORED))

    def _conditions(self) -> list[ColumnElement[bool]]:
        question, rows, bounds = self.question, self.rows, self._bounds
        conditions: list[ColumnElement[bool]] = []
        if self._layer.pyramid and not self._only:
            conditions.append(rows["zoom"] == FINEST_SQUARES)
        if bounds is not None and question.box is not None:
            conditions += self._in_box(bounds)
        if question.condition is not None:
            columns = {name: rows[name] for name in (*self._layer.fields, "geom")}
            conditions.append(question.condition.expression(columns, self._areas()))
        if question.interval is not None and self._layer.time is not None:
            conditions += self._in_interval(rows[self._layer.time])
        return conditions

    def _in_box(self, bounds: CTE) -> list[ColumnElement[bool]]:
        rows, question = self.rows, self.question
        if self._layer.pyramid:
            near = self._squares_touched()
        else:
            near = rows.touching(rows["geom_web"], bounds.c.drawn)
        if question.sort == ALONG_THE_GRID:
            # A box over much of the county: the rows come by their codes, and no
            # index may answer this condition, or all that is found would be sorted.
            near = [condition.is_(True) for condition in near]
        touches: ColumnElement[bool] = func.ST_Intersects(rows["geom"], bounds.c.exact)
        if question.within is None:
            # What lies in the box with its own box needs no exact look.
            lies_in = rows["geom_web"].op("@", is_comparison=True)(bounds.c.drawn)
            touches = or_(lies_in, touches)
        return [*near, touches]

    def _areas(self) -> Areas:
        rows, bounds = self.rows, self._bounds

        def column(name: str) -> ColumnElement[Any]:
            return literal(None) if bounds is None else bounds.c[name]

        return Areas(
            geom=rows["geom"],
            exact=lambda number: column(f"area_{number}"),
            is_near=lambda number: and_(
                *rows.touching(rows["geom_web"], column(f"area_{number}_web"))
            ),
        )

    def _in_interval(self, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        interval = self.question.interval
        if interval is None:
            return []
        type_ = TYPES["time"]
        conditions = []
        if interval.start is not None:
            conditions.append(moment >= self._value("start", type_))
        if interval.end is not None:
            conditions.append(moment <= self._value("end", type_))
        return conditions

    def _is_after(self) -> ColumnElement[bool]:
        """Return the condition that a row comes after the last one seen."""
        after = self.question.after or ()
        if self.question.sort == ALONG_THE_GRID:
            # No code is empty: compared as a pair, the index starts at the last one.
            seen = (
                self._value(f"after_{n}", key.type) for n, key in enumerate(self.keys)
            )
            return tuple_(*self.keys) > tuple_(*seen)
        keys = [*self.question.sort, None]
        ways: list[ColumnElement[bool]] = []
        alike: list[ColumnElement[bool]] = []
        for number, (key, column) in enumerate(zip(keys, self.keys, strict=True)):
            seen = self._value(f"after_{number}", column.type)
            if after[number] is None:
                # Empty values come last: only another empty one can follow.
                alike.append(column.is_(None))
                continue
            is_down = key is not None and key.is_descending
            further = column < seen if is_down else column > seen
            beyond = further if key is None else or_(further, column.is_(None))
            ways.append(and_(*alike, beyond))
            alike.append(column == seen)
        return or_(*ways)

    def _squares_touched(self) -> list[ColumnElement[bool]]:
        """Return the tiles a box touches, as ranges that the key of squares serves."""
        side_m = 2 * crs.EARTH_HALF_M / 2**FINEST_SQUARES

        def number(side: str, sign: int) -> ColumnElement[int]:
            metres = self._value(f"web_{side}", Double)
            return cast(
                func.floor((metres * sign + crs.EARTH_HALF_M) / side_m), Integer
            )

        return [
            self.rows["tile_x"].between(number("west", 1), number("east", 1)),
            self.rows["tile_y"].between(number("north", -1), number("south", -1)),
        ]

    def _square_of(self, feature_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Take a square's number apart, as the layer put it together."""
        rows = self.rows

        def part(bits: int) -> ColumnElement[int]:
            shifted = feature_id.op(">>")(cast(bits, Integer))
            return cast(shifted.op("&")(_TILE_NUMBERS - 1), Integer)

        return [
            rows["zoom"] == part(40),
            rows["tile_x"] == part(26),
            rows["tile_y"] == part(12),
        ]
