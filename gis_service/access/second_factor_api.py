"""Routes of one's own second factor: enrol a telephone, confirm it, remove it."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, StringConstraints

from gis_service.access import (
    cookie,
    lock_outs,
    second_factor,
    sessions,
    throttling,
    trail,
)
from gis_service.access.account_api import Signed, Typed, check_password, own_id
from gis_service.access.attempts import attempt_of
from gis_service.access.password_sign_in import WrongCodeError
from gis_service.access.place import place_of
from gis_service.access.reader import Holder
from gis_service.errors import UnprocessableError
from gis_service.keys import keyring

router = APIRouter()

ADDRESS = "/api/account/second-factor"

Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]


class NotAsTypedError(UnprocessableError):
    """The code is not the one the telephone shows."""

    code = "wrong_code"
    title = "验证码不正确 (wrong code)"


class PasswordWantedError(UnprocessableError):
    """A session alone, which may be stolen, enrols no telephone."""

    code = "password_wanted"
    title = "请输入口令 (password wanted)"


class Beginning(BaseModel):
    """The password; not needed by a session that must enrol before all else."""

    password: Annotated[str, Typed] | None = None


class EnrolmentAnswer(BaseModel):
    """What the telephone reads: an address, letters to type, a picture of both."""

    uri: str
    secret: str
    qr_svg: str


class CodeShown(BaseModel):
    """The code the telephone shows."""

    code: Code


class RecoveryCodes(BaseModel):
    """Codes to write down, each good once; they are shown this once."""

    recovery_codes: list[str]


class Removal(BaseModel):
    """Password and code: a stolen session alone removes nothing."""

    password: Annotated[str, Typed]
    code: Code


@router.post(ADDRESS)
def begin_enrolment(
    request: Request, holder: Signed, wanted: Beginning | None = None
) -> EnrolmentAnswer:
    """Give a secret for the telephone; it is in force after the first right code."""
    account, state = holder.account, request.app.state
    if holder.second_factor != "enrol":
        _check_owner(request, holder, wanted)
    ring = keyring(state.settings)
    with state.engine.begin() as connection:
        made = second_factor.begin(
            connection, own_id(account), account.login or "", ring
        )
        trail.record(connection, account, "began_second_factor")
    return EnrolmentAnswer(uri=made.uri, secret=made.secret, qr_svg=made.qr_svg)


@router.put(ADDRESS)
def confirm_enrolment(
    shown: CodeShown, request: Request, response: Response, holder: Signed
) -> RecoveryCodes:
    """Put the second factor in force by its first code; other sessions end."""
    state = request.app.state
    account, session_id = holder.account, _session_id(holder)
    ring = keyring(state.settings)
    with state.engine.begin() as connection:
        codes = second_factor.confirm(
            connection, own_id(account), shown.code, ring, time.time()
        )
        if codes is None:
            message = "验证码不正确，请核对手机时间后再试 (wrong: check the clock)"
            raise NotAsTypedError(message)
        sessions.close_others(connection, own_id(account), session_id)
        secret = sessions.renew(connection, session_id, has_second_factor=True)
        trail.record(connection, account, "enrolled_second_factor")
    cookie.exchange(response, secret, state)
    return RecoveryCodes(recovery_codes=codes)


@router.delete(ADDRESS, status_code=204)
async def remove_second_factor(
    wanted: Removal, request: Request, response: Response, holder: Signed
) -> None:
    """Remove the second factor, for another telephone; other sessions end."""
    secret = await asyncio.to_thread(_remove, wanted, request, holder)
    cookie.exchange(response, secret, request.app.state)


def _check_owner(request: Request, holder: Holder, shown: Beginning | None) -> None:
    if shown is None or shown.password is None:
        message = "请输入口令后再继续 (enter your password first)"
        raise PasswordWantedError(message)
    check_password(request, holder, shown.password)


def _remove(wanted: Removal, request: Request, holder: Holder) -> str:
    state, account = request.app.state, holder.account
    session_id = _session_id(holder)
    check_password(request, holder, wanted.password)
    attempt = attempt_of(account.login or "", place_of(request), state.master_key)
    ring = keyring(state.settings)
    with state.engine.begin() as connection:
        begun = throttling.begin(connection, attempt)
        verdict = second_factor.judge(
            connection, own_id(account), wanted.code, ring, time.time()
        )
        if verdict != "wrong":
            throttling.withdraw(connection, begun)
            second_factor.remove(connection, own_id(account))
            sessions.close_others(connection, own_id(account), session_id)
            trail.record(connection, account, "removed_second_factor")
            return sessions.renew(connection, session_id, has_second_factor=False)
        facts = {"tries_left": begun.left}
        trail.record(connection, account, "failed_second_factor", facts=facts)
        lock_outs.note(connection, attempt, begun)
    message = f"验证码不正确或已用过，还可试{begun.left}次 (wrong, or used already)"
    raise WrongCodeError(message, tries_left=begun.left)


def _session_id(holder: Holder) -> int:
    assert holder.session_id is not None  # noqa: S101 - narrows for mypy
    return holder.session_id
