"""Tiles and items, answered in front of the framework: bytes in, bytes out.

A bare ASGI application costs a fraction of a framework's route. It answers the few
addresses that maps ask hundreds of times, by the same sign-in, scope and errors as
every other, and hands all else on.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from gis_service import occasion
from gis_service.access import budget, signing_in
from gis_service.errors import GridError
from gis_service.journal import ROUTE
from gis_service.problems import FROM_DATABASE, MEDIA_TYPE, from_database, headers_of
from gis_service.publish.answers import (
    Answer,
    Call,
    answer_items,
    answer_one,
    answer_tile,
)
from gis_service.publish.reading import Reading
from gis_service.publish.sending import send_answer

if TYPE_CHECKING:
    import asyncpg

PREFIX = "/api/ogc/collections/"
"""Under it lie all addresses that are answered here."""

Answerer = Callable[[Call, list[str]], Awaitable[Answer]]

ROUTES: dict[Answerer, str] = {
    answer_items: f"{PREFIX}{{layer_id}}/items",
    answer_one: f"{PREFIX}{{layer_id}}/items/{{feature_id}}",
    answer_tile: f"{PREFIX}{{layer_id}}/tiles/WebMercatorQuad/{{z}}/{{row}}/{{column}}",
}
"""What the journal calls each: nothing that a client wrote."""


class Serving:
    """The ASGI middleware that answers tiles and items.

    Parameters
    ----------
    app
        What answers everything else.
    state
        The application's state: ``pool`` and ``catalog`` are read from it at the
        first request, since the pool is opened when the application starts.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state
        self._reading: Reading | None = None
        self._pool: asyncpg.Pool | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        found = _answerer(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        answerer, parts = found
        scope[ROUTE] = ROUTES[answerer]
        call = Call(scope, self._state.catalog, self._layers())
        try:
            call.reader = await signing_in.reader_of(
                self._state, call.headers, call.cookies
            )
            reader = call.reader
            meter = budget.meter(self._state.pool, reader)
            occasion.name_actor(reader.login, reader.role, meter)
            answer = await answerer(call, parts)
        except GridError as error:
            answer = _problem(error, call)
        except FROM_DATABASE as error:
            answer = _problem(from_database(error), call)
        await send_answer(answer, call, send)

    def _layers(self) -> Reading:
        if self._reading is None or self._pool is not self._state.pool:
            self._pool = self._state.pool
            self._reading = Reading(self._pool)
        return self._reading


def _answerer(scope: Scope) -> tuple[Answerer, list[str]] | None:
    if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
        return None
    if scope["method"] not in {"GET", "HEAD"}:
        return None
    match scope["path"][len(PREFIX) :].split("/"):
        case [layer, "items"]:
            return answer_items, [layer]
        case [layer, "items", number]:
            return answer_one, [layer, number]
        case [layer, "tiles", "WebMercatorQuad", z, row, column]:
            return answer_tile, [layer, z, row, column]
    return None


def _problem(error: GridError, call: Call) -> Answer:
    headers = {**headers_of(error), "Cache-Control": "no-store"}
    if call.headers.get("sec-fetch-mode", "navigate") != "navigate":
        # A browser would open its own sign-in window in front of our map.
        headers.pop("WWW-Authenticate", None)
    return Answer.of_json(error.problem(), MEDIA_TYPE, error.status, headers)
