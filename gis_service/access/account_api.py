"""Routes of one's own account: the password, and where one is signed in."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, StringConstraints

from gis_service.access import (
    accounts,
    cookie,
    password_sign_in,
    passwords,
    recent,
    sessions,
)
from gis_service.access.attempts import attempt_of
from gis_service.access.password_sign_in import Door, Shown
from gis_service.access.place import place_of
from gis_service.access.reader import Holder, Reader
from gis_service.access.rules import need, signing_in_holder

router = APIRouter()

Typed = StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=200)
Signed = Annotated[Holder, Depends(signing_in_holder)]


class PasswordChange(BaseModel):
    """The password of now, and the one to come."""

    current: Annotated[str, Typed]
    fresh: Annotated[str, Typed]


class SessionListed(BaseModel):
    """A browser one is signed in with."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str | None
    agent: str | None
    is_this: bool


@router.put(
    "/api/account/password",
    status_code=204,
    dependencies=[Depends(need(reads=None))],
)
async def change_password(
    wanted: PasswordChange, request: Request, response: Response, holder: Signed
) -> None:
    """Change one's own password: all other sessions end."""
    secret = await asyncio.to_thread(_change_password, wanted, request, holder)
    cookie.exchange(response, secret, request.app.state)


@router.get("/api/account/sessions", dependencies=[Depends(need(reads=None))])
def list_sessions(request: Request, holder: Signed) -> list[SessionListed]:
    """List the browsers one is signed in with."""
    with request.app.state.engine.begin() as connection:
        rows = sessions.listed(connection, own_id(holder.account))
    return [
        SessionListed(**row._mapping, is_this=row.id == holder.session_id)  # noqa: SLF001 - SQLAlchemy's public name
        for row in rows
    ]


@router.delete("/api/account/sessions/{session_id}", status_code=204)
def end_session(
    session_id: Annotated[int, Path(ge=1, lt=2**63)],
    request: Request,
    reader: Annotated[Reader, Depends(need(reads=None))],
) -> None:
    """Sign out in another browser."""
    with request.app.state.engine.begin() as connection:
        sessions.close_own(connection, reader, session_id)
    recent.of(request.app.state.pool).forget()


def own_id(reader: Reader) -> int:
    """Return the account of a reader whom the route's rule has let in."""
    assert reader.account_id is not None  # noqa: S101 - narrows for mypy
    return reader.account_id


def check_password(request: Request, holder: Holder, password: str) -> None:
    """Let the holder of a session show the password again."""
    state = request.app.state
    door = Door(state.engine, state.settings, state.master_key)
    login = holder.account.login or ""
    attempt = attempt_of(login, place_of(request), state.master_key)
    password_sign_in.check_own(door, attempt, Shown(password))


def _change_password(wanted: PasswordChange, request: Request, holder: Holder) -> str:
    account, session_id = holder.account, holder.session_id
    assert account.login is not None  # noqa: S101 - narrows for mypy
    assert session_id is not None  # noqa: S101 - narrows for mypy
    check_password(request, holder, wanted.current)
    passwords.check(wanted.fresh, account.login)
    if wanted.fresh == wanted.current:
        message = "新口令与现在的相同 (the new password is the one of now)"
        raise passwords.WeakPasswordError(message)
    with request.app.state.engine.begin() as connection:
        accounts.change_password(
            connection, account.login, wanted.fresh, account, but_session=session_id
        )
        return sessions.renew(connection, session_id)
