"""The trail and its alerts, as the auditor and the administrator see them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

Windows = Callable[..., Visit]
Arrange = Callable[..., None]


def open_trail(window: Visit) -> None:
    """Sign in as the auditor and go to the trail by its button."""
    window.open_own_map("auditor")
    window.page.get_by_role("button", name="日志", exact=True).click()
    expect(window.page.get_by_role("heading", name="日志", level=1)).to_be_visible()


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_auditor_reads_lines_in_words_and_learns_that_the_chain_is_whole(
    visit: Windows, *, is_phone: bool
) -> None:
    window = visit(is_phone=is_phone)
    open_trail(window)
    expect(
        window.page.get_by_text(re.compile("整链完整，共 [\\d,]+ 行"))
    ).to_be_visible()
    newest = window.page.locator("tbody tr").first
    expect(newest).to_contain_text("auditor 审计员")
    expect(newest).to_contain_text("登录")
    window.assert_well_made()


def test_filters_stand_in_the_address_and_narrow_the_lines(visit: Windows) -> None:
    window = visit()
    open_trail(window)
    window.page.get_by_label("操作人").fill("auditor")
    window.page.get_by_label("动作").select_option("登录")
    window.page.keyboard.press("Tab")
    window.page.get_by_role("button", name="查询").click()
    expect(window.page).to_have_url(re.compile("actor=auditor&act=signed_in"))
    rows = window.page.locator("tbody tr")
    told = window.ask("/api/trail?actor=auditor&act=signed_in&limit=50")["lines"]
    expect(rows).to_have_count(len(told))
    window.page.get_by_label("操作人").fill("nobody-of-that-name")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_text("没有符合条件的日志")).to_be_visible()
    window.assert_well_made()
    window.page.get_by_role("button", name="清空条件").click()
    expect(rows.first).to_be_visible()


def test_lines_are_turned_page_by_page_without_a_gap(visit: Windows) -> None:
    window = visit()
    open_trail(window)
    while len(window.ask("/api/trail?limit=100")["lines"]) <= 60:
        for _ in range(20):
            window.page.request.get("/api/trail/file?format=csv")
    window.page.reload()
    place = window.page.locator("footer").get_by_role("status")
    expect(place).to_have_text("第 1–50 条")
    window.page.get_by_role("button", name="下一页").click()
    expect(place).to_have_text(re.compile("第 51–\\d+ 条"))
    window.page.get_by_role("button", name="上一页").click()
    expect(place).to_have_text("第 1–50 条")


def test_trail_is_taken_away_as_a_file_and_the_taking_is_on_it(visit: Windows) -> None:
    window = visit()
    open_trail(window)
    with window.page.expect_download() as taken:
        window.page.get_by_role("button", name="下载 XLSX").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
    window.page.get_by_role("button", name="查询").click()
    expect(window.page.locator("tbody tr").first).to_contain_text("导出日志")


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("login", ["auditor", "admin"])
def test_alert_shows_as_a_badge_until_it_is_marked_as_seen(
    visit: Windows, arrange: Arrange, login: str, *, is_phone: bool
) -> None:
    arrange("DELETE FROM access.alerts")
    arrange(
        "INSERT INTO access.alerts (on_day, kind, actor, facts) VALUES (current_date, "
        "'reveal_limit', 'lead', CAST(:facts AS jsonb))",
        facts='{"per_hour": 30}',
    )
    window = visit(is_phone=is_phone)
    window.open_own_map(login)
    badge = window.page.get_by_label("1 条未处理告警").locator("visible=true")
    expect(badge).to_be_visible()
    badge.click()
    expect(window.page.get_by_role("main")).to_contain_text("lead")
    expect(window.page.get_by_role("main")).to_contain_text("每小时上限 30")
    window.assert_well_made()
    window.page.get_by_role("button", name="标为已阅").click()
    expect(window.page.get_by_text("已阅")).to_be_visible()
    expect(badge).to_have_count(0)


def test_officer_is_offered_neither_trail_nor_alerts(visit: Windows) -> None:
    window = visit()
    window.open_own_map("officer")
    navigation = window.page.get_by_role("banner").get_by_role("navigation")
    expect(navigation.get_by_role("button")).to_have_text(["地图", "列表", "我的"])
    window.page.goto("/#/trail")
    expect(window.page).to_have_url(re.compile("#/map"))
