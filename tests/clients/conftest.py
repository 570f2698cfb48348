"""A running service on the village, and the tokens of those who ask it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis_service.access import accounts, tokens
from gis_service.cluster import Cluster
from gis_service.database import engine
from tests.clients.served import BRANCHES, Served
from tests.given_server import GivenServer

PASSWORD = "correct horse battery"  # noqa: S105 - of the tests' own accounts


@pytest.fixture(scope="session")
def served(
    cluster: Cluster | GivenServer,
    village_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """Return a service that other programs can reach, on a village of its own."""
    cluster.create_database("clients", template=village_database)
    secrets = _accounts(cluster.url("clients"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": cluster.url("clients"),
        "GIS_LOGIN_DATABASE_URL": cluster.url("clients", "grid_login"),
        "GIS_DATA_FOLDER": str(tmp_path_factory.mktemp("var")),
        "GIS_PORT": str(port),
    }
    log = tmp_path_factory.mktemp("log") / "service.txt"
    with log.open("w") as file:
        command = [sys.executable, "-m", "gis_service.cli", "serve"]
        service = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", service, log)
        yield Served(f"http://127.0.0.1:{port}", secrets)
    finally:
        service.terminate()
        service.wait(timeout=20)
        cluster.drop_database("clients")


def _accounts(url: str) -> dict[str, str]:
    owner = engine(url)
    secrets = {}
    with owner.begin() as connection:
        for login, branch in BRANCHES.items():
            account = accounts.NewAccount(
                login=login, name=login, role=login, branches=(branch,)
            )
            number = accounts.add(connection, account, PASSWORD)
            secrets[login] = tokens.add(connection, number, "试验", 1).secret
    owner.dispose()
    return secrets


def _wait_for(address: str, service: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        assert service.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"not ready within 30 seconds: {log.read_text(encoding='utf-8')}")
