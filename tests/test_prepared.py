"""Statements as asyncpg takes them, compiled once per shape."""

import pytest
from sqlalchemy import String, bindparam, column, func, literal, select, table

from gis_service.prepared import Shapes, prepare

PLACES = table("places", column("code", String), column("name", String))


def _named(value: str) -> object:
    code = bindparam("code", value, String)
    return select(PLACES.c.name, literal(7).label("seven")).where(
        func.starts_with(PLACES.c.code, code) | (PLACES.c.name == code)
    )


def test_values_come_in_the_order_of_their_positions() -> None:
    prepared = prepare(_named("43"))  # type: ignore[arg-type] # a Select
    assert "$1" in prepared.sql
    assert "$2" in prepared.sql
    assert prepared.arguments(code="44") == [7, "44"]


def test_value_of_the_expression_is_never_another_readers() -> None:
    prepared = prepare(_named("43"))  # type: ignore[arg-type] # a Select
    with pytest.raises(KeyError, match="code"):
        prepared.arguments()


def test_shape_is_compiled_once_and_the_oldest_dropped() -> None:
    shapes = Shapes(limit=2)
    built = []

    def build(name: str) -> object:
        built.append(name)
        return _named(name)

    for name in ("a", "b", "a", "c", "a", "b"):
        shapes.get(name, lambda name=name: build(name))  # type: ignore[misc,arg-type] # bound now
    assert built == ["a", "b", "c", "b"]
