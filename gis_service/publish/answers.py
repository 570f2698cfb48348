"""What tiles and items answer, before it is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Self

from starlette.types import Scope

from gis_service.access.reader import VISITOR, Reader
from gis_service.errors import MalformedRequestError, NotFoundError
from gis_service.publish import csv_page, features, pages
from gis_service.publish.catalog import MAX_ZOOM, Catalog, Layer
from gis_service.publish.map_links import map_link
from gis_service.publish.parameters import (
    LARGEST_ID,
    ONE_PARAMETERS,
    PAGE_PARAMETERS,
    Asked,
    read_asked,
    read_query,
)
from gis_service.publish.readership import layer_for
from gis_service.publish.reading import Reading

if TYPE_CHECKING:
    from gis_service.publish.maps import Maps

TILE = "application/vnd.mapbox-vector-tile"
PUBLIC = "public, max-age=60"
PRIVATE = "private, no-store"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its bytes and what is said about them."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(
        cls, value: object, content_type: str, status: int, headers: Mapping[str, str]
    ) -> Self:
        """Return an answer in JSON."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(body, content_type, status, headers)


class Call:
    """One request for tiles or items.

    Parameters
    ----------
    scope
        The request as ASGI gives it.
    catalog, layers
        All layers, and what reads them.
    """

    def __init__(self, scope: Scope, catalog: Catalog, layers: Reading) -> None:
        self._scope = scope
        self.catalog = catalog
        self.layers = layers
        self.reader: Reader = VISITOR
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.is_head: bool = scope["method"] == "HEAD"
        self.is_by_https_only: bool = scope["app"].state.settings.cookie_secure

    @cached_property
    def headers(self) -> dict[str, str]:
        """Headers by their names in lower case."""
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in self._scope["headers"]
        }

    @cached_property
    def cookies(self) -> dict[str, str]:
        """Cookies by name; none when they cannot be read."""
        try:
            kept = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in kept.items()}

    @property
    def maps(self) -> "Maps":
        """All maps of the service."""
        maps: Maps = self._scope["app"].state.maps
        return maps

    @property
    def address(self) -> str:
        """The whole address without the query, as the client sees it."""
        host = self.headers.get("host", "localhost")
        return f"{self._scope['scheme']}://{host}{self.path}"

    def layer(self, layer_id: str) -> Layer:
        """Return a layer as the reader sees it."""
        return layer_for(self.catalog, layer_id, self.reader)


async def answer_tile(call: Call, parts: list[str]) -> Answer:
    """Answer a vector tile; row comes before column, as OGC API - Tiles has it."""
    layer_id, *numbers = parts
    layer = call.layer(layer_id)
    read_query(call.query, frozenset({"f"}))
    z, row, column = (_tile_number(number) for number in numbers)
    if z > MAX_ZOOM or not (row < 2**z and column < 2**z):
        message = "没有这个瓦片 (no such tile)"
        raise NotFoundError(message)
    lowest, highest = layer.zooms
    if not lowest <= z <= highest:
        message = f"图层只有 {lowest} 到 {highest} 级瓦片 (zooms of the layer)"
        raise NotFoundError(message, zooms=layer.zooms)
    body = await call.layers.tile(layer, call.reader.scope, z, column, row)
    return Answer(body, TILE, headers={"Cache-Control": _freshness(call, layer)})


async def answer_items(call: Call, parts: list[str]) -> Answer:
    """Answer a page of features."""
    layer = call.layer(parts[0])
    given = read_query(call.query, PAGE_PARAMETERS | layer.fields.keys())
    asked = read_asked(layer, given)
    scope = call.reader.scope
    matched = None
    row: Mapping[str, Any] = {"features": b"", "returned": 0, "found": 0, "last": None}
    if asked.with_count:
        matched = await call.layers.count(layer, scope, asked.question)
    if not asked.only_count:
        row = await call.layers.page(layer, scope, asked.question)
    links = features.page_links(call.address, given, row)
    body = features.collection(row, links, matched=matched)
    return _answer(call, layer, asked, body)


async def answer_one(call: Call, parts: list[str]) -> Answer:
    """Answer one feature; what lies outside the scope is as if it were not there."""
    layer_id, number = parts
    layer = call.layer(layer_id)
    asked = read_asked(layer, read_query(call.query, ONE_PARAMETERS))
    written = None
    is_number = number.isascii() and number.isdecimal() and len(number) <= 19  # noqa: PLR2004 - 2^63
    if is_number and int(number) <= LARGEST_ID:
        scope = call.reader.scope
        written = await call.layers.one(layer, scope, int(number), asked.question)
    if written is None:
        message = "没有这个要素 (there is no such feature)"
        raise NotFoundError(message)
    body = features.feature(written, features.feature_links(call.address))
    return _answer(call, layer, asked, body)


def _answer(call: Call, layer: Layer, asked: Asked, body: bytes) -> Answer:
    headers = {
        "Cache-Control": _freshness(call, layer),
        "Content-Crs": f"<{asked.reference.uri}>",
    }
    if asked.format == "csv":
        names = asked.question.properties
        table = csv_page.features_csv(layer, json.loads(body), names)
        return Answer(table, csv_page.CSV, headers=headers)
    accepted = call.headers.get("accept", "")
    wants_page = asked.format is None and accepted.startswith("text/html")
    if asked.format == "html" or wants_page:
        answer = json.loads(body)
        shown = pages.features_of(answer)
        on_map = map_link(call.maps, call.reader, layer, shown, asked.reference)
        page = pages.features_page(layer, answer, on_map)
        return Answer(page.encode(), pages.HTML, headers=headers)
    return Answer(body, features.GEOJSON, headers=headers)


def _freshness(call: Call, layer: Layer) -> str:
    """Say who may keep an answer: nobody, unless it is the same for everybody."""
    is_open = layer.audience == "public" and layer.scope == "county"
    # Where small counts are blank for some, only what visitors get is for everybody.
    is_same = not call.reader.is_signed_in or not layer.has_small_counts
    return PUBLIC if is_open and is_same else PRIVATE


def _tile_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:  # noqa: PLR2004
        message = "瓦片的级、行、列应为非负整数 (z, row, column are whole numbers)"
        raise MalformedRequestError(message)
    return int(text)
