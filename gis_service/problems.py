"""Every error as an RFC 9457 problem, whoever raised it."""

import logging
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from gis_service import occasion
from gis_service.errors import (
    DatabaseUnavailableError,
    GridError,
    InternalError,
    MalformedRequestError,
    NotFoundError,
    QueryTooSlowError,
    TooLargeError,
    UnprocessableError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPE = "application/problem+json"

_LOST = (
    OSError,
    PoolTimeoutError,
    OperationalError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that ended under it.
    asyncpg.InternalClientError,
)

FROM_DATABASE = (asyncpg.PostgresError, DBAPIError, *_LOST)
"""Kinds of errors that ``from_database`` knows to tell apart."""

_CANCELLED = "57014"
_INTERNAL = "XX000"
_AWAY = frozenset({"08", "28", "3D", "40", "53", "57"})
"""Classes of SQLSTATE: no connection, no entry, no such database, a deadlock, no
room, shut down. All may be over when the same is asked again."""

_NO_JSON = "请求内容不是有效的 JSON (the body is no valid JSON)"

_SENTENCES: dict[int, tuple[type[GridError], str | None]] = {
    # FastAPI says 400 of a body it cannot read at all: no UTF-8, nested too deep.
    400: (MalformedRequestError, _NO_JSON),
    404: (NotFoundError, "没有这个地址 (there is nothing at this address)"),
    405: (MalformedRequestError, "这个地址不接受此方法 (method not allowed here)"),
    413: (TooLargeError, None),
}
"""What is said for the framework's own refusals; None says what the refusal says."""

_log = logging.getLogger(__name__)


def headers_of(error: GridError) -> dict[str, str]:
    """Return the headers an error's answer carries beside its body."""
    headers = {}
    if error.status == 401:  # noqa: PLR2004 - the status is the plainest name
        # QGIS and GDAL send their credentials only when asked by this header.
        headers["WWW-Authenticate"] = 'Basic realm="gis-grid", charset="UTF-8"'
    if "retry_after_s" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after_s"])
    return headers


def install(app: FastAPI) -> None:
    """Let ``app`` answer every error it can meet as a problem."""
    app.add_exception_handler(GridError, _answer_grid_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    for kind in FROM_DATABASE:
        app.add_exception_handler(kind, _answer_database)
    # Around everything, tiles and items too; the server logs what it was.
    app.add_exception_handler(Exception, _answer_fault)


def from_database(error: Exception) -> GridError:
    """Return what an error of the database or its drivers means to who asked.

    Raises
    ------
    Exception
        The error itself when it is a fault of the service: a wrong statement.
    """
    cause = getattr(error, "orig", None) or error
    state: str = getattr(cause, "sqlstate", None) or ""
    if state == _CANCELLED:
        message = "查询超过时限，请缩小范围 (the query took too long: ask for less)"
        return QueryTooSlowError(message)
    if state.startswith("22") or state == _INTERNAL or _is_unfit_value(cause):
        # GEOS refuses some pairs of geometries that are each valid on their own, and
        # PROJ places beyond the ground of a projection.
        _log.warning("a question cannot be computed: %s", type(cause).__name__)
        message = "这样的条件无法计算 (this condition cannot be computed)"
        return MalformedRequestError(message)
    if state[:2] in _AWAY or (not state and isinstance(error, _LOST)):
        _log.warning("the database does not answer: %s", type(cause).__name__)
        message = "数据库暂时连接不上，请稍后再试 (the database does not answer)"
        return DatabaseUnavailableError(message, retry_after_s=5)
    raise error


def _is_unfit_value(cause: BaseException) -> bool:
    """Tell whether a driver refused a value before the database saw it."""
    is_asyncpg = isinstance(cause, asyncpg.InterfaceError | psycopg.DataError)
    return is_asyncpg and isinstance(cause, ValueError | psycopg.DataError)


def answer(error: GridError) -> JSONResponse:
    """Return the response for an error."""
    return JSONResponse(
        error.problem(),
        error.status,
        headers_of(error),
        media_type=MEDIA_TYPE,
    )


async def _answer_grid_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GridError)  # noqa: S101 - narrows for mypy
    return answer(error)


async def _answer_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows for mypy
    found = error.errors()
    if any(finding["type"] == "json_invalid" for finding in found):
        return answer(MalformedRequestError(_NO_JSON))
    findings = [_finding(finding) for finding in found]
    names = "、".join(finding["field"] for finding in findings)
    message = f"参数不正确：{names} (invalid parameters, see errors)"
    return answer(UnprocessableError(message, errors=findings))


def _finding(finding: dict[str, Any]) -> dict[str, str]:
    place: Sequence[object] = finding["loc"]
    return {"field": ".".join(map(str, place[1:])), "message": str(finding["msg"])}


async def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows for mypy
    kind, sentence = _SENTENCES.get(
        error.status_code, (MalformedRequestError, str(error.detail))
    )
    problem = kind(sentence or str(error.detail)).problem()
    problem["status"] = error.status_code
    headers = dict(error.headers or {})
    if "GET" in (allowed := headers.get("Allow", "")):
        headers["Allow"] = f"{allowed}, HEAD"
    return JSONResponse(problem, error.status_code, headers, media_type=MEDIA_TYPE)


async def _answer_database(_: Request, error: Exception) -> JSONResponse:
    return answer(from_database(error))


async def _answer_fault(_: Request, error: Exception) -> JSONResponse:
    _log.error("a fault of the service: %s", type(error).__name__)
    message = "服务内部出错，已记入日志 (a fault of the service: its log has it)"
    fault = answer(InternalError(message))
    # Nothing else is passed on the way out of a fault.
    fault.headers["X-Content-Type-Options"] = "nosniff"
    fault.headers["X-Request-ID"] = str(occasion.current().request_id)
    fault.headers["Cache-Control"] = "no-store"
    return fault
