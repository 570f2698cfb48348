"""The psycopg connection under a SQLAlchemy one: for COPY and for streamed reading."""

from typing import Any

import psycopg
from sqlalchemy import Connection

AnyConnection = Connection | psycopg.Connection[Any]


def driver_of(connection: AnyConnection) -> psycopg.Connection[Any]:
    """Return the driver's connection, in the same transaction."""
    if isinstance(connection, psycopg.Connection):
        return connection
    found = connection.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        message = "the engine's driver must be psycopg"
        raise TypeError(message)
    return found
