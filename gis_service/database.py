"""Connections to the database: as its owner, as the login, as a scoped reader.

The owner migrates and takes files in. Everything the web service does goes through
the login ``grid_login``, which owns nothing; protected rows are reached only inside
a transaction that has taken one of the roles ``grid_all`` and ``grid_scoped``.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from gis_service.access.scope import Scope
from gis_service.errors import DatabaseUnavailableError
from gis_service.keys import derived_key, master_key
from gis_service.metrics import WAITING
from gis_service.settings import Settings

LOGIN = "grid_login"

ACQUIRE_S = 5
"""Longest wait for a connection, after which the database counts as not answering."""

UNQUOTED = "log_parameter_max_length_on_error"
"""Set to 0, the server's log quotes no parameter of a statement that fails."""

WRITERS = 4
"""Connections for writes and map pages per worker, and as many more in a rush."""


def login_password(settings: Settings) -> str:
    """Return the password of the login, derived from the master key."""
    return derived_key(master_key(settings), "database login").hex()


def set_login_password(url: str, password: str) -> None:
    """Give the login its password, as the server stores it: no log sees the word."""
    plain = make_url(url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        sealed = connection.pgconn.encrypt_password(
            password.encode(), LOGIN.encode(), b"scram-sha-256"
        )
        statement = sql.SQL("ALTER ROLE grid_login PASSWORD {}")
        connection.execute(statement.format(sql.Literal(sealed.decode())))


def login_url(settings: Settings, owner_url: str) -> URL:
    """Return the address of the same database for the unprivileged login."""
    if settings.login_database_url is not None:
        return make_url(settings.login_database_url)
    owner = make_url(owner_url)
    # Over the socket of the private cluster everybody who can reach it is trusted.
    password = login_password(settings) if _has_own_password(settings) else None
    return owner.set(username=LOGIN, password=password)


def _has_own_password(settings: Settings) -> bool:
    return bool(settings.database_url) and settings.login_database_url is None


def engine(url: URL | str) -> Engine:
    """Return an engine for plain, synchronous work: commands, intake, notebooks.

    Its errors show no parameters, for they may be of persons.
    """
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
    )


def login_engine(url: URL | str, settings: Settings) -> Engine:
    """Return the engine of the web service: writes, map pages, limited like reads."""
    limit = f"-c statement_timeout={settings.statement_timeout_s}s -c {UNQUOTED}=0"
    made = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=min(WRITERS, settings.pool_size),
        max_overflow=WRITERS,
        pool_timeout=ACQUIRE_S,
        connect_args={"options": limit, "connect_timeout": ACQUIRE_S},
    )
    if _has_own_password(settings):
        # The password is renewed with the master key, under workers that run.
        @event.listens_for(made, "do_connect")
        def renew(*connecting: Any) -> None:  # noqa: ANN401 - SQLAlchemy's four
            connecting[3]["password"] = login_password(settings)

    return made


async def open_pool(url: URL, settings: Settings) -> asyncpg.Pool:
    """Open the pool of reading connections, each already warm.

    Connections go back without the driver's reset: nothing outlives the transaction
    it was set in, and the reset would cost a round trip per request.
    """

    async def keep_as_is(_: asyncpg.Connection) -> None: ...

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return await asyncpg.create_pool(
        plain,
        password=(lambda: login_password(settings))
        if _has_own_password(settings)
        else None,
        min_size=min(2, settings.pool_size),
        max_size=settings.pool_size,
        init=_warm_up,
        reset=keep_as_is,
        server_settings={
            "application_name": "gis-grid",
            "statement_timeout": f"{settings.statement_timeout_s}s",
            UNQUOTED: "0",
        },
    )


async def _warm_up(connection: asyncpg.Connection) -> None:
    # PROJ and the tile functions are loaded once per connection; do it before the
    # first reader waits for it.
    await connection.fetchval(
        "SELECT ST_AsMVTGeom(ST_Transform('SRID=4490;POINT(111 28)'::geometry, 3857), "
        "ST_TileEnvelope(10, 1, 1))"
    )


@asynccontextmanager
async def reading(
    pool: asyncpg.Pool, scope: Scope | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection for reading, inside the reader's scope.

    Parameters
    ----------
    pool
        What ``open_pool`` opened.
    scope
        Scope to read protected rows under; None for layers that hold none, which
        need no transaction.

    Raises
    ------
    DatabaseUnavailableError
        When no connection can be had.
    """
    try:
        with WAITING.track_inprogress():
            connection = await pool.acquire(timeout=ACQUIRE_S)
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
        message = "数据库暂时连接不上，请稍后再试 (the database does not answer)"
        raise DatabaseUnavailableError(message, retry_after_s=5) from error
    try:
        if scope is None:
            yield connection
        else:
            # One round trip: the branches are digits only, checked by Scope itself.
            await connection.execute(
                f"BEGIN READ ONLY; {'; '.join(role_settings(scope))}"
            )
            try:
                yield connection
            finally:
                await connection.execute("ROLLBACK")
    finally:
        await pool.release(connection)


def enter_scope(connection: Connection, scope: Scope) -> None:
    """Put the current transaction of a synchronous connection under a scope."""
    for setting in role_settings(scope):
        connection.execute(text(setting))


def role_settings(scope: Scope) -> tuple[str, ...]:
    """Return the statements that put the current transaction under a scope."""
    if scope.is_county_wide:
        return ("SET LOCAL ROLE grid_all",)
    return (
        "SET LOCAL ROLE grid_scoped",
        f"SET LOCAL app.scope = '{scope.prefix}'",
        f"SET LOCAL app.branches = '{','.join(scope.branches)}'",
    )
