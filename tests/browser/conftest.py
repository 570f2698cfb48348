"""A browser that reaches nothing but the service, and remembers what went wrong."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright
from sqlalchemy import text

from gis_service.cluster import Cluster
from gis_service.database import engine
from tests.browser.visit import Visit
from tests.given_server import GivenServer

PICTURES = Path(__file__).parent / "pictures"
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the machine's Chromium, unable to resolve any host but this one.

    It is closed at the end of the module: as long as it is open its event loop runs
    in this thread, and no asynchronous test can.
    """
    path = which("chromium") or which("google-chrome")
    if path is None:
        pytest.skip("没有 Chromium (no Chromium): apt install chromium fonts-noto-cjk")
    # As root Chromium cannot build its sandbox; it opens nothing but our own pages.
    arguments = [ONLY_LOOPBACK, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(
    chromium: Browser, live_service: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a fresh browser window on the service.

    At the end every window must have asked nobody else, and have logged no error.
    """
    visits: list[Visit] = []

    def open_window(*, is_phone: bool = False, language: str = "zh-CN") -> Visit:
        context = chromium.new_context(
            base_url=live_service,
            viewport=PHONE if is_phone else DESK,
            device_scale_factor=2 if is_phone else 1,
            has_touch=is_phone,
            is_mobile=is_phone,
            locale=language,
            timezone_id="Asia/Shanghai",
        )
        visits.append(Visit(context.new_page(), live_service))
        return visits[-1]

    yield open_window
    for number, each in enumerate(visits):
        _keep_picture(each.page, f"{request.node.name}-{number}")
        each.page.context.close()
    for each in visits:
        assert each.requests_elsewhere == []
        assert each.errors == []


@pytest.fixture
def arrange(
    cluster: Cluster | GivenServer, demo_database: str
) -> Iterator[Callable[..., None]]:
    """Return a function that changes the service's database, as its owner."""
    owner = engine(cluster.url(demo_database))

    def run(statement: str, **values: object) -> None:
        with owner.begin() as connection:
            connection.execute(text(statement), values)

    yield run
    owner.dispose()


def _keep_picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    try:
        page.screenshot(path=PICTURES / f"{name}.png")
    except Error as problem:
        # A test that broke the page has already failed for its own reason.
        (PICTURES / f"{name}.txt").write_text(problem.message, encoding="utf-8")
