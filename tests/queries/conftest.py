"""Signed-in clients of one service on the test village."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gis_service import app as application
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.scope import Scope
from gis_service.access.signing_in import current_reader
from gis_service.cluster import Cluster
from gis_service.settings import Settings
from tests.given_server import GivenServer
from tests.world import serving

AsReader = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the key of the service that is asked."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
async def ask(
    cluster: Cluster | GivenServer, village_database: str, data_folder: Path
) -> AsyncIterator[AsReader]:
    """Return a function that opens a client as somebody of a role and branches."""
    # A copy of its own: a database that is in use is no template for others.
    cluster.create_database("queries", template=village_database)
    settings = Settings(
        database_url=cluster.url("queries"),
        login_database_url=cluster.url("queries", "grid_login"),
        data_folder=data_folder,
    )
    app = application.create(settings)
    async with serving(app) as client:

        @asynccontextmanager
        async def as_reader(
            role: str, *branches: str, token_scopes: frozenset[str] | None = None
        ) -> AsyncIterator[httpx.AsyncClient]:
            scope = Scope(branches)
            reader = Reader(1, role, role, role, scope, None, token_scopes)
            who = VISITOR if role == "visitor" else reader
            app.dependency_overrides[current_reader] = lambda: who
            yield client
            app.dependency_overrides.clear()

        yield as_reader
