"""The crowded county, in which plans are what they are in a real one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from gis_service.cluster import Cluster
from gis_service.database import engine
from tests.given_server import GivenServer
from tests.layers import crowd

EACH = 5
"""Rows of every kind per cell: 8,000 in all."""


@pytest.fixture(scope="session")
def crowded_database(
    cluster: Cluster | GivenServer, empty_database: str
) -> Iterator[str]:
    cluster.create_database("crowded", template=empty_database)
    owner = engine(cluster.url("crowded"))
    with owner.begin() as connection:
        crowd.fill(connection, EACH)
    with owner.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE"))
    owner.dispose()
    yield cluster.url("crowded")
    cluster.drop_database("crowded")


@pytest.fixture
def crowded(crowded_database: str) -> Iterator[Connection]:
    """Return the owner's connection to the crowded county."""
    owner = engine(crowded_database)
    with owner.connect() as connection:
        yield connection
        connection.rollback()
    owner.dispose()
