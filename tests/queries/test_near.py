"""What is near a place, nearest first, and only what the reader may see."""

import pytest

from tests import village
from tests.queries.conftest import AsReader
from tests.village import COUNTY, EAST, FIRST_CELL


def _params(layer: str, x_m: float, y_m: float, **more: object) -> dict[str, object]:
    lon, lat = village.place(x_m, y_m)
    return {"layer": layer, "lon": lon, "lat": lat, **more}


async def test_nearest_comes_first_with_its_distance(ask: AsReader) -> None:
    async with ask("supervisor", COUNTY) as client:
        params = _params("objects", 1300, 400, radius_m=1000)
        answer = await client.get("/api/query/near", params=params)
    found = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert [
        (each["id"], each["properties"]["distance_m"]) for each in found["features"]
    ] == [(2, pytest.approx(100, abs=0.1)), (1, pytest.approx(900, abs=0.1))]


async def test_radius_and_limit_hold(ask: AsReader) -> None:
    async with ask("supervisor", COUNTY) as client:
        near = _params("objects", 1300, 400, radius_m=899)
        first = _params("objects", 1300, 400, radius_m=5000, limit=1)
        inside = (await client.get("/api/query/near", params=near)).json()
        one = (await client.get("/api/query/near", params=first)).json()
    assert [each["id"] for each in inside["features"]] == [2]
    assert [each["id"] for each in one["features"]] == [2]


@pytest.mark.parametrize("layer", ["households", "open_matters", "objects", "parcels"])
async def test_officer_finds_nothing_beyond_the_own_cell(
    ask: AsReader, layer: str
) -> None:
    async with ask("officer", FIRST_CELL) as client:
        params = _params(layer, 1000, 500, radius_m=10_000, limit=100)
        found = (await client.get("/api/query/near", params=params)).json()
    assert [each["id"] for each in found["features"]] == [1]


async def test_area_that_holds_the_place_is_at_no_distance(ask: AsReader) -> None:
    async with ask("visitor") as client:
        params = _params("villages", 500, 500, radius_m=10)
        found = (await client.get("/api/query/near", params=params)).json()
    (feature,) = found["features"]
    assert feature["properties"]["code"] == EAST
    assert feature["properties"]["distance_m"] == 0


@pytest.mark.parametrize(
    ("role", "layer", "status"),
    [
        ("visitor", "households", 401),
        ("planner", "households", 404),
        ("planner", "nothing", 404),
    ],
)
async def test_layer_not_open_is_answered_as_items_answer_it(
    ask: AsReader, role: str, layer: str, status: int
) -> None:
    async with ask(role, COUNTY) as client:
        answer = await client.get("/api/query/near", params=_params(layer, 0, 0))
    assert answer.status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"lon": "nan"},
        {"lon": "inf"},
        {"lat": 86},
        {"radius_m": 0},
        {"radius_m": 10_001},
        {"limit": 0},
        {"limit": 501},
        {"lon": "x"},
        {"other": 1},
    ],
)
async def test_impossible_place_is_refused(
    ask: AsReader, wrong: dict[str, object]
) -> None:
    async with ask("visitor") as client:
        params = {**_params("villages", 0, 0), **wrong}
        answer = await client.get("/api/query/near", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_far_side_of_the_world_has_nothing_near(ask: AsReader) -> None:
    async with ask("visitor") as client:
        for lon, lat in ((-170, -80), (180, 85), (21, -27)):
            params = {"layer": "villages", "lon": lon, "lat": lat}
            answer = await client.get("/api/query/near", params=params)
            assert answer.status_code == 200, answer.text
            assert answer.json()["features"] == []
