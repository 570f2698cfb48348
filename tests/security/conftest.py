"""The fort: the whole service on a village with canaries in it, and all who ask."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from secrets import token_urlsafe

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, text

from gis_service import app as application
from gis_service.access.cookie import COOKIE
from gis_service.access.signing_in import hashed
from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.people.sealing import Sealer
from gis_service.settings import Settings
from tests.given_server import GivenServer
from tests.security import canaries
from tests.security.table import ASKERS, Asker, Place
from tests.world import serving

NAME = "fort"
BYSTANDER = Asker("bystander", "planner", "token")
"""Somebody who never asks, whose token is there for others to reach for."""

_ENDS = {"good": "1 day", "disabled": "1 day", "expired": "-1 minute"}


class ServiceLog(logging.Handler):
    """Keeps every line the service would write."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))


@dataclass
class Fort:
    """The running service, its owner's engine, its logs, and who may come."""

    app: FastAPI
    client: httpx.AsyncClient
    owner: Engine
    places: list[Place]
    fixed: dict[str, str]
    log: ServiceLog = field(default_factory=ServiceLog)
    shown: dict[str, dict[str, str]] = field(default_factory=dict)

    def headers(self, asker: Asker) -> dict[str, str]:
        """Return what an asker sends with every request."""
        return {"Sec-Fetch-Site": "same-origin", **self.shown[asker.name]}

    def database_log(self) -> str:
        """Return what PostgreSQL has written about this database."""
        with self.owner.connect() as connection:
            name = connection.execute(text("SELECT pg_current_logfile()")).scalar()
            read = text("SELECT pg_read_file(:name, 0, 1000000000, true)")
            values = {"name": name or "start.log"}
            log = connection.execute(read, values).scalar()
        if log is None:
            pytest.skip(
                "此服务器的日志读不到 (the log of the given server is elsewhere)"
            )
        return str(log)


@pytest.fixture(scope="session")
def fort_database(
    cluster: Cluster | GivenServer, village_database: str
) -> Iterator[str]:
    cluster.create_database(NAME, template=village_database)
    yield cluster.url(NAME)
    cluster.drop_database(NAME)


@pytest.fixture(scope="session")
async def fort(
    cluster: Cluster | GivenServer,
    fort_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Fort]:
    settings = Settings(
        database_url=fort_database,
        login_database_url=cluster.url(NAME, "grid_login"),
        data_folder=tmp_path_factory.mktemp("var"),
        pool_size=4,
    )
    app = application.create(settings)
    owner = engine(fort_database)
    shown = {}
    with owner.begin() as connection:
        canaries.plant(connection, Sealer(app.state.master_key))
        for number, asker in enumerate(ASKERS):
            shown[asker.name] = _admit(connection, asker, number)
        places = canaries.places(connection)
        _admit(connection, BYSTANDER, len(ASKERS))
        token = connection.execute(text("SELECT max(id) FROM access.tokens")).scalar()
        _listen(connection)
    owner.dispose()
    async with serving(app) as client:
        fort = Fort(app, client, owner, places, {"token": str(token)}, shown=shown)
        logging.getLogger().addHandler(fort.log)
        yield fort
        logging.getLogger().removeHandler(fort.log)
    owner.dispose()


def _listen(connection: Connection) -> None:
    """Let PostgreSQL write down every statement, and otherwise as it is shipped."""
    database = connection.execute(text("SELECT current_database()")).scalar()
    for setting in ("log_statement = 'all'", "log_min_messages = 'info'"):
        connection.execute(text(f'ALTER DATABASE "{database}" SET {setting}'))


def _admit(connection: Connection, asker: Asker, number: int) -> dict[str, str]:
    """Make the account of an asker and return the headers it comes with."""
    if asker.by == "nothing":
        return {}
    values = {
        "login": f"asker{number}",
        "role": asker.role,
        "branches": list(asker.branches),
        "department": asker.department,
        "is_disabled": asker.state == "disabled",
    }
    account = connection.execute(_ACCOUNT, values).scalar_one()
    secret = f"gt_{token_urlsafe(32)}"
    statement = _TOKEN if asker.by == "token" else _SESSION
    ends = {"ends": _ENDS[asker.state], "hash": hashed(secret)}
    scopes = {"scopes": asker.scopes} if asker.by == "token" else {}
    connection.execute(statement, {"account": account, **ends, **scopes})
    if asker.by == "token":
        return {"Authorization": f"Bearer {secret}"}
    return {"Cookie": f"{COOKIE}={secret}"}


_ACCOUNT = text("""
    INSERT INTO access.accounts
        (login, name, role, branches, department, password_hash, disabled_at)
    VALUES (:login, :login, :role, CAST(:branches AS text[]), :department, 'none',
        CASE WHEN :is_disabled THEN now() END)
    RETURNING id
""")
_TOKEN = text("""
    INSERT INTO access.tokens (account_id, name, token_hash, expires_at, scopes)
    VALUES (:account, 'matrix', :hash, now() + CAST(:ends AS interval), :scopes)
""")
_SESSION = text("""
    INSERT INTO access.sessions (token_hash, account_id, expires_at)
    VALUES (:hash, :account, now() + CAST(:ends AS interval))
""")
