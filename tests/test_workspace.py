"""The notebook's door: frames and maps of a database, and words when it is shut."""

from collections.abc import Callable, Iterator
from pathlib import Path

import folium
import pytest
from sqlalchemy import make_url

from gis_service import workspace
from gis_service.cluster import Cluster
from gis_service.errors import ConflictError, GridError, MalformedRequestError
from gis_service.remote import RemoteWorkspace, ServiceRefusedError
from gis_service.settings import Settings
from gis_service.workspace import DatabaseWorkspace
from tests import village
from tests.given_server import GivenServer

SettingsFor = Callable[[str], Settings]


@pytest.fixture
def county(
    cluster: Cluster | GivenServer, village_database: str, settings_for: SettingsFor
) -> Iterator[DatabaseWorkspace]:
    """Return the village opened as a notebook opens its county."""
    with DatabaseWorkspace(settings_for(cluster.url(village_database))) as opened:
        yield opened


def test_workspace_lists_its_layers_in_the_words_of_the_county(
    county: DatabaseWorkspace,
) -> None:
    layers = county.layers()
    assert layers.loc["grid_cells", "名称"] == "网格"
    assert layers.loc["households", "类别"] == "人"
    assert "address" not in str(layers.loc["households", "字段"])
    assert "个图层" in repr(county)


def test_frame_holds_the_whole_county(county: DatabaseWorkspace) -> None:
    assert len(county.frame("households")) == 5
    assert len(county.frame("open_matters", where="is_overdue = true")) == 1
    box = (*village.place(-50, -50), *village.place(900, 900))
    assert county.frame("grid_cells", bbox=box)["code"].tolist() == [village.FIRST_CELL]


def test_map_is_a_folium_map_that_writes_itself(
    county: DatabaseWorkspace, tmp_path: Path
) -> None:
    drawn = county.map("planner")
    assert isinstance(drawn, folium.Map)
    assert "srcdoc" in drawn._repr_html_()
    drawn.save(tmp_path / "map.html")
    assert "规划选址图" in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_map_of_a_notebook_does_not_change_other_maps(
    county: DatabaseWorkspace,
) -> None:
    county.map("county")
    assert any("cdn" in address for _, address in folium.Map().default_js)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda county: county.frame("moons"), "grid_cells"),
        (lambda county: county.map("moon"), "planner"),
        (lambda county: county.frame("grid_cells", where="moons = 1"), "moons"),
        (lambda county: county.frame("residents", where="age = 1"), "age"),
    ],
)
def test_mistake_is_answered_with_what_there_is(
    county: DatabaseWorkspace, ask: Callable[[DatabaseWorkspace], object], said: str
) -> None:
    with pytest.raises(GridError, match=said) as refused:
        ask(county)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.detail)


def test_database_that_is_not_ready_says_what_to_run(
    cluster: Cluster | GivenServer, empty_database: str, settings_for: SettingsFor
) -> None:
    url = make_url(cluster.url(empty_database)).set(database="nowhere")
    nowhere = settings_for(url.render_as_string(hide_password=False))
    with (
        DatabaseWorkspace(nowhere) as opened,
        pytest.raises(ConflictError, match="make demo"),
    ):
        opened.frame("villages")


def test_database_without_its_tables_is_told_of_without_the_query(
    cluster: Cluster | GivenServer, empty_database: str, settings_for: SettingsFor
) -> None:
    url = make_url(cluster.url(empty_database)).set(database="postgres")
    bare = settings_for(url.render_as_string(hide_password=False))
    with (
        DatabaseWorkspace(bare) as opened,
        pytest.raises(ConflictError, match="gis-grid migrate") as refused,
    ):
        opened.frame("villages")
    assert "SELECT" not in refused.value.detail
    assert "\n" not in refused.value.detail


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "file:///etc/passwd", "ftp://x"])
def test_address_of_a_service_is_http(address: str) -> None:
    with pytest.raises(MalformedRequestError, match="http"):
        workspace.open(address)


def test_service_that_is_away_is_named_and_the_token_is_not() -> None:
    away = workspace.open("http://127.0.0.1:9", token="gt_secret")  # noqa: S106 - none
    assert isinstance(away, RemoteWorkspace)
    with pytest.raises(ServiceRefusedError, match="连不上服务"):
        away.layers()
    assert "secret" not in repr(away)
