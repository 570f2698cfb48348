"""Every route, role, layer and map has its lines in the table of expectations."""

import pytest
from fastapi import FastAPI

from gis_service import app as application
from gis_service.access.roles import AUDIENCES
from gis_service.access.rules import rules_of_routes
from gis_service.settings import Settings
from tests.security.table import ALL_MAPS, LAYERS, MAPS, ROLES, ROUTES

TABLE = "tests/security/expected.toml"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return application.create(Settings(data_folder=tmp_path_factory.mktemp("var")))


def _served(app: FastAPI) -> set[str]:
    known = {
        f"{method} {path}"
        for path, methods, _ in rules_of_routes(app)
        for method in methods.split()
        if method != "HEAD"
    }
    # Tiles and items are answered in front of the framework.
    described = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    return known | described


def test_every_route_is_in_the_table_of_who_may_what(app: FastAPI) -> None:
    expected = {route.route for route in ROUTES}
    for route in sorted(_served(app) - expected):
        pytest.fail(
            f"{route} has no row in {TABLE}: add [[routes]] with route, who (roles, "
            '"signed in" or "everybody"), asks (addresses with {cell}, {resident}, '
            "{layer} … where it is about a place) and is_closed_outside = true if what "
            "lies out of scope must look as if it were not there."
        )
    for route in sorted(expected - _served(app)):
        pytest.fail(f"{route} is in {TABLE} and no longer served: delete its row.")


def test_every_role_layer_and_map_is_in_the_table(app: FastAPI) -> None:
    assert set(AUDIENCES) == set(ROLES) == set(MAPS), f"complete [roles] in {TABLE}"
    assert set(app.state.catalog) == set(LAYERS), f"complete [layers] in {TABLE}"
    assert set(app.state.maps) == set(ALL_MAPS), f"complete [maps] in {TABLE}"
