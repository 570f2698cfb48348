"""Fixtures of the test village: databases that hold it, and services that serve it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, make_url

from gis_service import app as application
from gis_service import code_lists, migrations
from gis_service.cluster import Cluster
from gis_service.database import engine, login_url, open_pool
from gis_service.grid import coverage
from gis_service.settings import Settings
from tests import village
from tests.given_server import GivenServer

ELSEWHERE = "192.0.2.7"
"""Where clients come from: an address that is no machine's, of RFC 5737."""

COVERAGES = (
    "divisions.counties",
    "divisions.townships",
    "divisions.villages",
    "grid.cells",
)


@pytest.fixture(scope="session")
def empty_database(cluster: Cluster | GivenServer) -> str:
    """Return the name of a migrated database without any row of the county."""
    cluster.create_database("empty")
    url = cluster.url("empty")
    migrations.migrate(url)
    with _owner(url) as connection:
        code_lists.load(connection)
    return "empty"


@pytest.fixture(scope="session")
def village_database(cluster: Cluster | GivenServer, empty_database: str) -> str:
    """Return the name of a database that holds the test village; never write to it."""
    cluster.create_database("village", template=empty_database)
    with _owner(cluster.url("village")) as connection:
        village.build(connection)
        for table in COVERAGES:
            coverage.renew_bands(connection, table)
    return "village"


@contextmanager
def _owner(url: str) -> Iterator[Connection]:
    # The engine is given up, since a database in use cannot be a template.
    owner = engine(url)
    with owner.begin() as connection:
        yield connection
    owner.dispose()


@contextmanager
def _rolled_back(url: str) -> Iterator[Connection]:
    owner = engine(url)
    with owner.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()
    owner.dispose()


@pytest.fixture
def connection(
    cluster: Cluster | GivenServer, village_database: str
) -> Iterator[Connection]:
    """Return the owner's connection to the village; all is rolled back at the end."""
    with _rolled_back(cluster.url(village_database)) as connection:
        yield connection


@pytest.fixture
def empty_connection(
    cluster: Cluster | GivenServer, empty_database: str
) -> Iterator[Connection]:
    """Return the owner's connection to the empty county; all is rolled back."""
    with _rolled_back(cluster.url(empty_database)) as connection:
        yield connection


@pytest.fixture
def copy_of_village(
    cluster: Cluster | GivenServer,
    village_database: str,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """Return the owner's address of a copy of the village that a test may write to."""
    name = f"copy_{abs(hash(request.node.nodeid))}"
    cluster.create_database(name, template=village_database)
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture
async def pool(
    cluster: Cluster | GivenServer, village_database: str, settings: Settings
) -> AsyncIterator[asyncpg.Pool]:
    """Return the service's pool of reading connections to the village."""
    url = login_url(settings, cluster.url(village_database))
    async with await open_pool(url, settings) as pool:
        yield pool


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[[str], Settings]:
    """Return a function that gives the settings of a service on a database."""

    def make(url: str) -> Settings:
        return Settings(
            database_url=url,
            login_database_url=str(make_url(url).set(username="grid_login")),
            data_folder=tmp_path / "var",
        )

    return make


@pytest.fixture
async def client(
    copy_of_village: str, settings_for: Callable[[str], Settings]
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a whole service on its own copy of the village."""
    app = application.create(settings_for(copy_of_village))
    async with serving(app) as client:
        yield client


def serving(app: FastAPI) -> "_Serving":
    """Return a context in which ``app`` runs, with a client that talks to it."""
    return _Serving(app)


class _Serving:
    def __init__(self, app: FastAPI) -> None:
        self._lifespan = app.router.lifespan_context(app)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(ELSEWHERE, 4711)),
            base_url="http://grid.test",
        )

    async def __aenter__(self) -> httpx.AsyncClient:
        await self._lifespan.__aenter__()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        await self._lifespan.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of the tiny demo: the key of its sealed numbers."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
def demo_database(
    cluster: Cluster | GivenServer, empty_database: str, demo_folder: Path
) -> str:
    """Return the name of a database that holds the tiny demo county."""
    cluster.create_database("tiny", template=empty_database)
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": cluster.url("tiny"),
        "GIS_DATA_FOLDER": str(demo_folder),
    }
    command = [sys.executable, "-m", "gis_service.cli", "demo", "--scale", "tiny"]
    subprocess.run(command, env=environment, check=True)
    return "tiny"


@pytest.fixture(scope="session")
def live_service(
    cluster: Cluster | GivenServer,
    demo_database: str,
    demo_folder: Path,
) -> Iterator[str]:
    """Return the address of a running service on the tiny demo county."""
    with served(cluster, demo_database, demo_folder) as address:
        yield address


@contextmanager
def served(
    cluster: Cluster | GivenServer, database: str, folder: Path
) -> Iterator[str]:
    """Give the address of a service that runs on a database until the end."""
    with running(cluster, database, folder) as (address, _):
        yield address


@contextmanager
def running(
    cluster: Cluster | GivenServer, database: str, folder: Path
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Give the address of a service and its process, which a test may kill."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": cluster.url(database),
        "GIS_LOGIN_DATABASE_URL": cluster.url(database, "grid_login"),
        "GIS_DATA_FOLDER": str(folder),
        "GIS_PORT": str(port),
    }
    command = [sys.executable, "-m", "gis_service.cli", "serve"]
    service = subprocess.Popen(command, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/ready", service)
        yield address, service
    finally:
        service.terminate()
        service.wait(timeout=20)


def _wait_for(address: str, service: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert service.poll() is None, "the service ended before it was ready"
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail("the service was not ready within 30 seconds")
