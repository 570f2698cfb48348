"""The database as its owner, for commands about accounts."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine

from gis_service.cluster import database_url
from gis_service.settings import Settings


@contextmanager
def owner() -> Iterator[Connection]:
    """Give the owner's connection inside one transaction."""
    engine = create_engine(database_url(Settings()))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
