"""Tiles and items while the database is slow or gone: said so, never a fault."""

from types import SimpleNamespace

import asyncpg
import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gis_service import problems
from gis_service.database import engine, login_url, open_pool
from gis_service.publish.serving import Serving
from gis_service.settings import Settings
from tests import village

COLLECTIONS = "/api/ogc/collections"


def _app(state: object) -> FastAPI:
    app = FastAPI()
    for name in ("settings", "catalog", "pool"):
        setattr(app.state, name, getattr(state, name))
    problems.install(app)
    app.add_middleware(Serving, state=app.state)
    return app


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://grid.test"
    )


async def _pids(app: FastAPI) -> list[int]:
    """Return the server processes of the pool's connections, all of them."""
    pool = app.state.pool
    held = [await pool.acquire() for _ in range(pool.get_size())]
    pids = [connection.get_server_pid() for connection in held]
    for connection in held:
        await pool.release(connection)
    return pids


def _of_psycopg(error: psycopg.Error) -> DBAPIError:
    """Return an error as SQLAlchemy hands it on."""
    is_operational = isinstance(error, psycopg.OperationalError)
    kind = OperationalError if is_operational else DBAPIError
    return kind("SELECT 1", {}, error)


async def test_slow_query_says_to_ask_for_less(
    service: FastAPI, published_database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("var")
    settings = Settings(data_folder=folder, statement_timeout_s=1)
    app = _app(service.state)
    app.state.pool = await open_pool(login_url(settings, published_database), settings)
    owner = engine(published_database)
    with owner.begin() as connection:
        # Whoever reads villages now waits longer than a query may take.
        connection.execute(text("LOCK TABLE divisions.villages"))
        answer = await _client(app).get(f"{COLLECTIONS}/villages/items")
    owner.dispose()
    assert answer.status_code == 422
    assert answer.json()["code"] == "too_slow"
    assert answer.headers["content-type"] == "application/problem+json"
    # The connection it was cancelled on is as good as before.
    again = await _client(app).get(f"{COLLECTIONS}/villages/items")
    assert again.json()["numberReturned"] == 4
    await app.state.pool.close()


async def test_no_database_is_503(
    service: FastAPI, published_database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(data_folder=tmp_path_factory.mktemp("var"))
    app = _app(service.state)
    app.state.pool = await open_pool(login_url(settings, published_database), settings)
    await app.state.pool.close()
    for address in (
        f"{COLLECTIONS}/villages/items",
        f"{COLLECTIONS}/villages/tiles/WebMercatorQuad/1/0/1",
    ):
        answer = await _client(app).get(address)
        assert answer.status_code == 503, address


async def test_connections_lost_in_between_are_503_then_well_again(
    service: FastAPI, published_database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(data_folder=tmp_path_factory.mktemp("var"), pool_size=2)
    app = _app(service.state)
    app.state.pool = await open_pool(login_url(settings, published_database), settings)
    client = _client(app)
    assert (await client.get(f"{COLLECTIONS}/villages/items")).status_code == 200
    owner = engine(published_database)
    with owner.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid = ANY(:pids)"
            ),
            {"pids": await _pids(app)},
        )
    owner.dispose()
    seen = [
        (await client.get(f"{COLLECTIONS}/villages/items")).status_code
        for _ in range(4)
    ]
    assert set(seen) <= {200, 503}
    assert seen[-1] == 200
    await app.state.pool.close()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (asyncpg.QueryCanceledError(), 422, "too_slow"),
        (asyncpg.AdminShutdownError(), 503, "database_unavailable"),
        (asyncpg.CannotConnectNowError(), 503, "database_unavailable"),
        (asyncpg.TooManyConnectionsError(), 503, "database_unavailable"),
        (asyncpg.InterfaceError(""), 503, "database_unavailable"),
        (PoolTimeoutError(), 503, "database_unavailable"),
        (asyncpg.InternalServerError(), 400, "malformed_request"),
        (asyncpg.NumericValueOutOfRangeError(), 400, "malformed_request"),
        (_of_psycopg(psycopg.errors.QueryCanceled()), 422, "too_slow"),
        (_of_psycopg(psycopg.errors.AdminShutdown()), 503, "database_unavailable"),
        (_of_psycopg(psycopg.OperationalError()), 503, "database_unavailable"),
        (asyncpg.UndefinedTableError("secret"), 500, "internal_error"),
        (_of_psycopg(psycopg.errors.UndefinedTable("secret")), 500, "internal_error"),
        (KeyError("secret"), 500, "internal_error"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("address", ["/broken", f"{COLLECTIONS}/villages/items"])
async def test_every_trouble_is_a_problem_and_tells_no_more(
    service: FastAPI, address: str, error: Exception, status: int, code: str
) -> None:
    app = _app(service.state)

    async def fail(**_: object) -> None:
        raise error

    async def broken() -> None:
        raise error

    app.add_api_route("/broken", broken)
    app.state.pool = SimpleNamespace(acquire=fail)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://grid.test",
    )
    answer = await client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)
    assert "secret" not in answer.text


async def test_protected_rows_after_trouble_are_still_scoped(reader: object) -> None:
    officer = reader("officer", (village.FIRST_CELL,))  # type: ignore[operator] # a fixture
    bad = await officer.get(f"{COLLECTIONS}/households/items?filter=residents/0=1")
    assert bad.status_code == 400
    page = (await officer.get(f"{COLLECTIONS}/households/items")).json()
    assert [each["id"] for each in page["features"]] == [1]
