"""Which cell a coordinate is in, for whoever asks."""

import json
from typing import Any

import asyncpg
import pytest

from gis_service.access.scope import Scope
from gis_service.errors import NotFoundError
from gis_service.grid.cards import card
from gis_service.grid.location import cells_at
from tests import village
from tests.village import COUNTY, EAST, FAR, FIRST_CELL, NEAR_TOWNSHIP, NORTH, WEST


async def _at(pool: asyncpg.Pool, x_m: float, y_m: float, accuracy_m: float = 0) -> Any:  # noqa: ANN401 - JSON
    return json.loads(await cells_at(pool, *village.place(x_m, y_m), accuracy_m))


async def test_place_in_a_cell_names_it_and_its_officers(pool: asyncpg.Pool) -> None:
    found = await _at(pool, 500, 500)
    assert found["cell"]["code"] == FIRST_CELL
    assert [each["role"] for each in found["cell"]["officers"]] == ["officer", "lead"]
    assert found["place"]["village_name"] == "东村"
    assert found["place"]["township"] == NEAR_TOWNSHIP
    assert found["touches"] == []
    assert found["within_county"] is True


async def test_circle_names_the_cells_it_touches_nearest_first(
    pool: asyncpg.Pool,
) -> None:
    found = await _at(pool, 980, 940, 100)
    assert [(each["code"], each["distance_m"]) for each in found["touches"]] == [
        (f"{EAST}002", pytest.approx(20, abs=0.2)),
        (f"{EAST}003", pytest.approx(60, abs=0.2)),
        (f"{EAST}004", pytest.approx(63.2, abs=0.2)),
    ]


@pytest.mark.parametrize(
    ("x_m", "y_m", "village_code"),
    [(3500, 500, WEST), (1000, 3000, NORTH), (-100, 500, None)],
)
async def test_place_outside_every_cell_still_has_its_village(
    pool: asyncpg.Pool,
    x_m: float,
    y_m: float,
    village_code: str | None,
) -> None:
    found = await _at(pool, x_m, y_m)
    assert found["cell"] is None
    assert found["place"]["village"] == village_code
    assert found["within_county"] is (village_code is not None)


async def test_far_side_of_the_world_is_simply_elsewhere(pool: asyncpg.Pool) -> None:
    for lon, lat in ((-170.0, -80.0), (111.3, 89.9), (180.0, 0.0)):
        found = json.loads(await cells_at(pool, lon, lat, 5000))
        assert found["place"]["village"] is None
        assert found["within_county"] is False


async def test_card_counts_what_lies_in_the_cell(pool: asyncpg.Pool) -> None:
    whole = json.loads(
        await card(pool, Scope((COUNTY,)), f"{EAST}002", with_matters=True)
    )
    assert whole["village_name"] == "东村"
    assert whole["area_m2"] == pytest.approx(1_000_000, abs=2)
    assert whole["counts"] == {
        "households": 1,
        "residents": 2,
        "care_residents": 1,
        "parcels": 1,
        "objects": 1,
        "open_matters": 1,
        "overdue_matters": 1,
    }


async def test_overdue_matters_are_for_those_who_see_matters(
    pool: asyncpg.Pool,
) -> None:
    found = json.loads(
        await card(pool, Scope((COUNTY,)), FIRST_CELL, with_matters=False)
    )
    assert found["counts"]["overdue_matters"] is None


@pytest.mark.parametrize(
    ("branch", "code"),
    [
        (EAST, f"{FAR}001"),
        (EAST, f"{EAST}999"),
        (FIRST_CELL, f"{EAST}002"),
        (COUNTY, EAST),
        (COUNTY, "\0" * 15),
        (COUNTY, "４３１３２２００１２０１００１"),
    ],
)
async def test_card_outside_the_scope_is_as_if_it_were_not(
    pool: asyncpg.Pool, branch: str, code: str
) -> None:
    with pytest.raises(NotFoundError):
        await card(pool, Scope((branch,)), code, with_matters=True)
