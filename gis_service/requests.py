"""What every request passes before a route sees it: HEAD, and how long a body may be.

Two ASGI layers. Both hold for routes that are still to be written.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis_service import problems
from gis_service.errors import TooLargeError

LARGEST_BODY = 64 * 1024
"""Bytes of what a form can hold many times over."""

LARGEST_WITH_POLYGON = 1_000_000
"""Bytes of a polygon of 5,000 vertices, each written with all its decimals."""

WITH_POLYGON = "/api/query/"
"""Under it are the routes that take polygons."""


class HeadAnswers:
    """Answer HEAD wherever GET is answered: the same headers and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as GET, and keep the body of its answer back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # The server keeps its own scope, by which it knows that no body follows.
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, send_head)
        finally:
            scope["route"] = inner.get("route")


class BodyLimit:
    """Refuse a body that is longer than its route takes, before it is all read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the route stops reading at the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        is_drawn = path.startswith(WITH_POLYGON)
        limit = LARGEST_WITH_POLYGON if is_drawn else LARGEST_BODY
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await problems.answer(_too_large(limit))(scope, receive, send)
            return
        left = limit

        async def receive_counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                # FastAPI makes a 400 of any other kind of error while it reads.
                raise HTTPException(413, _too_large(limit).detail)
            return message

        await self._app(scope, receive_counted, send)


def _too_large(limit: int) -> TooLargeError:
    message = f"请求内容超过 {limit:,} 字节 (the body is too long)"
    return TooLargeError(message, limit_bytes=limit)
