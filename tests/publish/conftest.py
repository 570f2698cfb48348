"""The published village: its layers behind the real sign-in, for every role."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, text

from gis_service import definitions, problems
from gis_service.access import accounts, tokens
from gis_service.cluster import Cluster
from gis_service.database import engine, login_url, open_pool
from gis_service.publish import api
from gis_service.publish.catalog import Catalog
from gis_service.publish.maps import Maps
from gis_service.publish.serving import Serving
from gis_service.settings import Settings
from tests import village
from tests.given_server import GivenServer

PASSWORD = "correct horse"  # noqa: S105 - of the tests' own accounts

Client = Callable[..., httpx.AsyncClient]

_numbers = count(1)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.load(definitions.folder("layers"))


@pytest.fixture(scope="session")
def published_database(
    cluster: Cluster | GivenServer, village_database: str
) -> Iterator[str]:
    """Return the owner's address of a village with what only these tests need."""
    cluster.create_database("published", template=village_database)
    owner = engine(cluster.url("published"))
    with owner.begin() as connection:
        _add_more(connection)
    owner.dispose()
    yield cluster.url("published")
    cluster.drop_database("published")


def _add_more(connection: Connection) -> None:
    lon, lat = village.place(505, 505)
    statements = (
        # Seven who live at one place: a square that may be shown.
        """INSERT INTO people.residents (household_id, name, grid_code, geom)
        SELECT 1, '孙三', :cell, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)
        FROM generate_series(1, 7)""",
        """INSERT INTO divisions.villager_groups (code, name, village_code, geom)
        VALUES (:village || '01', '一组', :village,
            ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))""",
        "UPDATE matters.matters SET department = '城管局' WHERE id = 2",
        "UPDATE matters.matters SET department = '林业局' WHERE id = 5",
    )
    values = {
        "cell": village.FIRST_CELL,
        "village": village.EAST,
        "lon": lon,
        "lat": lat,
    }
    for statement in statements:
        connection.execute(text(statement), values)


@pytest.fixture(scope="session")
async def service(
    published_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FastAPI]:
    settings = Settings(data_folder=tmp_path_factory.mktemp("var"))
    url = login_url(settings, published_database)
    app = FastAPI()
    app.state.settings = settings
    app.state.catalog = Catalog.load(definitions.folder("layers"))
    app.state.maps = Maps.load(definitions.folder("maps"), app.state.catalog)
    app.state.engine = engine(url)
    app.state.pool = await open_pool(url, settings)
    problems.install(app)
    app.include_router(api.router)
    app.add_middleware(Serving, state=app.state)
    yield app
    await app.state.pool.close()
    app.state.engine.dispose()


@pytest.fixture(scope="session")
def reader(service: FastAPI, published_database: str) -> Client:
    """Return a function that gives a client with the token of a new account."""

    def make(
        role: str = "visitor",
        branches: tuple[str, ...] = (village.COUNTY,),
        department: str | None = None,
    ) -> httpx.AsyncClient:
        headers = {}
        if role != "visitor":
            token = _token(published_database, role, branches, department)
            headers["Authorization"] = f"Bearer {token}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(service),
            base_url="http://grid.test",
            headers=headers,
        )

    return make


def _token(
    database: str, role: str, branches: tuple[str, ...], department: str | None
) -> str:
    login = f"{role}{next(_numbers)}"
    wanted = accounts.NewAccount(
        login=login,
        name=f"{role} 某",
        role=role,
        branches=branches,
        department=department,
    )
    owner = engine(database)
    with owner.begin() as connection:
        accounts.add(connection, wanted, PASSWORD)
        row = accounts.by_login(connection, login)
        assert row is not None
        secret = tokens.add(connection, row.id, "测试", 30).secret
    owner.dispose()
    return secret
