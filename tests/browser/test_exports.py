"""A layer taken away as a file, for a reason."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

Windows = Callable[..., Visit]


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_list_is_exported_when_a_reason_is_given(
    visit: Windows, *, is_phone: bool
) -> None:
    window = visit(is_phone=is_phone)
    window.open_own_map("officer")
    window.page.goto("/#/list?l=residents")
    expect(window.page.get_by_role("table")).to_be_visible()
    window.page.get_by_role("button", name="导出", exact=True).click()
    dialog = window.page.get_by_role("dialog")
    make = dialog.get_by_role("button", name="导出", exact=True)
    make.click()
    expect(dialog.get_by_role("alert")).to_have_text("请填写事由")
    window.assert_well_made()
    dialog.get_by_label("事由").fill("核对网格台账")
    with window.page.expect_download() as taken:
        make.click()
    assert taken.value.suggested_filename.startswith("residents_")
    assert taken.value.suggested_filename.endswith(".xlsx")
    expect(dialog.get_by_role("status")).to_contain_text("已交给浏览器下载")


def test_filter_that_cannot_be_read_is_answered_with_a_sentence(
    visit: Windows,
) -> None:
    window = visit()
    window.open_own_map("officer")
    window.page.goto("/#/list?l=parcels")
    window.page.get_by_role("button", name="导出", exact=True).click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_label("筛选条件（可不填）").fill("no_such_field = 1")
    dialog.get_by_label("事由").fill("核对网格台账")
    dialog.get_by_role("button", name="导出", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("no_such_field")
    window.forgive("400")
    window.forgive("422")


def test_visitor_is_offered_no_export(visit: Windows) -> None:
    window = visit()
    window.page.goto("/")
    window.page.get_by_role("button", name="以访客身份查看").click()
    window.page.goto("/#/list?l=villages")
    expect(window.page.get_by_role("table")).to_be_visible()
    export = window.page.get_by_role("button", name="导出", exact=True)
    expect(export).to_have_count(0)
