"""The routes of the grid, as browsers ask them."""

import httpx

from tests import village
from tests.village import FIRST_CELL


async def test_anybody_may_ask_for_the_officer_of_a_place(
    client: httpx.AsyncClient,
) -> None:
    lon, lat = village.place(500, 500)
    answer = await client.get("/api/grid/location", params={"lon": lon, "lat": lat})
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert found["cell"]["code"] == FIRST_CELL
    assert found["cell"]["officers"][0] == {
        "name": "曾网格员",
        "role": "officer",
        "phone": "0738-0000001",
    }


WRONG = (
    {"lon": "nan"},
    {"lon": "-inf"},
    {"lat": "91"},
    {"lon": "181"},
    {"lat": ""},
    {"accuracy_m": "-1"},
    {"accuracy_m": "5001"},
    {"accuracy_m": "nan"},
)


async def test_impossible_coordinate_is_refused(client: httpx.AsyncClient) -> None:
    for wrong in WRONG:
        params = {"lon": "111.3", "lat": "27.7", **wrong}
        answer = await client.get("/api/grid/location", params=params)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


async def test_card_is_not_for_visitors(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/grid/cells/{FIRST_CELL}")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
