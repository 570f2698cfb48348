"""The rest of OGC API: where everything is, and what is said about it."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gis_service.publish.catalog import Catalog
from gis_service.publish.openapi import extend_openapi
from tests import village
from tests.publish.conftest import Client

HERE = "/api/ogc"


async def _json(client: httpx.AsyncClient, address: str) -> Any:  # noqa: ANN401 - JSON
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_link_of_every_page_leads_somewhere(reader: Client) -> None:
    client = reader("supervisor")
    outside = {"/api/openapi.json", "/api/docs"}
    found = {HERE, f"{HERE}/collections"}
    visited: set[str] = set()
    while found:
        address = found.pop()
        visited.add(address)
        answer = await client.get(address)
        assert answer.status_code == 200, address
        if "json" not in answer.headers["content-type"]:
            continue
        for link in _links(answer.json()):
            path = str(link["href"]).removeprefix("http://grid.test")
            assert path.startswith("/api/"), link
            if path not in outside and "{" not in path and "cursor" not in path:
                found |= {path} - visited
    assert len(visited) > 150


def _links(node: object) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = node.get("links", [])
        inner = [link for value in node.values() for link in _links(value)]
        return [*own, *inner]
    if isinstance(node, list):
        return [link for value in node for link in _links(value)]
    return []


async def test_conformance_names_no_class_twice(reader: Client) -> None:
    classes = (await _json(reader(), f"{HERE}/conformance"))["conformsTo"]
    assert len(set(classes)) == len(classes)
    # QGIS sends its filters to the server only when it sees these.
    for name in ("conf/filter", "conf/features-filter", "conf/cql2-text", "basic-cql2"):
        assert any(each.endswith(name) for each in classes), name


async def test_reader_is_told_of_the_layers_of_the_role_only(reader: Client) -> None:
    seen = {}
    for role in ("visitor", "planner", "handler", "officer", "auditor"):
        answer = await _json(reader(role), f"{HERE}/collections")
        seen[role] = {each["id"] for each in answer["collections"]}
    assert "households" not in seen["visitor"] | seen["planner"] | seen["handler"]
    assert "open_matters" not in seen["visitor"] | seen["planner"]
    assert seen["auditor"] == seen["visitor"]
    assert seen["visitor"] < seen["planner"] < seen["handler"] < seen["officer"]


async def test_collection_has_the_extent_of_the_county(reader: Client) -> None:
    answer = await _json(
        reader("officer", (village.FIRST_CELL,)), f"{HERE}/collections/households"
    )
    west, south, east, north = answer["extent"]["spatial"]["bbox"][0]
    lon, lat = village.place(3000, 2000)
    assert west < lon < east
    assert south < lat < north
    assert answer["storageCrs"].endswith("EPSG/0/4490")
    assert answer["crs"][0].endswith("CRS84")


@pytest.mark.parametrize("page", ["", "/schema", "/queryables", "/tilejson", "/tiles"])
async def test_layer_not_open_is_as_closed_here_as_its_items(
    reader: Client, page: str
) -> None:
    address = f"{HERE}/collections/residents{page}"
    refused = await reader().get(address)
    assert refused.status_code == 401
    assert "www-authenticate" in refused.headers
    assert (await reader("planner").get(address)).status_code == 404
    nowhere = f"{HERE}/collections/nothing{page}"
    assert (await reader("planner").get(nowhere)).status_code == 404


async def test_schema_and_queryables_name_the_fields(
    reader: Client, catalog: Catalog
) -> None:
    client = reader("supervisor")
    for layer in catalog.values():
        here = f"{HERE}/collections/{layer.id}"
        schema = (await _json(client, f"{here}/schema"))["properties"]
        assert set(schema) == {"id", "geom", *layer.fields}
        asked = (await _json(client, f"{here}/queryables"))["properties"]
        lists = {name for name, each in layer.fields.items() if each.type == "list"}
        assert set(asked) == {"geom", *layer.fields} - lists


async def test_every_queryable_can_be_asked(reader: Client, catalog: Catalog) -> None:
    client = reader("supervisor")
    values = {
        "text": "'x'",
        "integer": "1",
        "number": "1.5",
        "date": "DATE('2026-01-01')",
        "time": "TIMESTAMP('2026-01-01T00:00:00Z')",
        "boolean": "TRUE",
    }
    for layer in catalog.values():
        for name, field in layer.fields.items():
            if field.type == "list":
                continue
            address = f"{HERE}/collections/{layer.id}/items"
            asked = f"{name} = {values[field.type]} OR {name} IS NULL"
            answer = await client.get(address, params={"filter": asked, "sortby": name})
            assert answer.status_code == 200, (layer.id, name, answer.text)


async def test_tilejson_leads_to_tiles(reader: Client) -> None:
    client = reader("supervisor")
    described = await _json(client, f"{HERE}/collections/households/tilejson")
    assert described["minzoom"] == 17
    assert set(described["vector_layers"][0]["fields"]) <= {"grid_code", "residents"}
    address = described["tiles"][0].format(z=17, y=0, x=0)
    assert (await client.get(address)).status_code == 200


async def test_tile_matrix_set_is_the_one_there_is(reader: Client) -> None:
    matrices = (await _json(reader(), f"{HERE}/tileMatrixSets/WebMercatorQuad"))[
        "tileMatrices"
    ]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717)
    assert matrices[10]["matrixWidth"] == 1024
    for address in (
        f"{HERE}/tileMatrixSets/WorldCRS84Quad",
        f"{HERE}/collections/villages/tiles/WorldCRS84Quad",
        f"{HERE}/collections/villages/tiles/WorldCRS84Quad/1/1/1",
    ):
        assert (await reader().get(address)).status_code == 404, address


async def test_page_for_people_lists_the_layers(reader: Client) -> None:
    answer = await reader().get(f"{HERE}/collections?f=html")
    assert answer.headers["content-type"].startswith("text/html")
    assert "服务中心" in answer.text


async def test_own_document_names_the_layers_of_the_reader(reader: Client) -> None:
    public = await _json(reader(), f"{HERE}/openapi.json")
    assert "/collections/villages/items" in public["paths"]
    assert "/collections/residents/items" not in public["paths"]
    asked = public["paths"]["/collections/villages/items"]["get"]["parameters"]
    names = {each["name"] for each in asked}
    assert {"limit", "resultType", "code", "kind"} <= names
    assert public["openapi"].startswith("3.0")


def test_openapi_knows_items_and_tiles() -> None:
    paths = extend_openapi({"paths": {"/api/health": {}}})["paths"]
    assert "/api/health" in paths
    items = paths["/api/ogc/collections/{layer_id}/items"]["get"]
    assert {"bbox", "limit", "filter"} <= {each["name"] for each in items["parameters"]}
    assert set(items["responses"]) == {"200", "304", "400", "401", "404", "422", "503"}


@pytest.mark.parametrize(
    "query", ["color=red", "f=xml", "f=json&f=json", "f=%ff", "limit=1"]
)
@pytest.mark.parametrize(
    "path",
    [
        *("", "/conformance", "/collections", "/openapi.json", "/tileMatrixSets"),
        *("/collections/villages", "/collections/villages/queryables"),
        *("/collections/villages/tilejson", "/collections/villages/items?limit=1&"),
    ],
)
async def test_what_nobody_knows_is_refused_everywhere(
    reader: Client, path: str, query: str
) -> None:
    joined = path if "?" in path else f"{path}?"
    answer = await reader().get(f"/api/ogc{joined}{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "malformed_request"


async def test_tiles_call_invented_what_is_and_nothing_else(
    service: FastAPI, reader: Client
) -> None:
    address = "/api/ogc/collections/villages/tilejson"
    assert "合成" in (await reader().get(address)).json()["attribution"]
    kept = service.state.settings
    service.state.settings = kept.model_copy(update={"is_demo": False})
    working = (await reader().get(address)).json()["attribution"]
    service.state.settings = kept
    assert working
    assert "合成" not in working
