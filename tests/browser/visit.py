"""What a person does in the web client, in the words of the person."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, expect

PASSWORD = "grid-demo-2026"  # noqa: S105 - of the demo's invented accounts
AXE = Path(__file__).parents[2] / "maps/web/node_modules/axe-core/axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


class Visit:
    """One window of the browser, and all that it asked for or complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        self.requests_elsewhere: list[str] = []
        page.on("request", self._note_request)
        page.on("console", self._note_message)
        page.on("pageerror", self._note_error)

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in page and press the button."""
        self.page.goto("/")
        self.page.get_by_label("账号", exact=True).fill(login)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()

    def open_own_map(self, login: str) -> None:
        """Sign in and wait until the map of the role is drawn."""
        self.sign_in(login)
        self.wait_for_map()

    def wait_for_map(self) -> None:
        """Wait until the map has drawn all it asked for."""
        expect(self.page.locator(".map canvas").first).to_be_visible()
        expect(self.page).to_have_url(re.compile(r"z=.*x=.*y="))
        self.page.wait_for_load_state("networkidle")

    def search(self, text: str) -> Locator:
        """Type into the search box, reached by its key; return what is found."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(text)
        options = self.page.get_by_role("option")
        expect(options.first).to_be_visible()
        return options

    def card(self) -> Locator:
        """Return the card at the side, or the sheet on a phone."""
        return self.page.locator(".beside")

    def counts(self) -> dict[str, str]:
        """Return the figures of the four tiles, by element."""
        tiles = self.card().locator("[data-count]")
        expect(tiles).to_have_count(4)
        return {
            str(tile.get_attribute("data-count")): tile.locator("strong").inner_text()
            for tile in tiles.all()
        }

    def ask(self, path: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Ask the service as the same person, beside the page."""
        answer = self.page.request.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.json()

    def violations(self) -> list[str]:
        """Return what axe holds against the page, by rule and place."""
        # Run from outside the page: its content security policy stays as it is.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})",
            list(RULES),
        )
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def assert_well_made(self) -> None:
        """Hold the page to WCAG 2.2 AA, and to the width of the screen."""
        assert self.violations() == []
        beyond = "document.documentElement.scrollWidth - window.innerWidth"
        assert self.page.evaluate(beyond) <= 0
        # A phone widens its view to what does not fit: then it shows less of all else.
        assert self.page.evaluate("window.innerWidth") in {390, 1440}

    def tab_to(self, name: str) -> None:
        """Press the tab key until something of this name has the focus."""
        named = self.page.locator(":focus").and_(
            self.page.get_by_text(name, exact=True).or_(self.page.get_by_label(name))
        )
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if named.count():
                return
        message = f"not reached by keyboard: {name}"
        raise AssertionError(message)

    def forgive(self, words: str) -> None:
        """Forget complaints that a test provoked on purpose."""
        self.errors = [error for error in self.errors if words not in error]

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.requests_elsewhere.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location.get("url", "")
            self.errors.append(f"{message.text} {place}")

    def _note_error(self, error: Error) -> None:
        self.errors.append(error.stack or error.message)
