"""Routes of access: the session; one's account, tokens and second factor beside it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from gis_service.access import (
    account_api,
    cookie,
    oidc_api,
    password_sign_in,
    recent,
    second_factor_api,
    sessions,
    token_api,
    trail,
)
from gis_service.access.attempts import attempt_of
from gis_service.access.password_sign_in import Door, Shown
from gis_service.access.place import place_of
from gis_service.access.reader import Holder, Reader
from gis_service.access.rules import open_to_all
from gis_service.access.session_answer import SessionAnswer, session_answer
from gis_service.access.signing_in import current_holder, holder_of

router = APIRouter(tags=["access"])

AT_ONCE = 3
"""Passwords checked at a time; each takes 19 MiB and a core for a while."""

_door = ThreadPoolExecutor(AT_ONCE, "sign-in")

Words = StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=200)


class SignIn(BaseModel):
    """Login and password as typed, and the code of the second factor."""

    login: Annotated[str, Words]
    password: Annotated[str, Words]
    code: Annotated[str, StringConstraints(max_length=40)] | None = None


@router.post("/api/session", dependencies=[Depends(open_to_all)])
async def open_session(
    wanted: SignIn, request: Request, response: Response
) -> SessionAnswer:
    """Sign in: the answer sets the session's cookie."""
    state = request.app.state
    door = Door(state.engine, state.settings, state.master_key)
    attempt = attempt_of(wanted.login, place_of(request), state.master_key)
    shown = Shown(wanted.password, wanted.code)
    # With the context of the request, whose number and address go on the trail.
    inside = copy_context().run
    secret = await asyncio.get_running_loop().run_in_executor(
        _door, inside, password_sign_in.sign_in, door, attempt, shown
    )
    await _end_former(request)
    cookie.give(response, secret, state.settings)
    own = {cookie.cookie_name(state.settings): secret}
    return session_answer(await holder_of(state, {}, own), state)


@router.get("/api/session", dependencies=[Depends(open_to_all)])
async def show_session(
    request: Request, holder: Annotated[Holder, Depends(current_holder)]
) -> SessionAnswer:
    """Say who is signed in, or that it is a visitor."""
    return session_answer(holder, request.app.state)


@router.delete(
    "/api/session",
    status_code=204,
    dependencies=[Depends(open_to_all), Depends(current_holder)],
)
async def close_session(
    request: Request, response: Response, *, everywhere: bool = False
) -> None:
    """Sign out here, or on every device."""
    # Whoever the cookie is of, also when a token came along.
    holder = await holder_of(request.app.state, {}, request.cookies)
    leaving = holder.account if holder.session_id is not None else None
    if everywhere and leaving is not None:
        await asyncio.to_thread(_close_all, request, leaving)
    await _end_former(request, leaving)
    recent.of(request.app.state.pool).forget()
    cookie.take_back(response, request.app.state.settings)


async def _end_former(request: Request, leaving: Reader | None = None) -> None:
    """End the session whose cookie came along: an id is never used twice."""
    former = request.cookies.get(cookie.cookie_name(request.app.state.settings))
    if former:
        await asyncio.to_thread(_close, request, former, leaving)


def _close(request: Request, secret: str, leaving: Reader | None) -> None:
    with request.app.state.engine.begin() as connection:
        if sessions.close(connection, secret) and leaving is not None:
            trail.record(connection, leaving, "signed_out")


def _close_all(request: Request, reader: Reader) -> None:
    with request.app.state.engine.begin() as connection:
        sessions.close_all(connection, reader)


for part in (account_api, second_factor_api, token_api, oidc_api):
    router.include_router(part.router)
