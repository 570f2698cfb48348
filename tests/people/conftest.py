"""The small service of access and people, for the routes of people."""

from collections.abc import Iterator

import pytest

from gis_service.cluster import Cluster
from tests.access.conftest import account, browser, house
from tests.given_server import GivenServer

__all__ = ["access_database", "account", "browser", "house"]


@pytest.fixture(scope="session")
def access_database(
    cluster: Cluster | GivenServer, village_database: str
) -> Iterator[str]:
    cluster.create_database("people", template=village_database)
    yield cluster.url("people")
    cluster.drop_database("people")
