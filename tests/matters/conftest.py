"""A village whose matters may be reported and acted on, and the people who do."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from gis_service import code_lists
from gis_service.access import accounts
from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.cluster import Cluster
from gis_service.database import engine, login_engine, login_url
from gis_service.settings import Settings
from tests import village
from tests.given_server import GivenServer

PASSWORD = "correct horse"  # noqa: S105 - of the tests' own accounts
ROOFS = "城市管理和综合执法局"

PEOPLE = {
    "officer": ("officer", (village.FIRST_CELL,), None),
    "neighbour": ("officer", (f"{village.WEST}001",), None),
    "lead": ("lead", (village.EAST,), None),
    "township": ("supervisor", (village.NEAR_TOWNSHIP,), None),
    "county": ("supervisor", (village.COUNTY,), None),
    "handler": ("handler", (village.COUNTY,), ROOFS),
    "stranger": ("handler", (village.COUNTY,), "林业局"),
}


@pytest.fixture(scope="module")
def owner(
    cluster: Cluster | GivenServer,
    village_database: str,
    request: pytest.FixtureRequest,
) -> Iterator[Engine]:
    """Return the owner's engine of a village of this module's own."""
    name = f"matters_{abs(hash(request.node.nodeid))}"
    cluster.create_database(name, template=village_database)
    owner = engine(cluster.url(name))
    with owner.begin() as connection:
        code_lists.load(connection)
    yield owner
    owner.dispose()
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def service(owner: Engine) -> Iterator[Engine]:
    """Return the engine of the login, which owns nothing."""
    settings = Settings()
    address = owner.url.render_as_string(hide_password=False)
    service = login_engine(login_url(settings, address), settings)
    yield service
    service.dispose()


@pytest.fixture(scope="module")
def people(owner: Engine) -> dict[str, Reader]:
    """Return who may act, by what they are called here."""
    found = {}
    with owner.begin() as connection:
        for login, (role, branches, department) in PEOPLE.items():
            account = accounts.NewAccount(
                login=login,
                name=f"{login}某",
                role=role,
                branches=branches,
                department=department,
            )
            number = accounts.add(connection, account, PASSWORD)
            found[login] = Reader(
                number, login, account.name, role, Scope(branches), department
            )
    return found


def value(owner: Engine, statement: str, **values: object) -> object:
    """Return one value, read as the owner."""
    with owner.begin() as connection:
        return connection.execute(text(statement), values).scalar()
