"""Finding a place by its name or code, and a household or resident by theirs.

Divisions, cells and centers are on every map and are found by everybody. People are
found only by those who see people, within their scope, by the whole or the leading
part of a name; what is answered of them is masked.
"""

from typing import Any

import asyncpg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.prepared import Shapes

MOST_RESULTS = 50
LONGEST = 60
LEAST_OF_A_NAME = 2
"""Fewer characters of a resident's name would list a whole family name."""

_DEGREE_DIGITS = 6
_KINDS = ("township", "village", "cell", "center", "household", "resident")
_TOWNSHIP, _VILLAGE = 9, 12


class Search:
    """Looks things up; each shape of statement is compiled once.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._shapes = Shapes()

    async def find(self, people_in: Scope | None, words: str, limit: int) -> bytes:
        """Return what is called so as JSON ``results``: the best first.

        Parameters
        ----------
        people_in
            Where households and residents are looked for too; None for nowhere.
            Places are found everywhere, as maps show them.
        words
            Name, code or address, or the beginning of one.
        limit
            How many results at most.
        """
        branches = people_in.branches if people_in is not None else ()
        scope = people_in if branches else None
        shape = len(branches)
        statement = self._shapes.get(shape, lambda: search(scope))
        arguments = statement.arguments(
            words=words,
            limit=limit,
            **{f"branch_{number}": code for number, code in enumerate(branches)},
        )
        async with reading(self._pool, scope) as reader:
            found: str = await reader.fetchval(statement.sql, *arguments)
        return found.encode()


def search(scope: Scope | None) -> Select[Any]:
    """Select results as JSON; parameters ``words`` and ``limit``.

    A scope adds the people in it.
    """
    kinds = [_townships(), _villages(), _cells(), _centers()]
    if scope is not None:
        kinds += [_households(scope), _residents(scope)]
    found = union_all(*(select(kind) for kind in kinds)).subquery("found")
    order = (found.c.rank, found.c.position, found.c.code)
    best = select(found).order_by(*order).limit(_limit()).subquery("best")
    center = func.ST_PointOnSurface(best.c.geom)
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    result = func.json_build_object(
        *_members(best, "kind", "code", "title", "subtitle"),
        literal_column("'center'"),
        _degrees(func.ST_X(center), func.ST_Y(center)),
        literal_column("'bounds'"),
        _degrees(*(edge(best.c.geom) for edge in edges)),
    )
    in_order = aggregate_order_by(result, best.c.rank, best.c.position, best.c.code)
    listed = func.coalesce(func.json_agg(in_order), literal_column("'[]'::json"))
    answer = func.json_build_object(literal_column("'results'"), listed)
    return select(cast(answer, Text))


def _words() -> ColumnElement[str]:
    return bindparam("words", type_=String)


def _limit() -> ColumnElement[int]:
    return bindparam("limit", type_=BigInteger)


def _members(row: FromClause, *names: str) -> list[ColumnElement[Any]]:
    return [
        part for name in names for part in (literal_column(f"'{name}'"), row.c[name])
    ]


def _degrees(*values: ColumnElement[Any]) -> ColumnElement[Any]:
    rounded = (func.round(cast(value, Numeric), _DEGREE_DIGITS) for value in values)
    # A person without a place has no center, and not one of two nulls.
    return case((values[0].is_not(None), func.json_build_array(*rounded)))


def _table(name: str, *columns: str) -> Any:  # noqa: ANN401 - SQLAlchemy's TableClause
    schema, _, bare = name.partition(".")
    return table(bare, *map(column, columns), schema=schema)


def _found(
    kind: str,
    chosen: Select[Any],
    title: ColumnElement[Any],
    subtitle: ColumnElement[Any],
    of: Any,  # noqa: ANN401 - SQLAlchemy's TableClause
) -> Subquery:
    """Return the best rows of one kind, ready to stand among the others."""
    names = (title, of.c.code) if "code" in of.c else (title,)
    is_same = or_(*(name == _words() for name in names))
    begins = or_(*(func.starts_with(name, _words()) for name in names))
    rank = cast(case((is_same, 0), (begins, 1), else_=2), Integer)
    position = literal_column(str(_KINDS.index(kind)), Integer)
    shown = title if kind != "resident" else func.people.masked_name(title)
    code = of.c.code if "code" in of.c else cast(of.c.id, String)
    return (
        chosen.add_columns(
            literal_column(f"'{kind}'", Text).label("kind"),
            code.label("code"),
            shown.label("title"),
            subtitle.label("subtitle"),
            of.c.geom.label("geom"),
            rank.label("rank"),
            position.label("position"),
        )
        .order_by(rank, code)
        .limit(_limit())
        .subquery(kind)
    )


def _area(name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's TableClause
    return _table(name, "code", "name", "kind", "valid_to", "geom")


def _is_called(place: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a TableClause
    # strpos and starts_with know no wildcards: % and _ are characters like others.
    named = func.strpos(place.c.name, _words()) > 0
    return or_(func.starts_with(place.c.code, _words()), named)


def _chosen(area: Any) -> Select[Any]:  # noqa: ANN401 - a TableClause
    in_force = area.c.valid_to.is_(None)
    return select().select_from(area).where(in_force, _is_called(area))


def _name_of(name: str, code: ColumnElement[Any]) -> ColumnElement[Any]:
    above = _area(name)
    found = select(above.c.name).where(above.c.code == code, above.c.valid_to.is_(None))
    return found.scalar_subquery()


def _townships() -> Subquery:
    area = _area("divisions.townships")
    chosen = _chosen(area)
    return _found("township", chosen, area.c.name, area.c.kind, area)


def _villages() -> Subquery:
    area = _area("divisions.villages")
    chosen = _chosen(area)
    township = _name_of("divisions.townships", func.left(area.c.code, _TOWNSHIP))
    return _found("village", chosen, area.c.name, township, area)


def _cells() -> Subquery:
    area = _area("grid.cells")
    chosen = _chosen(area)
    village = _name_of("divisions.villages", func.left(area.c.code, _VILLAGE))
    return _found("cell", chosen, area.c.name, village, area)


def _centers() -> Subquery:
    center = _table("sites.centers", "code", "name", "village_code", "geom")
    chosen = select().select_from(center).where(_is_called(center))
    village = _name_of("divisions.villages", center.c.village_code)
    return _found("center", chosen, center.c.name, village, center)


def _households(scope: Scope) -> Subquery:
    home = _table(
        "people.households",
        *("code", "address", "grid_code", "village_code", "group_no", "geom"),
    )
    called = or_(
        func.starts_with(home.c.code, _words()),
        func.strpos(home.c.address, _words()) > 0,
    )
    chosen = select().select_from(home).where(called, scope.covers(home.c.grid_code))
    village = _name_of("divisions.villages", home.c.village_code)
    # Down to the villager group; the written address may hold a door and a name.
    numbered = cast(home.c.group_no, String).concat("组")
    group = func.concat(village, numbered)
    return _found("household", chosen, home.c.code, group, home)


def _residents(scope: Scope) -> Subquery:
    person = _table("people.residents", "id", "name", "grid_code", "geom")
    chosen = (
        select()
        .select_from(person)
        .where(
            func.starts_with(person.c.name, _words()),
            func.char_length(_words()) >= LEAST_OF_A_NAME,
            scope.covers(person.c.grid_code),
        )
    )
    village = _name_of("divisions.villages", func.left(person.c.grid_code, _VILLAGE))
    return _found("resident", chosen, person.c.name, village, person)
