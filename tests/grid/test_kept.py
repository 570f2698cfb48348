"""What the database keeps by itself follows every change, and only changes."""

import pytest
from sqlalchemy import Connection, TextClause, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.grid.attachment import reattach
from gis_service.publish import statements
from gis_service.publish.catalog import Catalog
from gis_service.publish.questions import Box, Question
from tests.village import COUNTY, EAST, FIRST_CELL, WEST, place

SQUARES = text(
    "SELECT zoom, tile_x, tile_y, square, residents, told FROM people.density"
)
REACH = text("SELECT ST_AsText(geom_web) FROM grid.reaches WHERE code = :code")


def _squares(connection: Connection) -> set[tuple[int, ...]]:
    return {tuple(row) for row in connection.execute(SQUARES)}


def test_density_follows_moved_and_removed_residents(connection: Connection) -> None:
    connection.execute(
        text(
            "UPDATE people.residents SET geom = ST_Translate(geom, 1, 0) WHERE id < 20"
        )
    )
    connection.execute(text("UPDATE people.residents SET geom = NULL WHERE id = 30"))
    connection.execute(text("DELETE FROM people.residents WHERE id = 40"))
    kept = _squares(connection)
    connection.execute(text("SELECT people.fill_density()"))
    assert kept == _squares(connection)


def test_new_code_of_a_resident_leaves_the_density_alone(
    connection: Connection,
) -> None:
    before = _squares(connection)
    query = text("UPDATE people.residents SET grid_code = :code WHERE id = 10")
    connection.execute(query, {"code": EAST})
    assert _squares(connection) == before


ENDED = text("UPDATE grid.cells SET valid_to = '2026-11-01' WHERE code = :code")
REMOVED = text("DELETE FROM grid.cells WHERE code = :code")
MOVED = text("UPDATE grid.cells SET geom = ST_Translate(geom, 1, 0) WHERE code = :code")
CLOSED = text(
    "UPDATE matters.matters SET state = 'closed', closed_at = now() "
    "WHERE grid_code = :code"
)


def test_reach_follows_the_geometry_and_outlives_the_cell(
    connection: Connection,
) -> None:
    before = connection.execute(REACH, {"code": FIRST_CELL}).scalar_one()
    connection.execute(ENDED, {"code": FIRST_CELL})
    assert connection.execute(REACH, {"code": FIRST_CELL}).scalar_one() == before
    connection.execute(MOVED, {"code": FIRST_CELL})
    assert connection.execute(REACH, {"code": FIRST_CELL}).scalar_one() != before


def test_reach_goes_with_a_cell_nothing_carries_the_code_of(
    connection: Connection,
) -> None:
    code = f"{EAST}009"
    copied = text(
        "INSERT INTO grid.cells (code, name, village_code, geom) "
        "SELECT :code, name, village_code, geom FROM grid.cells WHERE code = :like"
    )
    connection.execute(copied, {"code": code, "like": FIRST_CELL})
    assert connection.execute(REACH, {"code": code}).scalar() is not None
    connection.execute(REMOVED, {"code": code})
    assert connection.execute(REACH, {"code": code}).scalar() is None


@pytest.mark.parametrize("change", [ENDED, REMOVED, MOVED])
def test_closed_matter_is_still_found_when_its_cell_is_gone(
    connection: Connection, change: TextClause
) -> None:
    connection.execute(CLOSED, {"code": FIRST_CELL})
    layer = Catalog.load(definitions.folder("layers"))["matter_history"]
    corner = Box(*place(0, 0), *place(1000, 1000))
    question = statements.page(layer, Scope((COUNTY,)), Question(box=corner))
    before = connection.execute(question).all()
    assert before
    connection.execute(change, {"code": FIRST_CELL})
    reattach(connection, [EAST])
    assert connection.execute(question).all() == before


def test_other_columns_leave_the_reaches_alone(connection: Connection) -> None:
    row = text("SELECT ctid::text FROM grid.reaches WHERE code = :code")
    before = connection.execute(row, {"code": f"{WEST}001"}).scalar_one()
    connection.execute(text("UPDATE grid.cells SET name = name || '一'"))
    assert connection.execute(row, {"code": f"{WEST}001"}).scalar_one() == before
