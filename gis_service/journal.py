"""The journal of the service: one JSON object per line, and a number per request.

Nothing personal can enter: a request is written down by its route, never by what was
asked in it; an error by its kind and place, never by its words, which may quote a row.
"""

import json
import logging
import time
import traceback
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis_service import metrics, occasion

ROUTE = "journal.route"
"""Key of the ASGI scope under which a route answered early writes its template."""

_requests = logging.getLogger("gis_service.requests")


class Lines(logging.Formatter):
    """Formats records as JSON, with the request they belong to."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        now = occasion.current()
        written: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created).astimezone().isoformat(),
            "level": record.levelname.lower(),
            # What others write below their first line is what they quote.
            "says": record.getMessage().partition("\n")[0],
            "by": record.name,
            "request_id": now.request_id,
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            written["error"] = kind.__name__
            written["where"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        known = {name: value for name, value in written.items() if value is not None}
        return json.dumps(known, ensure_ascii=False)


def config(*, with_requests: bool) -> dict[str, Any]:
    """Return the logging of a worker; requests are written only when wanted."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Lines}},
        "handlers": {
            "errors": {"class": "logging.StreamHandler", "formatter": "lines"}
        },
        "root": {"handlers": ["errors"], "level": "WARNING"},
        "loggers": {_requests.name: {"level": "INFO" if with_requests else "WARNING"}},
    }


class Journal:
    """Give each request its number; count it and write it down when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its number goes into the head of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        now = occasion.begin(_number_brought(scope), client[0] if client else None)
        head = (b"x-request-id", str(now.request_id).encode())
        status = 500

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), head]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_numbered)
        finally:
            duration_s = time.perf_counter() - started
            route = _route_of(scope)
            metrics.count_request(scope["method"], route, status, duration_s)
            if _requests.isEnabledFor(logging.INFO):
                facts = _facts(scope["method"], route, status, duration_s)
                _requests.info("request", extra={"facts": facts})


def _route_of(scope: Scope) -> str:
    early = scope.get(ROUTE)
    return str(early or getattr(scope.get("route"), "path", "unknown"))


def _facts(method: str, route: str, status: int, duration_s: float) -> dict[str, Any]:
    now = occasion.current()
    return {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(duration_s * 1000, 1),
        "actor": now.actor,
        "role": now.role,
        "address": now.address,
    }


def _number_brought(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            brought: str = value.decode("latin-1")
            return brought
    return None
