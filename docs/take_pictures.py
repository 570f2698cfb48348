"""Take the pictures of the documentation from a running demo.

Run ``make demo`` in one terminal and this in another. It needs Chromium, as the
tests of the browser do: ``.venv/bin/python docs/take_pictures.py``.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ADDRESS = "http://127.0.0.1:8000/"
PASSWORD = "grid-demo-2026"  # noqa: S105 - of the synthetic demo, in the README
PICTURES = Path(__file__).parent / "pictures"

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        _take(browser, "county", DESK, "supervisor-map.png")
        _take(browser, "officer", PHONE, "phone-cell.png", _open_cell)
        _take(browser, "planner", DESK, "planner-map.png")
        browser.close()


def _take(
    browser: Browser,
    login: str,
    size: ViewportSize,
    name: str,
    act: Callable[[Page], None] | None = None,
) -> None:
    page = browser.new_page(viewport=size, locale="zh-CN")
    page.goto(ADDRESS)
    page.fill("input[autocomplete=username]", login)
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/#/map*")
    page.wait_for_load_state("networkidle")
    if act is not None:
        act(page)
    page.wait_for_timeout(2000)
    page.screenshot(path=PICTURES / name)
    page.close()


def _open_cell(page: Page) -> None:
    page.mouse.click(PHONE["width"] / 3, PHONE["height"] / 3)
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
