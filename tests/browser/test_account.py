"""The door and what is one's own: two steps, lock-out, password, devices, tokens."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import PASSWORD, Visit

Windows = Callable[..., Visit]
Arrange = Callable[..., None]


def type_in(page: Page, login: str, password: str) -> None:
    """Fill in account and password and press the button."""
    page.get_by_label("账号", exact=True).fill(login)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def open_own_page(window: Visit, login: str) -> None:
    """Sign in and go to one's own page."""
    window.open_own_map(login)
    window.page.goto("/#/me")
    expect(window.page.get_by_role("heading", name="访问令牌")).to_be_visible()
    window.page.wait_for_load_state("networkidle")


def test_sixth_wrong_password_locks_and_counts_down(visit: Windows) -> None:
    window = visit()
    window.page.goto("/")
    alert = window.page.get_by_role("alert")
    for _ in range(6):
        type_in(window.page, "no-such-person", "not-my-password")
        expect(window.page.get_by_label("密码", exact=True)).to_have_value("")
        if "锁定" in alert.inner_text():
            break
    expect(alert).to_contain_text("已暂时锁定，请在")
    button = window.page.get_by_role("button", name=re.compile(r"^\d+:\d\d$"))
    expect(button).to_be_disabled()
    first = button.inner_text()
    expect(button).not_to_have_text(first)
    window.assert_well_made()
    for status in ("401", "429"):
        window.forgive(status)


def test_sign_in_page_says_what_single_sign_on_came_back_with(visit: Windows) -> None:
    window = visit()
    window.page.goto("/#/login?problem=oidc_unknown")
    alert = window.page.get_by_role("alert")
    expect(alert).to_have_text("统一身份没有对应的账号，请联系管理员")
    window.assert_well_made()
    window.page.get_by_role("button", name="以访客身份查看").click()
    window.wait_for_map()


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_account_that_must_enrol_does_so_signs_in_in_two_steps_and_ends_it(
    visit: Windows, arrange: Arrange, *, is_phone: bool
) -> None:
    login = "editor" if is_phone else "planner"
    must = "UPDATE access.accounts SET needs_second_factor = :must WHERE login = :login"
    arrange(must, must=True, login=login)
    window = visit(is_phone=is_phone)
    page = window.page
    page.goto("/")
    type_in(page, login, PASSWORD)
    picture = page.get_by_alt_text("供验证器应用扫描的二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    window.assert_well_made()
    secret = page.locator(".scan .code-text").inner_text().replace(" ", "")
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    telephone = pyotp.TOTP(secret)
    page.get_by_label("验证码").fill(telephone.now())
    page.get_by_role("button", name="确认").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    recovery, other_recovery, *_ = codes.all_inner_texts()
    window.assert_well_made()
    page.get_by_role("button", name="已保存好，继续").click()
    window.wait_for_map()
    page.context.clear_cookies()
    page.goto("/#/")
    page.reload()
    type_in(page, login, PASSWORD)
    expect(page.get_by_label("验证码")).to_be_focused()
    window.assert_well_made()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    page.get_by_role("button", name="手机不在身边？使用恢复码").click()
    page.keyboard.type(recovery)
    page.keyboard.press("Enter")
    window.wait_for_map()
    arrange(must, must=False, login=login)
    page.goto("/#/me")
    page.get_by_role("button", name="关闭两步验证").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="手机不在身边？使用恢复码").click()
    page.keyboard.type(other_recovery)
    dialog.get_by_role("button", name="关闭两步验证").click()
    expect(page.get_by_text("未开启", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    for status in ("401", "422"):
        window.forgive(status)


def test_own_password_is_asked_for_before_two_steps_are_set_up(visit: Windows) -> None:
    window = visit()
    open_own_page(window, "handler")
    page = window.page
    page.get_by_role("button", name="开启两步验证").click()
    dialog = page.get_by_role("dialog")
    for password, left in (("not-my-password", "还可试4次"), (PASSWORD, None)):
        dialog.get_by_label("密码", exact=True).fill(password)
        dialog.get_by_role("button", name="下一步").click()
        if left:
            expect(dialog.get_by_role("alert")).to_contain_text(left)
            window.assert_well_made()
    picture = dialog.get_by_alt_text("供验证器应用扫描的二维码")
    expect(picture).to_be_visible()
    window.assert_well_made()
    page.wait_for_load_state("networkidle")
    window.forgive("401")


@pytest.mark.parametrize("is_phone", [False, True], ids=["desk", "phone"])
def test_own_page_shows_this_device_and_ends_another(
    visit: Windows, *, is_phone: bool
) -> None:
    other = visit()
    other.open_own_map("officer")
    window = visit(is_phone=is_phone)
    open_own_page(window, "officer")
    window.assert_well_made()
    devices = window.page.locator("section", has_text="已登录的设备").last
    expect(devices.get_by_text("本机", exact=True)).to_have_count(1)
    before = len(window.ask("/api/account/sessions"))
    others = devices.get_by_role("listitem").filter(has_not_text="本机")
    others.first.get_by_role("button").click()
    expect(devices.get_by_role("listitem")).to_have_count(before - 1)
    window.page.wait_for_load_state("networkidle")


def test_token_is_shown_once_used_and_deleted(visit: Windows) -> None:
    window = visit()
    open_own_page(window, "officer")
    page = window.page
    window.tab_to("新建令牌")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("用途").fill("办公室 QGIS")
    dialog.get_by_label("有效期").select_option("30天")
    window.assert_well_made()
    dialog.get_by_role("button", name="新建令牌").click()
    secret = dialog.locator(".secret").inner_text()
    window.assert_well_made()
    collections = f"{window.address}/api/ogc/collections/parcels/items?limit=1"
    bearer = {"Authorization": f"Bearer {secret}"}
    assert page.request.get(collections, headers=bearer).ok
    dialog.get_by_role("button", name="已保存好").click()
    assert secret not in page.content()
    page.get_by_role("button", name="删除令牌：办公室 QGIS").click()
    dialog.get_by_role("button", name="删除令牌").click()
    expect(page.get_by_text("还没有访问令牌")).to_be_visible()


def test_password_rules_are_said_and_a_good_password_is_taken(visit: Windows) -> None:
    window = visit()
    open_own_page(window, "handler")
    page = window.page

    def change(now: str, fresh: str) -> None:
        page.get_by_label("当前密码").fill(now)
        page.get_by_label("新密码", exact=True).fill(fresh)
        page.get_by_label("再输一次新密码").fill(fresh)
        page.get_by_role("button", name="修改密码").click()

    change(PASSWORD, "short")
    expect(page.get_by_role("alert")).to_contain_text("至少10个字符")
    change(PASSWORD, "long-enough-for-a-day")
    expect(page.get_by_text("密码已修改")).to_be_visible()
    window.assert_well_made()
    change("long-enough-for-a-day", PASSWORD)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    window.forgive("422")
