"""How many there are, per area and in a polygon, under the reader's scope."""

from typing import Any

import pytest

from tests.queries.conftest import AsReader
from tests.queries.test_within import WHOLE, drawn
from tests.village import (
    COUNTY,
    EAST,
    FAR,
    FAR_TOWNSHIP,
    FIRST_CELL,
    NEAR_TOWNSHIP,
    WEST,
)

COUNTED = {
    "households": 5,
    "residents": 10,
    "care_residents": 5,
    "parcels": 6,
    "objects": 3,
    "open_matters": 4,
}


def _by_code(found: dict[str, Any], what: str) -> dict[str, int]:
    return {row["code"]: row[what] for row in found["rows"]}


@pytest.mark.parametrize("by", ["cell", "village", "township"])
async def test_rows_of_every_level_add_up_to_the_county(ask: AsReader, by: str) -> None:
    async with ask("supervisor", COUNTY) as client:
        answer = await client.get("/api/query/summary", params={"by": by})
    found = answer.json()
    assert found["totals"] == COUNTED
    for what, count in COUNTED.items():
        assert sum(row[what] for row in found["rows"]) == count


async def test_area_without_anything_and_rows_outside_cells_are_listed(
    ask: AsReader,
) -> None:
    async with ask("supervisor", COUNTY) as client:
        answer = await client.get("/api/query/summary", params={"by": "cell"})
    found = answer.json()
    residents = _by_code(found, "residents")
    assert residents[f"{EAST}003"] == 0
    assert residents[WEST] == 2
    assert {row["name"] for row in found["rows"] if row["code"] == WEST} == {"网格外"}


async def test_within_keeps_to_a_branch(ask: AsReader) -> None:
    params = {"by": "village", "within": NEAR_TOWNSHIP}
    async with ask("supervisor", COUNTY) as client:
        found = (await client.get("/api/query/summary", params=params)).json()
    assert _by_code(found, "households") == {EAST: 3, WEST: 1, f"{NEAR_TOWNSHIP}203": 0}


async def test_officer_sees_the_village_with_the_own_cell_alone(ask: AsReader) -> None:
    async with ask("officer", FIRST_CELL) as client:
        found = (await client.get("/api/query/summary")).json()
    (row,) = found["rows"]
    assert (row["code"], row["name"], row["residents"]) == (EAST, "东村", 2)


@pytest.mark.parametrize(
    ("role", "within", "status"),
    [
        ("visitor", COUNTY, 401),
        ("administrator", COUNTY, 403),
        ("lead", FAR, 404),
        ("lead", "99", 422),
        ("lead", "43132200120x", 422),
    ],
)
async def test_summary_is_for_staff_and_their_branch(
    ask: AsReader, role: str, within: str, status: int
) -> None:
    async with ask(role, EAST) as client:
        answer = await client.get("/api/query/summary", params={"within": within})
    assert answer.status_code == status


async def test_polygon_over_all_counts_all(ask: AsReader) -> None:
    async with ask("supervisor", COUNTY) as client:
        answer = await client.post("/api/query/summary", json={"polygon": WHOLE})
    assert answer.json() == {"totals": COUNTED}


async def test_polygon_across_a_cell_counts_its_rows_one_by_one(ask: AsReader) -> None:
    polygon = drawn((-500, -500, 1450, 1200))
    async with ask("supervisor", COUNTY) as client:
        answer = await client.post("/api/query/summary", json={"polygon": polygon})
    assert answer.json()["totals"] == {
        "households": 1,
        "residents": 2,
        "care_residents": 1,
        "parcels": 4,
        "objects": 2,
        "open_matters": 1,
    }


async def test_polygon_stays_in_the_scope(ask: AsReader) -> None:
    async with ask("supervisor", FAR_TOWNSHIP) as client:
        answer = await client.post("/api/query/summary", json={"polygon": WHOLE})
    assert answer.json()["totals"]["residents"] == 2


async def test_who_sees_no_people_is_not_told_of_a_few(ask: AsReader) -> None:
    polygon = drawn((400, 400, 600, 700))
    async with ask("planner", COUNTY) as client:
        few = await client.post("/api/query/summary", json={"polygon": polygon})
        all_ = await client.post("/api/query/summary", json={"polygon": WHOLE})
    assert few.json()["totals"]["residents"] is None
    assert few.json()["totals"]["households"] is None
    assert few.json()["totals"]["open_matters"] == 1
    # Every cell has two: there is nothing that may be added up.
    assert all_.json()["totals"]["residents"] is None
    assert all_.json()["totals"]["parcels"] == 6


async def test_handler_is_told_no_count_of_other_departments_matters(
    ask: AsReader,
) -> None:
    async with ask("handler", COUNTY) as client:
        area = (await client.get("/api/query/summary?by=cell")).json()
        asked = {"polygon": WHOLE}
        polygon = (await client.post("/api/query/summary", json=asked)).json()
    assert area["totals"]["open_matters"] is None
    assert {row["open_matters"] for row in area["rows"]} == {None}
    assert area["totals"]["parcels"] == COUNTED["parcels"]
    assert polygon["totals"]["open_matters"] is None
    assert polygon["totals"]["parcels"] == COUNTED["parcels"]


async def test_handler_s_card_counts_the_own_department(ask: AsReader) -> None:
    async with ask("handler", COUNTY) as client:
        card = (await client.get(f"/api/grid/cells/{EAST}002")).json()
    # This one belongs to no department.
    assert card["counts"]["open_matters"] == 0
    assert card["counts"]["overdue_matters"] == 0
    assert card["counts"]["parcels"] == 1
