"""The pages of layers and features, opened from a link by somebody with a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

Windows = Callable[..., Visit]
HERE = "/api/ogc/collections"


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_visitor_reads_about_a_layer_and_looks_at_its_features(
    visit: Windows, *, is_phone: bool
) -> None:
    window = visit(is_phone=is_phone)
    page = window.page
    page.goto(f"{HERE}/service_centers?f=html")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "服务中心 (Service centers)"
    )
    window.assert_well_made()
    page.get_by_role("link", name="服务中心 · 网页 HTML").click()
    expect(page.get_by_role("columnheader", name="状态 (Status)")).to_be_visible()
    expect(page.get_by_role("cell", name="建成").first).to_be_visible()
    window.assert_well_made()
    number = page.locator("tbody td").first.inner_text()
    page.goto(f"{HERE}/service_centers/items/{number}?f=html")
    expect(page.get_by_role("row", name=f"编号 (id) {number}")).to_be_visible()
    window.assert_well_made()


def test_link_of_a_feature_opens_the_map_of_the_reader_there(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    page = window.page
    layers = page.request.get("/api/ogc/collections/residents/items?limit=1").json()
    number = layers["features"][0]["id"]
    lon, lat = layers["features"][0]["geometry"]["coordinates"]
    page.goto(f"{HERE}/residents/items/{number}?f=html")
    page.get_by_role("link", name="在地图上查看").click()
    window.wait_for_map()
    expect(page).to_have_url(re.compile("#/map.*m=officer"))
    query = dict(re.findall(r"(\w)=([^&]+)", page.url.partition("#")[2]))
    assert float(query["x"]) == pytest.approx(lon, abs=1e-4)
    assert float(query["y"]) == pytest.approx(lat, abs=1e-4)
    # It is off at the start of this map.
    expect(page.get_by_role("checkbox", name="居民", exact=True)).to_be_checked()
