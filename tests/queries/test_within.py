"""What lies in a drawn polygon, and polygons that are none."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from shapely import box, to_geojson

from gis_service.queries.api import POLYGONS_AT_ONCE, POLYGONS_WAITING
from gis_service.queries.polygons import (
    BadPolygonError,
    PolygonTooLargeError,
    read_polygon,
)
from tests import village
from tests.queries.conftest import AsReader
from tests.village import COUNTY, EAST, Box


def drawn(bounds: Box) -> dict[str, Any]:
    """Return a box in metres as GeoJSON in degrees."""
    plain: dict[str, Any] = json.loads(to_geojson(village.stored(box(*bounds))))
    return plain


def polygon_of(coordinates: str) -> str:
    """Return a question with coordinates written as given."""
    polygon = f'{{"type": "Polygon", "coordinates": {coordinates}}}'
    return f'{{"layer": "villages", "polygon": {polygon}}}'


WHOLE = drawn((-500, -500, 6500, 4500))


async def test_polygon_finds_what_touches_it(ask: AsReader) -> None:
    body = {"layer": "objects", "polygon": drawn((300, 300, 1500, 500))}
    async with ask("supervisor", COUNTY) as client:
        answer = await client.post("/api/query/within", json=body)
    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["features"]] == [1, 2]


@pytest.mark.parametrize("layer", ["grid_cells", "households"])
async def test_answer_that_was_cut_says_how_many_there_are(
    ask: AsReader, layer: str
) -> None:
    body = {"layer": layer, "polygon": WHOLE, "limit": 10_000}
    async with ask("supervisor", COUNTY) as client:
        whole = (await client.post("/api/query/within", json=body)).json()
        body["limit"] = 1
        cut = (await client.post("/api/query/within", json=body)).json()
    assert whole["numberMatched"] == len(whole["features"]) > 1
    assert (cut["numberReturned"], cut["numberMatched"]) == (
        1,
        whole["numberMatched"],
    )


@pytest.mark.parametrize("layer", ["households", "open_matters", "objects", "parcels"])
async def test_scope_ends_at_the_branch_whatever_is_drawn(
    ask: AsReader, layer: str
) -> None:
    body = {"layer": layer, "polygon": WHOLE, "limit": 10_000}
    async with ask("lead", EAST) as client:
        answer = await client.post("/api/query/within", json=body)
    codes = {each["properties"]["grid_code"] for each in answer.json()["features"]}
    assert codes
    assert all(code.startswith(EAST) for code in codes)


async def test_layer_not_open_is_not_there(ask: AsReader) -> None:
    body = {"layer": "households", "polygon": WHOLE}
    async with ask("planner", COUNTY) as client:
        assert (await client.post("/api/query/within", json=body)).status_code == 404
    async with ask("visitor") as client:
        assert (await client.post("/api/query/within", json=body)).status_code == 401


async def test_every_layer_can_be_asked(ask: AsReader) -> None:
    async with ask("supervisor", COUNTY) as client:
        layers = (await client.get("/api/ogc/collections")).json()["collections"]
        for layer in layers:
            body = {"layer": layer["id"], "polygon": WHOLE}
            answer = await client.post("/api/query/within", json=body)
            assert answer.status_code == 200, (layer["id"], answer.text)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"layer": "villages"}',
        '{"layer": "villages", "polygon": null}',
        '{"layer": "villages", "polygon": {}, "limit": 0}',
        '{"layer": "villages", "polygon": {}, "more": 1}',
        polygon_of("[" * 5000 + "]" * 5000),
        polygon_of("[[[NaN, 0], [1, 0], [1, 1], [NaN, 0]]]"),
        '{"layer": "\\ud800", "polygon": {}}',
    ],
)
async def test_body_that_is_no_question_is_refused(ask: AsReader, body: str) -> None:
    async with ask("visitor") as client:
        answer = await client.post("/api/query/within", content=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_body_without_end_is_cut_off(ask: AsReader) -> None:
    async with ask("visitor") as client:
        answer = await client.post("/api/query/within", content=b" " * 1_000_001)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_polygons_beyond_the_queue_are_sent_away(ask: AsReader) -> None:
    body = {"layer": "objects", "polygon": drawn((300, 300, 1500, 500))}
    routes = ("/api/query/within", "/api/query/summary")
    summary = {"polygon": body["polygon"]}
    async with ask("supervisor", COUNTY) as client, AsyncExitStack() as stack:
        assert (await client.post(routes[0], json=body)).status_code == 200
        transport = client._transport  # noqa: SLF001 - the only way to the service
        assert isinstance(transport, httpx.ASGITransport)
        turns = transport.app.state.asking.polygon_turns  # type: ignore[attr-defined] # FastAPI's
        for _ in range(POLYGONS_AT_ONCE):
            await stack.enter_async_context(turns.take())
        waiting = [
            asyncio.create_task(turns.take().__aenter__())
            for _ in range(POLYGONS_WAITING)
        ]
        await asyncio.sleep(0)
        for route, asked in zip(routes, (body, summary), strict=True):
            answer = await client.post(route, json=asked)
            assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await stack.aclose()
        assert (await client.post(routes[1], json=summary)).status_code == 200


NAN = float("nan")
SQUARE = [[111.0, 27.0], [111.1, 27.0], [111.1, 27.1], [111.0, 27.1], [111.0, 27.0]]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [111.0, 27.0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "Polygon", "coordinates": [[[111, 27], [111, 27]]]},
        {"type": "Polygon", "coordinates": [[*SQUARE[:2], ["x", 1], *SQUARE[2:]]]},
        {"type": "Polygon", "coordinates": [[*SQUARE[:2], [True, 1], *SQUARE[2:]]]},
        {"type": "Polygon", "coordinates": [[*SQUARE[:2], [10**400, 1], *SQUARE[2:]]]},
        {"type": "Polygon", "coordinates": [[*SQUARE[:2], [27.1, 111.1], *SQUARE[2:]]]},
        {
            "type": "Polygon",
            "coordinates": [[*SQUARE[:2], [NAN, 1], SQUARE[0]]],
        },
        {"type": "Polygon", "coordinates": [[*SQUARE[:2], [111.1], *SQUARE[2:]]]},
        {
            "type": "Polygon",
            "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],
        },
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
        {"type": "MultiPolygon", "coordinates": [SQUARE]},
        {"type": ["Polygon"], "coordinates": [SQUARE]},
    ],
)
def test_what_is_no_polygon_is_refused_with_a_sentence(
    geometry: dict[str, Any],
) -> None:
    with pytest.raises(BadPolygonError):
        read_polygon(geometry)


def test_polygon_too_large_is_refused() -> None:
    wide = [[110, 27], [112, 27], [112, 28], [110, 28], [110, 27]]
    with pytest.raises(PolygonTooLargeError):
        read_polygon({"type": "Polygon", "coordinates": [wide]})
    dense = [*([[111.0, 27.0]] * 5001)]
    with pytest.raises(PolygonTooLargeError):
        read_polygon({"type": "Polygon", "coordinates": [dense]})


def test_either_winding_and_a_hole_are_taken() -> None:
    hole = [[111.02, 27.02], [111.05, 27.02], [111.05, 27.05], [111.02, 27.02]]
    for ring in (SQUARE, SQUARE[::-1]):
        polygon = read_polygon({"type": "Polygon", "coordinates": [ring, hole]})
        assert polygon.bounds == (111.0, 27.0, 111.1, 27.1)
    both = {"type": "MultiPolygon", "coordinates": [[SQUARE]]}
    assert read_polygon(both).bounds == (111.0, 27.0, 111.1, 27.1)


async def test_polygon_around_the_earth_is_too_large(ask: AsReader) -> None:
    ring = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    async with ask("visitor") as client:
        body = {"layer": "villages", "polygon": polygon}
        answer = await client.post("/api/query/within", json=body)
    assert answer.status_code == 413
