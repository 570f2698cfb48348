"""Routes of the single sign-on: to the provider, and back from it."""

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from gis_service.access import cookie, oidc, sessions
from gis_service.access.oidc import SingleSignOnError
from gis_service.access.place import place_of
from gis_service.access.rules import open_to_all
from gis_service.errors import GridError, NotSignedInError
from gis_service.keys import derived_key

router = APIRouter()

CALLBACK = "/api/oidc/callback"
FLOW = "gis_oidc"
FLOW_S = 600
"""How long somebody may take at the provider."""

_log = logging.getLogger(__name__)


@router.get("/api/oidc/start", dependencies=[Depends(open_to_all)])
async def start_single_sign_on(request: Request) -> RedirectResponse:
    """Send the browser to the provider."""
    state = request.app.state
    request.scope["session"] = flow = dict[str, Any]()
    try:
        answer: RedirectResponse = await oidc.provider(
            state.settings
        ).authorize_redirect(request, _callback(request))
    except (httpx2.HTTPError, AuthlibBaseError, JoseError) as error:
        return _problem(_failed(error))
    answer.set_cookie(
        cookie.cookie_name(state.settings, FLOW),
        _cipher(state.master_key).encrypt(json.dumps(flow).encode()).decode(),
        max_age=FLOW_S,
        secure=state.settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(CALLBACK, dependencies=[Depends(open_to_all)])
async def finish_single_sign_on(request: Request) -> RedirectResponse:
    """Sign in whom the provider sends back; or say on the page why not."""
    state = request.app.state
    try:
        claims = await _claims(request)
        secret = await asyncio.to_thread(_admit, request, claims)
    except NotSignedInError as error:
        answer = _problem(error)
    else:
        answer = RedirectResponse("/", 302)
        cookie.give(answer, secret, state.settings)
    # Whatever came of it, the same answer of the provider is not taken again.
    cookie.take_back(answer, state.settings, FLOW)
    return answer


async def _claims(request: Request) -> Mapping[str, Any]:
    request.scope["session"] = _flow(request)
    try:
        token = await oidc.provider(request.app.state.settings).authorize_access_token(
            request, leeway=oidc.LEEWAY_S
        )
    except (httpx2.HTTPError, AuthlibBaseError, JoseError) as error:
        raise _failed(error) from error
    claims = token.get("userinfo")
    if not isinstance(claims, Mapping) or not isinstance(claims.get("sub"), str):
        raise _failed(None)
    return claims


def _flow(request: Request) -> dict[str, Any]:
    """Return what the browser brought of the flow it started, if it is still fresh."""
    state = request.app.state
    sealed = request.cookies.get(cookie.cookie_name(state.settings, FLOW), "")
    try:
        flow = _cipher(state.master_key).decrypt(sealed.encode(), ttl=FLOW_S)
    except (InvalidToken, UnicodeEncodeError):
        return {}
    return dict(json.loads(flow))


def _admit(request: Request, claims: Mapping[str, Any]) -> str:
    state = request.app.state
    former = request.cookies.get(cookie.cookie_name(state.settings))
    with state.engine.begin() as connection:
        outcome = oidc.admit(connection, claims, place_of(request), state.settings)
        if former:
            sessions.close(connection, former)
    if isinstance(outcome, NotSignedInError):
        raise outcome
    return outcome


def _callback(request: Request) -> str:
    public: str | None = request.app.state.settings.public_url
    return (public or str(request.base_url).rstrip("/")) + CALLBACK


def _problem(error: GridError) -> RedirectResponse:
    return RedirectResponse(f"/#/login?problem={error.code}", 302)


def _failed(error: Exception | None) -> SingleSignOnError:
    # Neither codes nor tokens: only what kind of fault it was.
    _log.warning("single sign-on failed: %s", type(error).__name__)
    message = "统一身份认证未成功，请重试 (single sign-on failed: try again)"
    return SingleSignOnError(message)


def _cipher(master_key: bytes) -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(derived_key(master_key, "single sign-on flow"))
    )
