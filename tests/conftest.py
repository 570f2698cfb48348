"""What every test may ask for: a PostGIS of its own, thrown away afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gis_service.cluster import Cluster
from gis_service.cluster_lease import is_used
from gis_service.settings import Settings
from tests.given_server import GivenServer

pytest_plugins = ["tests.world"]

PREFIX = "gis-test-"


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    """Return a folder the server's user can walk to, as pytest's own it cannot."""
    _clear_after_killed_runs()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(settings: Settings, ground: Path) -> Iterator[Cluster | GivenServer]:
    """Return a throw-away cluster, or the server that GIS_DATABASE_URL names."""
    if settings.database_url is not None:
        given = GivenServer(settings.database_url)
        yield given
        given.drop_all()
        return
    private = Cluster(ground / "cluster", throwaway=True)
    private.use()
    yield private
    private.leave()


def _clear_after_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        place = folder / "cluster"
        # Another run may end, and take its folder away, at any moment.
        with suppress(FileNotFoundError):
            is_ours = folder.stat().st_uid == os.geteuid()
            if is_ours and place.is_dir() and not is_used(place):
                Cluster(place, throwaway=True).stop()
                shutil.rmtree(folder, ignore_errors=True)
