"""Where a request comes from, and what a browser may do with the answer.

Two ASGI layers around the whole application: one refuses acts that another site
lets a signed-in browser do, the other adds the security headers.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis_service.access.cookie import COOKIE
from gis_service.access.rules import SAFE_METHODS
from gis_service.errors import ForbiddenError

SIGN_IN = "/api/session"
DOCS = "/api/docs"

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""For the web client and everything else; OpenLayers makes images and workers."""

DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For the page that shows the OpenAPI document, which starts by a script in it."""

FOLIUM_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; connect-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""For folium pages: all is in the page, and nothing of it can be sent anywhere."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TWO_YEARS = "max-age=63072000"


class CrossSiteError(ForbiddenError):
    """Another site made the browser ask for a change."""

    code = "cross_site"
    title = "拒绝跨站请求 (cross-site request refused)"


class OriginGuard:
    """Refuse unsafe requests that carry the session's cookie from another site.

    Browsers say where a request comes from in ``Sec-Fetch-Site``, older ones in
    ``Origin``. A request with the cookie that says neither is refused as well: no
    browser sends it, and a script has tokens.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http" and _is_refused(scope):
            message = "请求来自其他网站，已拒绝 (the request came from another site)"
            error = CrossSiteError(message)
            answer = JSONResponse(
                error.problem(), error.status, media_type="application/problem+json"
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Add the security headers to every answer; what a route set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_completed)


def policy_of(path: str) -> str:
    """Return the content security policy of a path."""
    if path == DOCS:
        return DOCS_POLICY
    if path.startswith("/maps/") and path.endswith(".html"):
        return FOLIUM_POLICY
    return PAGE_POLICY


def _is_refused(scope: Scope) -> bool:
    if scope["method"] in SAFE_METHODS:
        return False
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    has_cookie = f"{COOKIE}=" in headers.get("cookie", "")
    if not has_cookie and scope["path"] != SIGN_IN:
        return False
    if site is not None:
        return site not in {"same-origin", "none"}
    if origin is not None:
        return urlsplit(origin).netloc != headers.get("host")
    return has_cookie


def _complete(answer: MutableHeaders, scope: Scope) -> None:
    for name, value in HEADERS.items():
        answer.setdefault(name, value)
    path: str = scope["path"]
    answer.setdefault("Content-Security-Policy", policy_of(path))
    if path.startswith("/api/"):
        # Answers depend on who asks; a route that may be kept says so itself.
        answer.setdefault("Cache-Control", "private, no-store")
    if scope["app"].state.settings.cookie_secure:
        answer.setdefault("Strict-Transport-Security", TWO_YEARS)
    mode = Headers(scope=scope).get("sec-fetch-mode", "navigate")
    if mode != "navigate" and "www-authenticate" in answer:
        # A browser would open its own sign-in window in front of ours.
        del answer["WWW-Authenticate"]
