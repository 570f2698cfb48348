"""What the database keeps by itself follows every change, and only changes."""

from sqlalchemy import Connection, text

from tests.village import EAST, FIRST_CELL, WEST

SQUARES = text("SELECT zoom, tile_x, tile_y, square, residents FROM people.density")
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


def test_reach_follows_the_geometry_and_the_end_of_a_cell(
    connection: Connection,
) -> None:
    before = connection.execute(REACH, {"code": FIRST_CELL}).scalar_one()
    moved = text(
        "UPDATE grid.cells SET geom = ST_Translate(geom, 1, 0) WHERE code = :code"
    )
    connection.execute(moved, {"code": FIRST_CELL})
    assert connection.execute(REACH, {"code": FIRST_CELL}).scalar_one() != before
    ended = text("UPDATE grid.cells SET valid_to = '2026-11-01' WHERE code = :code")
    connection.execute(ended, {"code": FIRST_CELL})
    assert connection.execute(REACH, {"code": FIRST_CELL}).scalar() is None


def test_other_columns_leave_the_reaches_alone(connection: Connection) -> None:
    row = text("SELECT ctid::text FROM grid.reaches WHERE code = :code")
    before = connection.execute(row, {"code": f"{WEST}001"}).scalar_one()
    connection.execute(text("UPDATE grid.cells SET name = name || '一'"))
    assert connection.execute(row, {"code": f"{WEST}001"}).scalar_one() == before
