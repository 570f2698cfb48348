"""Vector tiles over HTTP: what they carry, for whom, and where there is none."""

from math import asinh, pi, radians, tan
from typing import Any

import httpx
import mapbox_vector_tile
import pytest

from gis_service.publish.catalog import Catalog
from tests import village
from tests.publish.conftest import Client

COLLECTIONS = "/api/ogc/collections"
PRIVATE_WORDS = ("赵", "钱", "孙", "组", "事项1", "H1")


def address(layer: str, zoom: int, x_m: float = 500, y_m: float = 500) -> str:
    """Return the address of the tile over a place given in metres."""
    lon, lat = village.place(x_m, y_m)
    column = int((lon + 180) / 360 * 2**zoom)
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)
    return f"{COLLECTIONS}/{layer}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"


async def _features(client: httpx.AsyncClient, where: str) -> list[dict[str, Any]]:
    answer = await client.get(where)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layers = mapbox_vector_tile.decode(answer.content)
    return [each for layer in layers.values() for each in layer["features"]]


async def test_officer_of_a_cell_sees_that_cell_only(reader: Client) -> None:
    officer = reader("officer", (village.FIRST_CELL,))
    everywhere = reader("supervisor")
    for layer, zoom in (("open_matters", 13), ("parcels", 14)):
        where = address(layer, zoom)
        seen = await _features(officer, where)
        codes = {each["properties"]["grid_code"] for each in seen}
        assert codes == {village.FIRST_CELL}, layer
        assert len(await _features(everywhere, where)) > len(seen)


async def test_handler_sees_the_matters_of_the_department_only(reader: Client) -> None:
    handler = reader("handler", (village.COUNTY,), "城管局")
    seen = await _features(handler, address("open_matters", 13))
    assert [each["id"] for each in seen] == [2]


async def test_no_tile_of_any_layer_carries_a_private_field(
    reader: Client, catalog: Catalog
) -> None:
    # Whoever sees villages and no more is given all zooms there are.
    client = reader("lead", tuple({cell[:12] for cell in village.CELLS}))
    for layer in catalog.values():
        drawn = 0
        for zoom in range(layer.zooms[0], layer.zooms[1] + 1):
            answer = await client.get(address(layer.id, zoom))
            for word in PRIVATE_WORDS:
                if layer.audience == "people":
                    assert word.encode() not in answer.content, (layer.id, word)
            features = await _features(client, address(layer.id, zoom))
            keys = {key for each in features for key in each["properties"]}
            assert keys <= set(layer.drawn_fields), layer.id
            drawn += len(features)
        places = {"candidate_sites", "water", "matter_history"}
        assert drawn or layer.id in places, layer.id


async def test_density_shows_a_square_of_five_or_more_only(reader: Client) -> None:
    seen = await _features(reader("planner"), address("resident_density", 14))
    assert [each["properties"]["residents"] for each in seen] == [9]


async def test_layer_not_open_is_401_for_visitors_and_404_for_others(
    reader: Client,
) -> None:
    where = address("households", 15)
    refused = await reader().get(where)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert (await reader("planner").get(where)).status_code == 404


async def test_scoped_tile_is_kept_by_nobody(reader: Client) -> None:
    mine = await reader("supervisor").get(address("parcels", 14))
    assert mine.headers["cache-control"] == "private, no-store"
    assert "etag" not in mine.headers
    open_to_all = await reader().get(address("villages", 14))
    assert open_to_all.headers["cache-control"] == "public, max-age=60"
    again = await reader().get(
        address("villages", 14), headers={"If-None-Match": open_to_all.headers["etag"]}
    )
    assert again.status_code == 304


async def test_tile_over_nothing_is_empty(reader: Client) -> None:
    where = f"{COLLECTIONS}/villages/tiles/WebMercatorQuad/10/0/0"
    answer = await reader().get(where)
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("10/1024/0", 404),
        ("10/0/1024", 404),
        ("23/0/0", 404),
        ("10/0/999999999", 404),
        ("10/0/9999999999999999999999", 400),
        ("10/-1/0", 400),
        ("a/0/0", 400),
        ("10/0/0.mvt", 400),
        ("10/0/%00", 400),
        ("10/0/%E4%B8%89", 400),
        ("10/0/0?limit=1", 400),
    ],
)
async def test_tile_that_cannot_be_is_a_problem(
    reader: Client, place: str, status: int
) -> None:
    where = f"{COLLECTIONS}/villages/tiles/WebMercatorQuad/{place}"
    answer = await reader().get(where)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_tile_outside_the_zooms_of_its_layer_is_none(reader: Client) -> None:
    answer = await reader("officer", (village.FIRST_CELL,)).get(
        address("households", 14)
    )
    assert answer.status_code == 404
    assert answer.json()["zooms"] == [15, 22]


@pytest.mark.parametrize(
    ("branches", "first"),
    [
        ((village.FIRST_CELL,), 15),
        ((village.EAST,), 15),
        ((village.COUNTY,), 17),
        ((village.EAST[:9],), 17),
        ((village.FIRST_CELL, village.EAST[:9]), 17),
    ],
)
async def test_who_sees_whole_towns_is_given_their_houses_from_nearer_by(
    reader: Client, branches: tuple[str, ...], first: int
) -> None:
    client = reader("lead" if first == 15 else "supervisor", branches)
    assert (await client.get(address("households", first))).status_code == 200
    refused = await client.get(address("households", first - 1))
    assert refused.status_code == 404
    where = f"{COLLECTIONS}/households/tiles/WebMercatorQuad/tilejson"
    assert (await client.get(where)).json()["minzoom"] == first
    # Matters are few: a village sees its own at once, a county from zoom 13.
    far = await client.get(address("open_matters", 11))
    assert far.status_code == (200 if first == 15 else 404)


async def test_copy_of_one_reader_is_never_confirmed_to_another(
    reader: Client,
) -> None:
    officer = reader("officer", (village.FIRST_CELL,))
    for where in (address("grid_cells", 14), f"{COLLECTIONS}/grid_cells/items"):
        public = await reader().get(where)
        mine = await officer.get(
            where, headers={"If-None-Match": public.headers["etag"]}
        )
        county = await reader("supervisor").get(where, headers={"If-None-Match": "*"})
        assert (mine.status_code, county.status_code) == (200, 200)
        assert len({public.content, mine.content, county.content}) == 3
        for kept_by_nobody in (mine, county):
            assert kept_by_nobody.headers["cache-control"] == "private, no-store"
            assert "etag" not in kept_by_nobody.headers
        assert {"Cookie", "Authorization"} <= {*public.headers["vary"].split(", ")}
