"""Signed-in clients of one service on the test village."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

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


@pytest.fixture
async def ask(
    cluster: Cluster | GivenServer,
    village_database: str,
    settings_for: Callable[[str], Settings],
) -> AsyncIterator[AsReader]:
    """Return a function that opens a client as somebody of a role and branches."""
    app = application.create(settings_for(cluster.url(village_database)))
    async with serving(app) as client:

        @asynccontextmanager
        async def as_reader(
            role: str, *branches: str
        ) -> AsyncIterator[httpx.AsyncClient]:
            reader = Reader(1, role, role, role, Scope(branches), None)
            who = VISITOR if role == "visitor" else reader
            app.dependency_overrides[current_reader] = lambda: who
            yield client
            app.dependency_overrides.clear()

        yield as_reader
