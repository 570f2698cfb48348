"""What another site, or a script in our page, can do in a real browser: nothing."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.visit import Visit

SCRIPT = "<script>window.injected = true</script></head>"
WORDS = json.dumps({"login": "planner", "password": "grid-demo-2026", "x": "="})
TWO_KINDS = {"form": "document.forms[0].submit()", "fetch": "send()"}


@pytest.fixture
def evil(tmp_path: Path, live_service: str) -> Iterator[str]:
    """Return the address of a page on another port, with the service's as target.

    A port makes another origin of the same site: the cookie comes along.
    """
    beginning, end = WORDS.rsplit("=", 1)
    (tmp_path / "index.html").write_text(
        f"""<form method="post" enctype="text/plain"
        action="{live_service}/api/session">
        <input name='{beginning}' value='{end}'></form>
        <iframe src="{live_service}/"></iframe>
        <script>const send = () => fetch("{live_service}/api/session", {{
            method: "POST", mode: "no-cors", credentials: "include",
            body: {json.dumps(WORDS)}}})</script>""",
        encoding="utf-8",
    )
    handler = partial(_Silent, directory=str(tmp_path))
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def page(chromium: Browser, live_service: str) -> Iterator[Page]:
    """Return a page of somebody signed in as an officer."""
    context = chromium.new_context(base_url=live_service)
    page = context.new_page()
    visit = Visit(page, live_service)
    visit.open_own_map("officer")
    yield page
    context.close()


@pytest.mark.parametrize("act", TWO_KINDS.values(), ids=TWO_KINDS.keys())
def test_form_and_fetch_of_another_origin_are_refused(
    page: Page, evil: str, live_service: str, act: str
) -> None:
    page.goto(evil)
    with page.expect_response(f"{live_service}/api/session") as answered:
        page.evaluate(act)
    assert answered.value.status == 403
    page.wait_for_load_state("networkidle")
    told = page.request.get("/api/session").json()
    assert told["account"]["login"] == "officer"


def test_no_other_page_can_frame_ours(page: Page, evil: str) -> None:
    page.goto(evil)
    page.wait_for_load_state("networkidle")
    framed = page.frames[1]
    assert framed.url.startswith("chrome-error:")
    assert framed.locator("#app").count() == 0


@pytest.mark.parametrize("is_in_force", [True, False])
def test_script_written_into_our_page_does_not_run(
    page: Page, live_service: str, *, is_in_force: bool
) -> None:
    def inject(route: Route) -> None:
        answer = route.fetch()
        headers = dict(answer.headers)
        # Without the policy it does run, or the test would prove nothing.
        if not is_in_force:
            del headers["content-security-policy"]
        body = answer.text().replace("</head>", SCRIPT)
        route.fulfill(status=200, headers=headers, body=body)

    page.route(f"{live_service}/", inject)
    page.goto(f"{live_service}/")
    page.wait_for_load_state("networkidle")
    has_run = page.evaluate("window.injected === true")
    assert has_run is not is_in_force
