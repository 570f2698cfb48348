"""Measures: what is counted, who may read it, and that nothing personal is in it."""

import asyncio
import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from gis_service import app as application
from gis_service.database import reading
from gis_service.metrics import exposition
from gis_service.settings import Settings

NAME = "赵某某"
PLACES = ("127.0.0.1", "::1", "192.0.2.7", "10.0.0.4", "")


@pytest.fixture
async def app(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[FastAPI]:
    app = application.create(settings)
    app.state.pool = pool
    return app


async def _ask(
    app: FastAPI,
    address: str,
    *,
    place: str = "127.0.0.1",
    method: str = "GET",
    **headers: str,
) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(place, 1))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://grid.test"
    ) as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, address, headers=named)


def _value(text: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize("place", PLACES)
async def test_measures_are_told_to_programs_of_this_machine_alone(
    app: FastAPI, place: str
) -> None:
    answer = await _ask(app, "/api/metrics", place=place)
    is_here = place in {"127.0.0.1", "::1"}
    assert answer.status_code == (200 if is_here else 401)
    assert ("gis_requests" in answer.text) == is_here


@pytest.mark.parametrize("name", ["X_Forwarded_For", "Forwarded"])
async def test_what_a_proxy_hands_on_is_not_of_this_machine(
    app: FastAPI, name: str
) -> None:
    answer = await _ask(app, "/api/metrics", **{name: "127.0.0.1"})
    assert answer.status_code == 401


async def test_requests_are_counted_by_route_and_never_by_what_was_asked(
    app: FastAPI,
) -> None:
    items = "/api/ogc/collections/{layer_id}/items"
    counted = f'gis_requests_total{{method="GET",route="{items}",status="404"}}'
    unknown = 'gis_requests_total{method="other",route="unknown",status="404"}'
    head = 'gis_requests_total{method="HEAD",route="/api/health",status="200"}'
    timed = f'gis_request_duration_seconds_count{{route="{items}"}}'
    before = (await _ask(app, "/api/metrics")).text
    await _ask(app, f"/api/ogc/collections/{NAME}/items?q={NAME}")
    await _ask(app, f"/{NAME}", method="PROPFIND")
    await _ask(app, "/api/health", method="HEAD")
    after = (await _ask(app, "/api/metrics")).text
    for series in (counted, unknown, head, timed):
        assert _value(after, series) == _value(before, series) + 1, series
    assert NAME not in after
    assert "PROPFIND" not in after


async def test_pool_tells_what_is_in_use_and_who_waits(pool: asyncpg.Pool) -> None:
    async with reading(pool):
        held = exposition(pool).decode()
    free = exposition(pool).decode()
    idle = "gis_pool_connections_idle"
    assert _value(free, idle) == _value(held, idle) + 1
    assert _value(free, "gis_pool_connections") == pool.get_size()


async def test_who_waits_for_a_connection_is_counted(pool: asyncpg.Pool) -> None:
    async def read() -> None:
        async with reading(pool):
            pass

    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    waits = asyncio.create_task(read())
    await asyncio.sleep(0)
    assert _value(exposition(pool).decode(), "gis_pool_waiting") == 1
    for connection in held:
        await pool.release(connection)
    await waits
    assert _value(exposition(pool).decode(), "gis_pool_waiting") == 0
