"""Under row-level security a layer reads little more than it would without."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Select, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.database import role_settings
from gis_service.prepared import prepare
from gis_service.publish import statements
from gis_service.publish.catalog import Catalog, Layer
from gis_service.publish.filters import parse
from gis_service.publish.questions import Box, Question
from gis_service.publish.references import reference
from tests.layers import crowd

CATALOG = Catalog.load(definitions.folder("layers"))
PROTECTED = [layer.id for layer in CATALOG.values() if layer.protected]
SCOPES = {
    "county": Scope((crowd.COUNTY,)),
    "township": Scope((crowd.CELL[:9],)),
    "cell": Scope((crowd.CELL,)),
}
PEOPLE = ("households", "residents", "matters", "steps")
ZOOMS = (8, 12, 15, 17)
MOST = 3
FEW = 150
"""Pages beside, a millisecond's worth: without policies a narrow scope may be found by
its code in ten pages, with them by its place in a hundred. The whole table has 500."""


def _statements(layer: Layer, scope: Scope) -> Iterator[Select[tuple[object, ...]]]:
    lon, lat = crowd.CORNER_LON + 0.005, crowd.CORNER_LAT + 0.005
    for zoom in ZOOMS:
        if layer.zooms[0] <= zoom <= layer.zooms[1]:
            yield statements.tile(layer, scope, *crowd.tile_at(zoom, lon, lat))
    box = Box(lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005)
    yield statements.page(layer, scope, Question(box=box))
    types = {name: field.type for name, field in layer.fields.items()}
    condition = parse(
        f"grid_code = '{crowd.CELL}'",
        types,
        equal={},
        lang="cql2-text",
        reference=reference(None),
    )
    yield statements.page(layer, scope, Question(condition=condition))
    yield statements.one(layer, scope, 1)


def _plan(
    connection: Connection, statement: Select[tuple[object, ...]], role: str, mode: str
) -> str:
    prepared = prepare(statement)
    known = dict(statement.compile().params)
    written = ", ".join(
        "NULL" if value is None else f"'{value}'"
        for value in prepared.arguments(**known)
    )
    with connection.begin_nested() as inside:
        for command in (
            role,
            f"SET LOCAL plan_cache_mode = {mode}",
            f"PREPARE asked AS {prepared.sql}",
        ):
            connection.exec_driver_sql(command.replace("%", "%%"))
        asked = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE asked({written})"
        shown = "\n".join(connection.exec_driver_sql(asked).scalars())
        connection.exec_driver_sql("DEALLOCATE asked")
        inside.rollback()
    return shown


def _pages(plan: str) -> int:
    first = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", plan)
    return sum(int(number or 0) for number in first.groups()) if first else 0


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("extent", SCOPES)
@pytest.mark.parametrize("layer_id", PROTECTED)
def test_protected_layer_reads_at_most_three_times_the_pages(
    crowded: Connection, layer_id: str, extent: str, mode: str
) -> None:
    layer, scope = CATALOG[layer_id], SCOPES[extent]
    held = "; ".join(role_settings(scope))
    for statement in _statements(layer, scope):
        plan = _plan(crowded, statement, held, mode)
        for table in PEOPLE:
            assert f"Seq Scan on {table}" not in plan, plan
        free = _plan(crowded, statement, "SET LOCAL ROLE NONE", mode)
        assert _pages(plan) <= MOST * _pages(free) + FEW, f"{plan}\n{free}"


def test_pages_are_counted(crowded: Connection) -> None:
    asked = text("EXPLAIN (ANALYZE, BUFFERS) SELECT name FROM people.residents")
    assert _pages("\n".join(crowded.execute(asked).scalars())) > 2 * FEW
