"""What lies in a village follows its cells when they change."""

import pytest
from shapely import box, to_wkt
from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.grid import attachment
from tests import village
from tests.village import EAST, FAR, FIRST_CELL, WEST


def _codes(connection: Connection, table: str) -> dict[int, str]:
    rows = connection.execute(text(f"SELECT id, grid_code FROM {table}"))  # noqa: S608
    return {row[0]: row[1] for row in rows}


def _retire(connection: Connection, code: str, successors: str = "{}") -> None:
    connection.execute(
        text(
            "UPDATE grid.cells SET valid_to = '2026-11-01', successors = :successors"
            " WHERE code = :code"
        ),
        {"code": code, "successors": successors},
    )


def _draw(connection: Connection, code: str, bounds: village.Box) -> None:
    connection.execute(
        text(
            "INSERT INTO grid.cells (code, name, village_code, geom)"
            " VALUES (:code, 'new', :village,"
            " ST_Multi(ST_GeomFromText(:wkt, :srid)))"
        ),
        {
            "code": code,
            "village": code[:12],
            "wkt": to_wkt(village.stored(box(*bounds)), rounding_precision=12),
            "srid": crs.STORED,
        },
    )


def test_split_moves_all_four_elements_into_the_new_cells(
    connection: Connection,
) -> None:
    _retire(connection, FIRST_CELL, f"{{{EAST}005,{EAST}006}}")
    _draw(connection, f"{EAST}005", (0, 0, 450, 1000))
    _draw(connection, f"{EAST}006", (450, 0, 1000, 1000))
    moved = attachment.reattach(connection, [EAST])
    assert _codes(connection, "people.households")[1] == f"{EAST}006"
    assert _codes(connection, "people.residents")[10] == f"{EAST}006"
    assert _codes(connection, "land.parcels")[1] == f"{EAST}005"
    assert _codes(connection, "objects.objects")[1] == f"{EAST}005"
    assert _codes(connection, "sites.centers")[1] == f"{EAST}005"
    assert _codes(connection, "matters.matters")[1] == f"{EAST}006"
    assert moved.counts["people.residents"] == 2
    assert moved.total == 8


def test_closed_matter_keeps_its_cell_and_steps_follow_the_open_one(
    connection: Connection,
) -> None:
    _retire(connection, FIRST_CELL)
    attachment.reattach(connection, [EAST])
    query = text("SELECT matter_id, grid_code FROM matters.steps ORDER BY matter_id")
    steps = {row[0]: row[1] for row in connection.execute(query)}
    assert _codes(connection, "matters.matters")[4] == steps[4] == FIRST_CELL
    assert _codes(connection, "matters.matters")[1] == steps[1] == EAST


def test_kept_counts_move_with_the_rows(connection: Connection) -> None:
    _draw(connection, f"{WEST}002", (3000, 0, 4000, 2000))
    attachment.reattach(connection, [WEST])
    query = text(
        "SELECT grid_code, households, residents, open_matters FROM grid.summaries"
        " WHERE grid_code IN (:village, :cell)"
    )
    found = connection.execute(query, {"village": WEST, "cell": f"{WEST}002"})
    counts = {row[0]: tuple(row[1:]) for row in found}
    assert counts[f"{WEST}002"] == (1, 2, 1)
    assert counts.get(WEST, (0, 0, 0)) == (0, 0, 0)


def test_row_without_a_place_takes_the_only_successor(connection: Connection) -> None:
    connection.execute(text("UPDATE people.households SET geom = NULL"))
    _retire(connection, FIRST_CELL, f"{{{EAST}007}}")
    _retire(connection, f"{EAST}002")
    _draw(connection, f"{EAST}007", (0, 0, 1000, 1000))
    attachment.reattach(connection, [EAST])
    codes = _codes(connection, "people.households")
    assert codes[1] == f"{EAST}007"
    assert codes[2] == EAST
    assert codes[3] == f"{EAST}004"


def test_row_under_another_villages_code_comes_in_where_it_lies(
    connection: Connection,
) -> None:
    connection.execute(
        text("UPDATE objects.objects SET grid_code = :code WHERE id = 2"),
        {"code": f"{WEST}001"},
    )
    moved = attachment.reattach(connection, [EAST])
    assert moved.total == 1
    assert _codes(connection, "objects.objects")[2] == f"{EAST}002"


def test_nothing_changes_where_nothing_changed(connection: Connection) -> None:
    assert attachment.reattach(connection, [EAST, WEST, FAR]).total == 0


def test_rows_outside_every_cell_are_listed(connection: Connection) -> None:
    found = {(row.table, row.grid_code) for row in attachment.outside(connection)}
    assert found == {
        ("people.households", WEST),
        ("people.residents", WEST),
        ("matters.matters", WEST),
    }


@pytest.mark.parametrize("codes", [[], ["431322001999"]])
def test_village_that_is_not_there_moves_nothing(
    connection: Connection, codes: list[str]
) -> None:
    assert attachment.reattach(connection, codes).total == 0
