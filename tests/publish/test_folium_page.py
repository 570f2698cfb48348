"""A map as one file: complete, offline, and closed to what a name may try."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Catalog
from gis_service.publish.folium_page import html, map_for
from gis_service.publish.frames import Asked, frame, has_more_than
from gis_service.publish.map_description import description
from gis_service.publish.maps import Maps
from gis_service.publish.page_data import Part, class_labels, page_data, word
from gis_service.settings import Settings
from tests import village

CATALOG = Catalog.load(definitions.folder("layers"))
ALL = Maps.load(definitions.folder("maps"), CATALOG)
OFFICER = Reader(
    1, "officer", "曾网格员", "officer", Scope((village.FIRST_CELL,)), None
)
PLANNER = Reader(2, "planner", "规划员", "planner", Scope((village.COUNTY,)), None)
ATTACK = "<img src=x onerror=window.hacked=1></script><script>window.hacked=1</script>"
WORDS_OF_PERSONS = ("赵", "钱二", "1组1号", '"H1"', "1945")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser that can resolve no name at all."""
    path = which("chromium") or which("google-chrome")
    if path is None:
        pytest.skip("没有 Chromium (no Chromium): apt install chromium fonts-noto-cjk")
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND"]
    # As root Chromium cannot build its sandbox; it opens nothing but our own pages.
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class _Opened:
    """A page opened from its file, and what it asked for or complained of."""

    def __init__(self, browser: Browser, file: Path) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())
        self.page.wait_for_function("window.board !== undefined")

    def open_at(self, x_m: float, y_m: float) -> str:
        """Click a place and return what the popup says."""
        lon, lat = village.place(x_m, y_m)
        self.page.evaluate(f"board.openAt(L.latLng({lat}, {lon}))")
        return self.page.locator(".spot").inner_text()


def _page(connection: Connection, map_id: str, reader: Reader | None) -> str:
    return html(map_for(connection, ALL, ALL[map_id], reader, Settings()))


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def _opened(browser: Browser, folder: Path, page: str) -> _Opened:
    file = folder / "map.html"
    file.write_text(page, encoding="utf-8")
    return _Opened(browser, file)


@pytest.mark.parametrize("map_id", ALL)
def test_page_opens_from_a_file_without_any_network(
    connection: Connection, chromium: Browser, tmp_path: Path, map_id: str
) -> None:
    opened = _opened(chromium, tmp_path, _page(connection, map_id, None))
    assert [each for each in opened.requests if not each.startswith("file:")] == []
    assert opened.complaints == []
    assert opened.page.locator("canvas").count() == 1
    assert "合成演示数据" in opened.page.locator(".synthetic").inner_text()


@pytest.mark.parametrize("map_id", ALL)
def test_page_names_no_address_to_fetch_from(
    connection: Connection, map_id: str
) -> None:
    page = _page(connection, map_id, None)
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=.(?!data:)", page) == []
    assert "url(images" not in page
    assert len(page) < 1_000_000


def test_popup_says_what_is_there_with_titles_and_units(
    connection: Connection, chromium: Browser, tmp_path: Path
) -> None:
    opened = _opened(chromium, tmp_path, _page(connection, "supervisor", None))
    said = opened.open_at(250, 800)
    assert "东村1网格" in said
    assert re.search(r"户数\s+1 户", said)
    assert "综合网格" in said


def test_name_that_is_a_script_is_shown_and_never_run(
    connection: Connection, chromium: Browser, tmp_path: Path
) -> None:
    for table in ("divisions.villages", "grid.cells", "sites.centers"):
        rename = text(f"UPDATE {table} SET name = :name")  # noqa: S608 - named above
        connection.execute(rename, {"name": ATTACK})
    opened = _opened(chromium, tmp_path, _page(connection, "county", None))
    assert ATTACK in opened.open_at(250, 800)
    opened.page.mouse.move(700, 500)
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("img").count() == 0
    assert opened.complaints == []


def test_policy_of_the_page_keeps_other_scripts_from_running(
    connection: Connection, chromium: Browser, tmp_path: Path
) -> None:
    page = _page(connection, "county", VISITOR)
    page = page.replace("</body>", "<script>window.hacked = 1</script></body>", 1)
    opened = _opened(chromium, tmp_path, page)
    assert opened.page.evaluate("window.hacked") is None
    assert "Content Security Policy" in opened.complaints[0]


def test_officer_finds_the_rows_of_the_own_cell_only(
    connection: Connection, chromium: Browser, tmp_path: Path
) -> None:
    opened = _opened(chromium, tmp_path, _page(connection, "officer", OFFICER))
    ids = ("households", "residents", "open_matters", "parcels", "objects")
    found = opened.page.evaluate("board.layers.map((each) => [each.id, each.count])")
    assert [dict(found)[each] for each in ids] == ["1", "2", "1", "1", "1"]


@pytest.mark.parametrize(
    ("map_id", "reader"), [("officer", OFFICER), ("supervisor", None)]
)
def test_page_holds_nothing_private(
    connection: Connection, map_id: str, reader: Reader | None
) -> None:
    page = _page(connection, map_id, reader)
    data = json.dumps(_data(page), ensure_ascii=False)
    for words in WORDS_OF_PERSONS:
        assert words not in data


def test_planner_gets_no_person(connection: Connection) -> None:
    page = _page(connection, "planner", PLANNER)
    layers = {each["id"] for group in _data(page)["groups"] for each in group["layers"]}
    assert {CATALOG[each].audience for each in layers} <= {"public", "staff"}


def test_small_counts_are_blank_for_visitors(connection: Connection) -> None:
    page = _page(connection, "county", VISITOR)
    cells = page[page.index('"id":"grid_cells"') :]
    assert (
        '["431322001201001","431322001201001","东村1网格","东村","综合网格",null,null,null,"1"'
        in cells
    )


def test_page_says_which_layer_is_too_large_for_it(connection: Connection) -> None:
    layer = CATALOG["villages"]
    described = description(connection, ALL, ALL["county"], VISITOR, Settings())
    none = frame(connection, layer, Scope((village.COUNTY,)), Asked(limit=0))
    data = page_data(described, {layer.id: Part(layer, none, is_left_out=True)})
    assert "未放入本页" in data
    assert '"features":[]' in data


def test_layer_too_large_for_a_page_is_known_before_it_is_read(
    connection: Connection,
) -> None:
    county = Scope((village.COUNTY,))
    for most, is_more in ((3, True), (4, False)):
        asked = (connection, CATALOG["villages"], county, Asked())
        assert has_more_than(most, *asked) == is_more


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_whole_territory_is_visible_beside_the_panel(
    connection: Connection, chromium: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    opened = _opened(chromium, tmp_path, _page(connection, "county", None))
    opened.page.set_viewport_size({"width": size[0], "height": size[1]})
    opened.page.reload()
    opened.page.wait_for_function("window.board !== undefined")
    panel = opened.page.locator(".board").bounding_box()
    assert panel is not None
    for x_m, y_m in ((0, 0), (6000, 0), (6000, 4000), (0, 4000)):
        lon, lat = village.place(x_m, y_m)
        place = f"board.map.latLngToContainerPoint([{lat}, {lon}])"
        at = opened.page.evaluate(place)
        is_beside = at["x"] > panel["x"] + panel["width"] or at["y"] < panel["y"]
        assert 0 <= at["x"] <= size[0]
        assert 0 <= at["y"] <= size[1]
        assert is_beside


def test_theme_chosen_colors_the_cells_anew(
    connection: Connection, chromium: Browser, tmp_path: Path
) -> None:
    opened = _opened(chromium, tmp_path, _page(connection, "supervisor", None))
    color = "board.layers.find((l) => l.id === 'grid_cells').paths[0].options.fillColor"
    before = opened.page.evaluate(color)
    opened.page.get_by_role("radio", name="人口").check()
    assert opened.page.evaluate(color) != before
    assert "人口（人）" in opened.page.locator(".shading").inner_text()


def test_classes_are_named_without_overlap() -> None:
    assert class_labels([0, 1, 2, 3, 5]) == ["0", "1", "2", "3–4", "≥5"]
    assert class_labels([0, 1200]) == ["0–1,199", "≥1,200"]
    assert class_labels([0.5, 1.5]) == ["0.5–<1.5", "≥1.5"]


def test_values_are_written_as_people_read_them() -> None:
    matters = CATALOG["open_matters"].fields
    assert word(matters["is_overdue"], value=True) == "是"
    assert word(matters["stage"], "waiting") == "待受理"
    assert word(matters["due_at"], "2026-12-01T10:00:00Z") == "2026-12-01 18:00"
    assert word(CATALOG["service_centers"].fields["floor_m2"], 1260.50) == "1,260.5"
