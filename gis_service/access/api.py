"""Routes of access: sign in and out, and the reader's own tokens."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from gis_service.access import recent, sessions, tokens
from gis_service.access.attempts import attempt_of
from gis_service.access.reader import VISITOR, Reader
from gis_service.access.roles import MAPS
from gis_service.access.rules import need, open_to_all
from gis_service.access.signing_in import COOKIE, current_reader
from gis_service.errors import ForbiddenError

router = APIRouter(tags=["access"])

AT_ONCE = 3
"""Passwords checked at a time; each takes 19 MiB and a core for a while."""

_door = ThreadPoolExecutor(AT_ONCE, "sign-in")

Words = StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=200)


class SignIn(BaseModel):
    """Login and password, as typed."""

    login: Annotated[str, Words]
    password: Annotated[str, Words]


class MapLink(BaseModel):
    """A map the account may open."""

    id: str
    title: str
    title_en: str | None


class AccountAnswer(BaseModel):
    """Who is signed in; a visitor has no login."""

    login: str | None
    name: str
    role: str
    branches: list[str]
    maps: list[MapLink]
    home_map: str


class SessionAnswer(BaseModel):
    """The session of the browser."""

    account: AccountAnswer


class NewTokenWanted(BaseModel):
    """What the token is for, and for how many days."""

    name: Annotated[str, Words]
    days: int = Field(90, ge=1, le=tokens.LONGEST_DAYS)


class TokenAnswer(BaseModel):
    """A token of one's own; ``token`` is shown once, when it is made."""

    id: int
    name: str
    created_at: datetime | None = None
    expires_at: datetime
    token: str | None = None


class _Titled(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def title_en(self) -> str | None: ...


@router.post("/api/session", dependencies=[Depends(open_to_all)])
async def open_session(
    wanted: SignIn, request: Request, response: Response
) -> SessionAnswer:
    """Sign in: the answer sets the session's cookie."""
    state = request.app.state
    address = request.client.host if request.client else ""
    attempt = attempt_of(wanted.login, address, state.master_key)
    # With the context of the request, whose number and address go on the trail.
    inside = copy_context().run
    opened = await asyncio.get_running_loop().run_in_executor(
        _door,
        inside,
        sessions.sign_in,
        state.engine,
        attempt,
        wanted.password,
        state.settings,
    )
    await _end_former(request)
    response.set_cookie(
        COOKIE,
        opened.secret,
        max_age=state.settings.session_absolute_hours * 3600,
        secure=state.settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )
    return _answer(opened.reader, state.maps)


@router.get("/api/session", dependencies=[Depends(open_to_all)])
async def show_session(
    request: Request, reader: Annotated[Reader, Depends(current_reader)]
) -> SessionAnswer:
    """Say who is signed in, or that it is a visitor."""
    return _answer(reader, request.app.state.maps)


@router.delete("/api/session", status_code=204, dependencies=[Depends(open_to_all)])
async def close_session(
    request: Request,
    response: Response,
    reader: Annotated[Reader, Depends(current_reader)],
    *,
    everywhere: bool = False,
) -> None:
    """Sign out here, or on every device."""
    if everywhere and reader.is_signed_in:
        await asyncio.to_thread(_close_all, request, reader)
    await _end_former(request)
    recent.of(request.app.state.pool).forget()
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


@router.get("/api/tokens")
def list_tokens(
    request: Request, reader: Annotated[Reader, Depends(need())]
) -> list[TokenAnswer]:
    """List one's own tokens, without their secrets."""
    with request.app.state.engine.begin() as connection:
        rows = tokens.listed(connection, _account_id(reader))
    return [TokenAnswer(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


@router.post("/api/tokens", status_code=201)
def make_token(
    wanted: NewTokenWanted,
    request: Request,
    reader: Annotated[Reader, Depends(need())],
) -> TokenAnswer:
    """Make a token; its secret is in this answer and nowhere else."""
    if "authorization" in request.headers:
        # A token that leaked must not be able to make others that outlive it.
        message = "请在网页登录后新建令牌 (sign in on the page to make a token)"
        raise ForbiddenError(message)
    account_id = _account_id(reader)
    with request.app.state.engine.begin() as connection:
        made = tokens.add(connection, account_id, wanted.name, wanted.days, reader)
    return TokenAnswer(
        id=made.id, name=wanted.name, expires_at=made.expires_at, token=made.secret
    )


@router.delete("/api/tokens/{token_id}", status_code=204)
def remove_token(
    token_id: Annotated[int, Path(ge=1, lt=2**63)],
    request: Request,
    reader: Annotated[Reader, Depends(need())],
) -> None:
    """Make one's own token worthless."""
    with request.app.state.engine.begin() as connection:
        tokens.remove(connection, reader, token_id)


async def _end_former(request: Request) -> None:
    """End the session whose cookie came along: an id is never used twice."""
    former = request.cookies.get(COOKIE)
    if former:
        await asyncio.to_thread(_close, request, former)


def _close(request: Request, secret: str) -> None:
    with request.app.state.engine.begin() as connection:
        sessions.close(connection, secret)


def _close_all(request: Request, reader: Reader) -> None:
    with request.app.state.engine.begin() as connection:
        sessions.close_all(connection, reader)


def _account_id(reader: Reader) -> int:
    if reader.account_id is None:  # refused by the route's rule already
        raise ForbiddenError(VISITOR.name)
    return reader.account_id


def _answer(reader: Reader, maps: Mapping[str, _Titled]) -> SessionAnswer:
    own = [name for name in MAPS[reader.role] if name in maps]
    return SessionAnswer(
        account=AccountAnswer(
            login=reader.login,
            name=reader.name,
            role=reader.role,
            branches=list(reader.scope.branches),
            maps=[
                MapLink(id=name, title=maps[name].title, title_en=maps[name].title_en)
                for name in own
            ],
            home_map=MAPS[reader.role][0],
        )
    )
