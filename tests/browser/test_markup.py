# ruff: noqa: S608, E501 - every part of the statements is written in this file
"""Markup in names and titles is shown as it was written, and never takes effect."""

from collections.abc import Iterator
from itertools import cycle, islice
from secrets import token_urlsafe

import httpx
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import text

from gis_service.access.signing_in import hashed
from gis_service.cluster import Cluster
from gis_service.database import engine
from tests import village
from tests.given_server import GivenServer
from tests.world import served

ACT = "window.struck=1"
MANY = 50
_FORMS = (
    "<script>{act}</script>",
    "<img src=x onerror={act}>",
    "<svg onload={act}>",
    "<svg><script>{act}</script></svg>",
    "<iframe srcdoc='<script>parent.{act}</script>'></iframe>",
    "<iframe src=javascript:parent.{act}></iframe>",
    "<details open ontoggle={act}>",
    "<video><source onerror={act}></video>",
    "<input autofocus onfocus={act}>",
    "<math><mi xlink:href=javascript:{act}>",
    "<a href=javascript:{act} id=x>x</a><style onload={act}></style>",
    "<body onpageshow={act}>",
    "<object data='javascript:{act}'></object>",
    "<template><script>{act}</script></template>",
    "{{{{constructor.constructor('{act}')()}}}}",
    "${{{act}}}",
    "</script><script>{act}</script>",
    "<!--<script>{act}</script>-->",
)
_BREAKS = ("", '">', "'>", "</td>", "</title>", "]]>", "-->", "</textarea>", "\\x3c")
PAYLOADS = [
    f"{before}{form.format(act=ACT)}"
    for before, form in islice(zip(cycle(_BREAKS), cycle(_FORMS), strict=False), MANY)
]
ADDRESSES = (
    "/maps/supervisor.html",
    "/maps/officer.html",
    "/api/ogc/collections/objects/items?f=html&limit=1000",
    "/api/ogc/collections/open_matters/items?f=html&limit=1000",
    "/api/ogc/collections/residents/items?f=html&limit=1000",
    "/api/ogc/collections/households/items?f=html&limit=1000",
    "/api/ogc/collections/grid_cells/items?f=html&limit=1000",
)

_AT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)"
_PLANT = (
    f"""INSERT INTO objects.objects (id, code, category, name, state, village_code,
        grid_code, geom)
    VALUES (5000 + :n, '4313220118' || to_char(70000 + :n, 'FM000000'), '0118', :words, 'ok',
        :village, :cell, {_AT})""",
    f"""INSERT INTO matters.matters (id, number, class_code, source, title, description,
        state, village_code, grid_code, reported_at, due_at, geom)
    VALUES (5000 + :n, '2026102143132255' || to_char(:n, 'FM0000'), 'C01', 'officer', :words,
        :words, 'assigned', :village, :cell, '2026-10-20 09:00+08',
        '2026-12-20 09:00+08', {_AT})""",
    f"""INSERT INTO people.households (id, code, grid_code, village_code, group_no,
        address, geom)
    VALUES (5000 + :n, 'M' || :n, :cell, :village, 1, :words, {_AT})""",
    f"""INSERT INTO people.residents (id, name, grid_code, geom)
    VALUES (5000 + :n, :words, :cell, {_AT})""",
)


@pytest.fixture(scope="module")
def place(
    cluster: Cluster | GivenServer,
    village_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str]]:
    """Return the address of a service full of markup, and a token for it."""
    cluster.create_database("markup", template=village_database)
    owner = engine(cluster.url("markup"))
    secret = f"gt_{token_urlsafe(32)}"
    lon, lat = village.place(500, 400)
    at = {"lon": lon, "lat": lat, "cell": village.FIRST_CELL, "village": village.EAST}
    with owner.begin() as connection:
        for number, words in enumerate(PAYLOADS, 1):
            for statement in _PLANT:
                planted = {**at, "n": number, "words": words}
                connection.execute(text(statement), planted)
        connection.execute(
            text("UPDATE grid.cells SET name = :words WHERE code = :cell"),
            {"words": PAYLOADS[1], "cell": village.FIRST_CELL},
        )
        connection.execute(
            text(
                "WITH made AS (INSERT INTO access.accounts (login, name, role, "
                "branches, password_hash) VALUES ('markup', :words, 'supervisor', "
                "'{431322}', 'none') RETURNING id) INSERT INTO access.tokens "
                "(account_id, name, token_hash, expires_at) SELECT id, 'x', :hash, "
                "now() + interval '1 day' FROM made"
            ),
            {"words": PAYLOADS[1], "hash": hashed(secret)},
        )
    owner.dispose()
    with served(cluster, "markup", tmp_path_factory.mktemp("var")) as address:
        yield address, secret
    cluster.drop_database("markup")


@pytest.fixture
def page(chromium: Browser, place: tuple[str, str]) -> Iterator[Page]:
    """Return a window of a supervisor of the county."""
    address, secret = place
    # Without the policy of the pages too: it is the second lock, this is the first.
    context = chromium.new_context(
        base_url=address,
        bypass_csp=True,
        extra_http_headers={"Authorization": f"Bearer {secret}"},
    )
    yield context.new_page()
    context.close()


def _struck(page: Page) -> bool:
    return bool(page.evaluate("'struck' in window"))


def test_the_trap_would_snap(page: Page) -> None:
    page.set_content(f"<img src=x onerror={ACT}>")
    page.wait_for_function("'struck' in window")


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_shows_markup_and_does_not_obey_it(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_timeout(700)
    assert not _struck(page)


@pytest.mark.parametrize("words", ["markup", village.FIRST_CELL])
def test_web_client_shows_markup_and_does_not_obey_it(page: Page, words: str) -> None:
    page.goto("/")
    box = page.get_by_role("combobox").or_(page.get_by_role("searchbox")).first
    box.fill(words)
    page.wait_for_timeout(1500)
    box.press("Enter")
    page.wait_for_timeout(1500)
    assert not _struck(page)


def test_markup_is_there_to_be_obeyed(place: tuple[str, str]) -> None:
    address, secret = place
    headers = {"Authorization": f"Bearer {secret}"}
    for layer in ("objects", "open_matters"):
        path = f"/api/ogc/collections/{layer}/items?limit=1000"
        answer = httpx.get(address + path, headers=headers)
        assert answer.text.count("window.struck") >= MANY
