"""The publishing part inside the whole service."""

import httpx

from tests.publish.test_tiles import address


async def test_tiles_and_items_are_answered_in_front_of_the_whole_service(
    client: httpx.AsyncClient,
) -> None:
    tile = await client.get(address("grid_cells", 12))
    assert tile.status_code == 200
    assert tile.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert "etag" in tile.headers
    items = await client.get("/api/ogc/collections/grid_cells/items?limit=2")
    assert items.json()["numberReturned"] == 2
    refused = await client.get("/api/ogc/collections/households/items")
    assert refused.status_code == 401


async def test_openapi_of_the_service_lists_items_and_tiles(
    client: httpx.AsyncClient,
) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert "/api/ogc/collections/{layer_id}/items" in paths
    assert any("WebMercatorQuad/{tileMatrix}" in path for path in paths)


async def test_what_is_not_read_only_is_refused(client: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await client.request(
            method, "/api/ogc/collections/grid_cells/items", json={}
        )
        assert answer.status_code in {403, 404, 405}, method
