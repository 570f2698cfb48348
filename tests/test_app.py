"""The whole application: probes, and problems for whatever is not there."""

import httpx
import pytest
from sqlalchemy import make_url

from gis_service.access.origin import HEADERS
from gis_service.cluster import Cluster
from tests.given_server import GivenServer


async def test_service_says_that_it_lives_and_is_ready(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/api/health")).json()["status"] == "ok"
    ready = await client.get("/api/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ok"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/nothing", 404),
        ("/api/grid/location?lon=east&lat=27", 422),
        ("/api/grid/location?lon=nan&lat=27", 422),
        ("/api/grid/cells/%00", 401),
        ("/api/ogc/collections/nothing/items", 404),
        ("/api/ogc/collections/villages/items?bbox=1,2,3", 400),
        ("/api/ogc/collections/villages/items?filter=kind%20%3D", 400),
        ("/api/ogc/collections/villages/items?crs=EPSG:1", 400),
        ("/api/ogc/collections/villages/items?limit=none", 400),
        ("/api/ogc/collections/villages/items?color=red", 400),
        ("/api/ogc/collections/villages/tiles/WebMercatorQuad/99/0/0", 404),
        ("/api/ogc/collections/villages/tiles/WebMercatorQuad/3/9/9", 404),
        ("/api/ogc/collections/residents/items", 401),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_with_a_sentence(
    client: httpx.AsyncClient, address: str, status: int
) -> None:
    answer = await client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"]
    assert not problem["detail"][0].isascii()


async def test_wrong_method_is_a_problem_too(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/health")
    assert answer.status_code == 405
    assert answer.json()["status"] == 405


async def test_what_is_not_there_is_missing_whatever_the_method(
    client: httpx.AsyncClient,
) -> None:
    for method in ("GET", "POST", "PUT"):
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = await client.request(method, "/nothing", headers=headers)
        assert answer.status_code == 404
    answer = await client.put("/api/session", headers=headers)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_openapi_knows_tiles_and_items(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert any("/tiles/WebMercatorQuad/" in path for path in paths)
    assert any(path.endswith("/items") for path in paths)


async def test_docs_page_asks_no_other_host(client: httpx.AsyncClient) -> None:
    page = (await client.get("/api/docs")).text
    assert "http://" not in page
    assert "https://" not in page


async def test_lost_database_is_said_so_and_not_a_fault(
    client: httpx.AsyncClient, cluster: Cluster | GivenServer, copy_of_village: str
) -> None:
    cluster.drop_database(str(make_url(copy_of_village).database))
    answer = await client.get("/api/ogc/collections/villages/items")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("form", ["html", "json"])
async def test_items_carry_the_security_headers_of_every_answer(
    client: httpx.AsyncClient, form: str
) -> None:
    address = "/api/ogc/collections"
    usual = (await client.get(address)).headers
    items = (await client.get(f"{address}/villages/items?f={form}")).headers
    for name in ("Content-Security-Policy", *HEADERS):
        assert items[name] == usual[name]
