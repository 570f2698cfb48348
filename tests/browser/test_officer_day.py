"""The officer's day in a real browser: sign in, find, read, move on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

Windows = Callable[..., Visit]


def own_cell(visit: Visit) -> str:
    """Return the code of the signed-in officer's cell."""
    (code,) = visit.ask("/api/session")["account"]["branches"]
    return str(code)


def test_wrong_password_keeps_the_name_and_says_how_many_tries_are_left(
    visit: Windows,
) -> None:
    window = visit()
    window.sign_in("handler", "not-my-password")
    alert = window.page.get_by_role("alert")
    expect(alert).to_contain_text("账号或密码不正确，还可尝试")
    expect(window.page.get_by_label("账号", exact=True)).to_have_value("handler")
    expect(window.page.get_by_label("密码", exact=True)).to_be_focused()
    window.forgive("401")


def test_officer_starts_at_the_map_of_the_own_cell(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    shown = window.ask("/api/maps/officer")
    west, south, east, north = shown["bounds"]
    lon, lat = (
        float(window.page.url.split(f"{name}=")[1].split("&")[0]) for name in "xy"
    )
    # The panel covers the left, so the middle of the view lies west of the cell's.
    assert west - 2 * (east - west) < lon < east
    assert south - (north - south) < lat < north + (north - south)
    expect(window.page.locator(".attribution")).to_contain_text("合成演示数据")
    for element in ("人", "地", "物", "事", "边界"):
        group = window.page.get_by_role("group", name=element, exact=True)
        expect(group).to_be_visible()


def test_card_found_by_keyboard_alone_counts_as_the_service_does(
    visit: Windows,
) -> None:
    window = visit()
    window.open_own_map("officer")
    code = own_cell(window)
    window.search(code)
    window.page.keyboard.press("Enter")
    counts = window.counts()
    told = window.ask(f"/api/grid/cells/{code}")["counts"]
    assert counts == {
        "people": f"{told['residents']:,}",
        "land": f"{told['parcels']:,}",
        "objects": f"{told['objects']:,}",
        "matters": f"{told['open_matters']:,}",
    }
    heading = window.card().get_by_role("heading", level=2)
    expect(heading).to_be_focused()
    expect(window.page).to_have_url(re.compile(f"c={code}"))
    window.page.keyboard.press("Escape")
    expect(window.card()).to_have_count(0)
    expect(window.page.get_by_role("application")).to_be_focused()


def test_names_of_residents_on_the_card_are_masked(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    code = own_cell(window)
    window.page.goto(f"/#/map?c={code}")
    window.page.reload()
    rows = window.ask(f"/api/people/residents?grid_code={code}&limit=5")["residents"]
    assert rows
    for row in rows:
        assert "*" in row["name"]
    section = window.card().locator("section section", has_text="居民（已脱敏）")
    expect(section.get_by_role("listitem")).to_have_count(len(rows))


def test_enter_picks_the_cell_in_the_middle_of_the_map(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    code = own_cell(window)
    lon, lat = window.ask(f"/api/grid/cells/{code}")["center"]
    window.page.goto(f"/#/map?z=18&x={lon}&y={lat}")
    window.page.reload()
    window.wait_for_map()
    window.page.get_by_role("application").focus()
    window.page.keyboard.press("Enter")
    expect(window.card().get_by_role("heading", level=2)).to_be_visible()


def test_cell_stays_visible_above_the_sheet_on_a_phone(visit: Windows) -> None:
    window = visit(is_phone=True)
    window.open_own_map("officer")
    code = own_cell(window)
    window.search(code)
    window.page.get_by_role("option").first.tap()
    assert window.counts()
    sheet = window.card().bounding_box()
    ground = window.page.locator(".map").bounding_box()
    assert sheet is not None
    assert ground is not None
    assert sheet["height"] <= 0.62 * ground["height"] + 1
    assert sheet["width"] == ground["width"]
    for button in window.page.locator("button:visible").all():
        box = button.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 44, (
            button.inner_text()
        )


def test_list_shows_the_features_the_map_shows(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    window.page.get_by_role("button", name="列表查看：未结事项").click()
    expect(window.page.get_by_role("heading", name="列表")).to_be_visible()
    box = window.page.url.split("b=")[1].split("&")[0]
    items = "/api/ogc/collections/open_matters/items"
    told = window.ask(f"{items}?bbox={box}&limit=50")["features"]
    rows = window.page.locator("tbody tr")
    expect(rows).to_have_count(len(told))
    window.page.get_by_role("button", name="回到地图").click()
    window.wait_for_map()


def test_visitor_is_offered_no_people_and_no_matters(visit: Windows) -> None:
    window = visit()
    window.page.goto("/")
    window.page.get_by_role("button", name="以访客身份查看").click()
    window.wait_for_map()
    panel = window.page.locator("#map-layers")
    expect(panel).to_contain_text("网格")
    for layer in ("居民", "户", "地块", "历史事项"):
        expect(panel.get_by_text(layer, exact=True)).to_have_count(0)


def test_ended_session_leads_to_sign_in_and_back_to_the_same_place(
    visit: Windows,
) -> None:
    window = visit()
    window.open_own_map("officer")
    code = own_cell(window)
    window.search(code)
    window.page.keyboard.press("Enter")
    window.counts()
    window.wait_for_map()
    window.page.context.clear_cookies()
    # By its address, since a late tile may have taken the map away before a click.
    place = window.page.evaluate("location.hash")
    window.page.evaluate("location.hash = '#/list?l=open_matters'")
    expect(window.page.get_by_text("登录已过期")).to_be_visible()
    window.page.evaluate("place => { location.hash = place }", place)
    expect(window.page).to_have_url(re.compile(f"map.*c={code}"))
    window.page.get_by_label("账号", exact=True).fill("officer")
    window.page.get_by_label("密码", exact=True).fill("grid-demo-2026")
    window.page.get_by_role("button", name="登录", exact=True).click()
    assert window.counts()
    expect(window.page).to_have_url(re.compile(f"c={code}"))
    for status in ("401", "403", "404"):
        window.forgive(status)


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_pages_meet_wcag_2_2_aa(visit: Windows, *, is_phone: bool) -> None:
    window = visit(is_phone=is_phone)
    window.page.goto("/")
    expect(window.page.get_by_label("账号", exact=True)).to_be_visible()
    assert window.violations() == []
    window.open_own_map("officer")
    assert window.violations() == []
    window.search(own_cell(window))
    assert window.violations() == []
    window.page.keyboard.press("Enter")
    window.counts()
    window.page.wait_for_load_state("networkidle")
    assert window.violations() == []
    window.page.get_by_role("button", name="列表", exact=True).click()
    expect(window.page.get_by_role("table")).to_be_visible()
    assert window.violations() == []


def test_english_chrome_holds_no_chinese(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    window.page.get_by_role("button", name="English").click()
    chrome = window.page.locator(
        "button:visible, h3:visible, label:visible, [placeholder]:visible"
    )
    # The name of the person is data, and the other language is named in itself.
    kept = {window.ask("/api/session")["account"]["name"], "中文"}
    texts = [text.strip() for text in chrome.all_inner_texts()]
    chinese = re.compile("[一-鿿]")
    assert [text for text in texts if text not in kept and chinese.search(text)] == []
