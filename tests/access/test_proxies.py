"""Whose word for an address counts: only that of a proxy the operator named."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from gis_service.access import accounts
from gis_service.cluster import Cluster
from gis_service.database import engine
from tests.access.conftest import PASSWORD
from tests.given_server import GivenServer
from tests.world import served

NAME = "proxied"
SOMEBODY = accounts.NewAccount(login="somebody", name="某", role="officer")
ELSEWHERE = "198.51.100.9"
"""An address of RFC 5737, which no machine has."""


@pytest.fixture(scope="module")
def start(
    cluster: Cluster | GivenServer,
    village_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """Return a function that starts the service, always on the same database."""
    cluster.create_database(NAME, template=village_database)
    owner = engine(cluster.url(NAME))
    with owner.begin() as connection:
        accounts.add(connection, SOMEBODY, PASSWORD)
    owner.dispose()
    folder = tmp_path_factory.mktemp("var")
    yield lambda: served(cluster, NAME, folder)
    cluster.drop_database(NAME)


@pytest.mark.parametrize(
    ("trusted", "said_and_kept"),
    [
        ("", {ELSEWHERE: "127.0.0.1"}),
        ("192.0.2.1", {ELSEWHERE: "127.0.0.1"}),
        (
            "127.0.0.0/8",
            {
                ELSEWHERE: ELSEWHERE,
                # A proxy adds its peer at the end; what stood before it is hearsay.
                f"203.0.113.5, {ELSEWHERE}": ELSEWHERE,
                f"203.0.113.5, {ELSEWHERE}, 127.0.0.9": ELSEWHERE,
            },
        ),
    ],
    ids=["nobody", "another", "the peer"],
)
def test_address_of_a_session_is_what_a_trusted_peer_says(
    start: Callable[[], AbstractContextManager[str]],
    monkeypatch: pytest.MonkeyPatch,
    trusted: str,
    said_and_kept: dict[str, str],
) -> None:
    monkeypatch.setenv("GIS_TRUSTED_PROXIES", trusted)
    words = {"login": "somebody", "password": PASSWORD}
    with start() as service:
        for said, kept in said_and_kept.items():
            with httpx.Client(base_url=service) as client:
                where = {"X-Forwarded-For": said}
                client.post("/api/session", json=words, headers=where)
                listed = client.get("/api/account/sessions").json()
            assert [one["address"] for one in listed if one["is_this"]] == [kept], said
