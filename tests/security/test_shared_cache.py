"""A cache that everybody goes through, as RFC 9111 lets it keep what it may."""

import re
from pathlib import Path

import httpx
import pytest
from hishel import AsyncSqliteStorage
from hishel.httpx import AsyncCacheTransport

from tests.security.conftest import Fort
from tests.security.table import ASKERS, LAYERS, Asker

TWO = ("supervisor of a township", "supervisor of the other township")
OTHERS = ("officer on the page", "visitor", "planner")
REQUEST_ID = re.compile(rb'"request_id": *"[0-9a-f]+"')
MADE_ANEW = {"/maps/supervisor.html"}
"""Each copy has a nonce of its own."""

COLLECTIONS = "/api/ogc/collections"


def _by_name(*names: str) -> list[Asker]:
    return [each for each in ASKERS if each.name in names]


@pytest.fixture
def proxy(fort: Fort, tmp_path: Path) -> httpx.AsyncClient:
    """Return a client behind one shared cache, and the service behind that."""
    storage = AsyncSqliteStorage(database_path=str(tmp_path / "cache.db"))
    cache = AsyncCacheTransport(
        httpx.ASGITransport(fort.app), storage=storage, rfc={"shared": True}
    )
    return httpx.AsyncClient(transport=cache, base_url="http://grid.test")


def _addresses(fort: Fort) -> list[str]:
    tiles = [
        f"{COLLECTIONS}/{layer}/tiles/WebMercatorQuad/{place.blanks[f'tile {layer}']}"
        for layer in LAYERS
        for place in fort.places
    ]
    pages = [f"{COLLECTIONS}/{layer}/items?limit=1000" for layer in LAYERS]
    maps = ["/maps/supervisor.html", "/api/maps/supervisor", "/api/people/residents"]
    return [*tiles, *pages, *maps]


async def test_nobody_gets_from_the_cache_what_is_of_another_scope(
    fort: Fort, proxy: httpx.AsyncClient
) -> None:
    different = 0
    async with proxy:
        for address in _addresses(fort):
            first = None
            for asker in _by_name(*TWO, *OTHERS):
                headers = fort.headers(asker)
                straight = await fort.client.get(address, headers=headers)
                # Twice: the second is answered from the cache where that is allowed.
                for _ in range(2):
                    kept = await proxy.get(address, headers=headers)
                    assert kept.status_code == straight.status_code, address
                    if address in MADE_ANEW:
                        assert not kept.extensions["caching"]["from_cache"]
                    else:
                        assert _body(kept) == _body(straight), (asker.name, address)
                first = first or straight.content
                different += straight.content != first
    assert different > 100


def _body(answer: httpx.Response) -> bytes:
    """Return what is said, without the number of the request it was said to."""
    return REQUEST_ID.sub(b"", answer.content)


async def test_open_layers_are_kept_for_everybody(proxy: httpx.AsyncClient) -> None:
    address = f"{COLLECTIONS}/villages/items"
    async with proxy:
        await proxy.get(address)
        again = await proxy.get(address)
    assert again.extensions["caching"]["from_cache"]


@pytest.mark.parametrize("asker", _by_name(*TWO), ids=lambda each: each.name)
async def test_what_is_of_a_scope_says_that_nobody_may_keep_it(
    fort: Fort, asker: Asker
) -> None:
    for layer, (kind, extent) in LAYERS.items():
        if kind == "public" and extent == "county":
            continue
        tile = fort.places[0].blanks[f"tile {layer}"]
        for path in ("items", f"tiles/WebMercatorQuad/{tile}"):
            address = f"{COLLECTIONS}/{layer}/{path}"
            answer = await fort.client.get(address, headers=fort.headers(asker))
            assert answer.headers["cache-control"] == "private, no-store", address
            assert "authorization" in answer.headers["vary"].lower()
            assert "cookie" in answer.headers["vary"].lower()
