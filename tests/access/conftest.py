"""A service of access and people alone, on a village of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count

import httpx
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import Connection, Engine, text

from gis_service import problems
from gis_service.access import accounts, tokens, trail_api
from gis_service.access import api as access_api
from gis_service.access.origin import OriginGuard, SecurityHeaders
from gis_service.access.recent import remembering
from gis_service.access.rules import open_to_all
from gis_service.cluster import Cluster
from gis_service.database import engine, login_url, open_pool
from gis_service.people import api as people_api
from gis_service.settings import Settings
from tests import village
from tests.given_server import GivenServer

PASSWORD = "correct horse"  # noqa: S105 - of the tests' own accounts
MASTER_KEY = b"k" * 32

_numbers = count(1)


@dataclass(frozen=True)
class _Titled:
    title: str
    title_en: str


@dataclass(frozen=True)
class House:
    """The running service, the owner's engine, and how to come to the door."""

    app: FastAPI
    owner: Engine
    settings: Settings

    def browser(self, address: str | None = None) -> httpx.AsyncClient:
        """Return a browser at an address nobody else has, unless one is named."""
        number = next(_numbers)
        here = address or f"10.0.{number // 250}.{number % 250}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(here, 1)),
            base_url="http://grid.test",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    def script(self, **headers: str) -> httpx.AsyncClient:
        """Return a client that is no browser."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://grid.test",
            headers=headers,
        )

    def run(self, statement: str, **values: object) -> None:
        """Run a statement as the owner."""
        with self.owner.begin() as connection:
            connection.execute(text(statement), values)

    def read(self, statement: str, **values: object) -> object:
        """Return one value, read as the owner."""
        with self.owner.begin() as connection:
            return connection.execute(text(statement), values).scalar()


@pytest.fixture(scope="session")
def access_database(
    cluster: Cluster | GivenServer, village_database: str
) -> Iterator[str]:
    cluster.create_database("access", template=village_database)
    yield cluster.url("access")
    cluster.drop_database("access")


@pytest.fixture(scope="session")
async def house(
    access_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    settings = Settings(data_folder=tmp_path_factory.mktemp("var"))
    (settings.data_folder / "master.key").write_bytes(MASTER_KEY)
    url = login_url(settings, access_database)
    app = FastAPI()
    app.state.settings = settings
    app.state.master_key = MASTER_KEY
    app.state.maps = {
        word: _Titled(word, f"{word} map")
        for word in ("officer", "supervisor", "planner", "county")
    }
    app.state.engine = engine(url)
    app.state.pool = await open_pool(url, settings)
    problems.install(app)
    app.include_router(access_api.router)
    app.include_router(trail_api.router)
    app.include_router(people_api.router)
    app.get("/maps/{name}.html", dependencies=[Depends(open_to_all)])(_page)
    app.add_middleware(OriginGuard)
    app.add_middleware(SecurityHeaders)
    owner = engine(access_database)
    async with remembering(app.state.pool, url):
        yield House(app, owner, settings)
    await app.state.pool.close()
    app.state.engine.dispose()
    owner.dispose()


async def _page(name: str) -> str:
    return name


@pytest.fixture
def account(house: House) -> Callable[..., str]:
    """Return a function that makes an account and gives its login."""

    def make(
        role: str = "officer",
        branches: tuple[str, ...] = (village.FIRST_CELL,),
        *,
        needs_second_factor: bool = False,
    ) -> str:
        login = f"{role}{next(_numbers)}"
        wanted = accounts.NewAccount(
            login=login,
            name=f"{role} 某",
            role=role,
            branches=branches,
            needs_second_factor=needs_second_factor,
        )
        with house.owner.begin() as connection:
            accounts.add(connection, wanted, PASSWORD)
        return login

    return make


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as client:
        yield client


async def sign_in(
    client: httpx.AsyncClient,
    login: str,
    password: str = PASSWORD,
    code: str | None = None,
) -> httpx.Response:
    """Sign in and return the answer."""
    body = {"login": login, "password": password}
    if code is not None:
        body["code"] = code
    return await client.post("/api/session", json=body)


async def role_of(client: httpx.AsyncClient) -> str:
    """Return the role the service takes the client for."""
    answer = await client.get("/api/session")
    return str(answer.json()["account"]["role"])


def make_token(connection: Connection, login: str) -> str:
    """Return a token of an account."""
    row = accounts.by_login(connection, login)
    assert row is not None
    return tokens.add(connection, row.id, "笔记本", 30).secret
