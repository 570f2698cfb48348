"""The tiny demo county, loaded once for all tests of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.demo import loading
from gis_service.demo.plan import Plan, drawn
from gis_service.demo.scale import Scale
from gis_service.people.sealing import Sealer
from tests.given_server import GivenServer

SEED = 1
KEY = bytes(range(32))


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Return the plan of the whole county at the scale ``demo``."""
    return drawn(SEED, Scale.DEMO)


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    return Sealer(KEY)


@pytest.fixture(scope="session")
def demo_database(cluster: Cluster | GivenServer, empty_database: str) -> str:
    """Return the name of a database for demo counties."""
    cluster.create_database("demo", template=empty_database)
    return "demo"


@pytest.fixture(scope="session")
def demo_engine(cluster: Cluster | GivenServer, demo_database: str) -> Iterator[Engine]:
    owner = engine(cluster.url(demo_database))
    yield owner
    owner.dispose()


@pytest.fixture(scope="session")
def facts(demo_engine: Engine, sealer: Sealer) -> dict[str, Any]:
    """Load the tiny county and return its facts sheet."""
    return loading.load_county(demo_engine, sealer, scale=Scale.TINY, seed=SEED)


@pytest.fixture
def tiny(demo_engine: Engine, facts: dict[str, Any]) -> Iterator[Connection]:
    """Return a connection to the tiny county."""
    assert facts["scale"] == "tiny"
    with demo_engine.connect() as connection:
        yield connection
        connection.rollback()
