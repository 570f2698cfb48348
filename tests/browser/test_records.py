"""People's records in a real browser: masked, and in full only for a reason."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit

Windows = Callable[..., Visit]
Arrange = Callable[..., None]

FULL_NAME = re.compile("^[^*]{2,4}$")


def open_resident(window: Visit, login: str) -> dict[str, object]:
    """Open the first resident of the account's cell; return what the list told."""
    window.open_own_map(login)
    branch = window.ask("/api/session")["account"]["branches"][0]
    path = f"/api/people/residents?grid_code={branch}&limit=1"
    (resident,) = window.ask(path)["residents"]
    window.page.goto(f"/#/map?c={resident['grid_code']}")
    window.page.reload()
    section = window.card().locator("section section", has_text="居民（已脱敏）")
    section.get_by_role("listitem").first.get_by_role("button").first.click()
    expect(window.card().get_by_text("身份证号")).to_be_visible()
    return dict(resident)


def ask_to_see(window: Visit, reason: str) -> None:
    """Fill in the dialog and ask."""
    window.page.get_by_role("button", name="查看完整信息", exact=True).click()
    window.page.get_by_label("用途").select_option("核实与办理事项")
    window.page.get_by_label("事由").fill(reason)
    window.page.get_by_role("button", name="查看", exact=True).click()


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_resident_is_masked_until_a_reason_is_given_and_then_for_a_minute(
    visit: Windows, *, is_phone: bool
) -> None:
    window = visit(is_phone=is_phone)
    window.page.clock.install()
    resident = open_resident(window, "officer")
    card = window.card()
    expect(card.get_by_role("heading", level=2)).to_have_text(str(resident["name"]))
    expect(card).to_contain_text(re.compile(r"\d{3}\*{4}\d{4}|未登记"))
    window.assert_well_made()
    ask_to_see(window, "核实事项20260001的联系人")
    shown = card.locator("section", has_text="完整信息（已记入日志）").first
    expect(shown.get_by_role("definition").first).to_have_text(FULL_NAME)
    window.assert_well_made()
    window.page.clock.run_for(61_000)
    expect(shown).to_have_count(0)
    expect(card.get_by_text("完整信息已隐藏")).to_be_visible()


def test_reason_too_short_is_refused_with_a_sentence(visit: Windows) -> None:
    window = visit()
    open_resident(window, "officer")
    window.page.get_by_role("button", name="查看完整信息", exact=True).click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_role("button", name="查看", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("请选择用途")
    window.assert_well_made()
    dialog.get_by_label("用途").select_option("走访与关爱服务")
    dialog.get_by_label("事由").fill("嗯")
    dialog.get_by_role("button", name="查看", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("事由")
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    opener = window.page.get_by_role("button", name="查看完整信息", exact=True)
    expect(opener).to_be_focused()
    window.forgive("422")


def test_limit_of_reveals_is_said_with_the_time_to_wait(
    visit: Windows, arrange: Arrange
) -> None:
    arrange(
        "INSERT INTO people.reveals (account_id) SELECT account.id "
        "FROM access.accounts AS account, generate_series(1, 1000) "
        "WHERE account.login = 'lead'"
    )
    window = visit()
    open_resident(window, "lead")
    ask_to_see(window, "核实事项20260001的联系人")
    alert = window.page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_have_text(re.compile("查看原文次数已达上限，请\\d+分钟后再试$"))
    window.forgive("429")


def test_household_shows_its_members_masked(visit: Windows) -> None:
    window = visit()
    resident = open_resident(window, "officer")
    told = window.ask(f"/api/people/households/{resident['household_id']}")
    window.page.get_by_role("button", name="打开户卡").click()
    members = window.card().get_by_role("listitem")
    expect(members).to_have_count(len(told["members"]))
    assert all("*" in member["name"] for member in told["members"])
    expect(members.first).to_contain_text(told["members"][0]["name"])
    window.assert_well_made()


def test_editor_sees_masked_records_and_is_offered_no_more(visit: Windows) -> None:
    window = visit()
    open_resident(window, "editor")
    expect(window.page.get_by_role("button", name="查看完整信息")).to_have_count(0)


def test_spent_budget_is_told_kindly_on_map_and_list(
    visit: Windows, arrange: Arrange
) -> None:
    window = visit()
    window.sign_in("lead")
    expect(window.page.locator(".bar")).to_be_visible()
    arrange(
        "INSERT INTO access.rows_read (account_id, on_day, rows) "
        "SELECT id, (now() AT TIME ZONE 'Asia/Shanghai')::date, 10000000 "
        "FROM access.accounts WHERE login = 'lead' "
        "ON CONFLICT (account_id, on_day) DO UPDATE SET rows = excluded.rows"
    )
    note = window.page.get_by_text("今天读取的数据已达到上限")
    window.page.goto("/#/list?l=residents")
    refusal = window.page.get_by_role("alert")
    # The worker learns of what others counted with its next sum.
    for _ in range(20):
        window.page.reload()
        expect(window.page.get_by_role("table").or_(refusal)).to_be_visible()
        if refusal.count():
            break
        window.page.wait_for_timeout(1000)
    expect(refusal).to_contain_text("今日可读取的人员数据行数已用完")
    branch = window.ask("/api/session")["account"]["branches"][0]
    window.page.goto(f"/#/map?c={branch}001")
    window.page.reload()
    expect(note).to_be_visible()
    expect(window.page.get_by_text("个图层没有取到")).to_have_count(0)
    window.assert_well_made()
    window.forgive("429")
    arrange("DELETE FROM access.rows_read")
