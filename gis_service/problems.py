"""Every error as an RFC 9457 problem, whoever raised it."""

import logging
from typing import TYPE_CHECKING, Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from gis_service.errors import (
    DatabaseUnavailableError,
    GridError,
    MalformedRequestError,
    NotFoundError,
    UnprocessableError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPE = "application/problem+json"

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
    for kind in (
        OperationalError,
        OSError,
        asyncpg.PostgresConnectionError,
        # What asyncpg itself says of connections that were killed under it.
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
    ):
        app.add_exception_handler(kind, _answer_no_database)
    app.add_exception_handler(asyncpg.QueryCanceledError, _answer_slow_query)


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
    findings = [_finding(finding) for finding in error.errors()]
    names = "、".join(finding["field"] for finding in findings)
    message = f"参数不正确：{names} (invalid parameters, see errors)"
    return answer(UnprocessableError(message, errors=findings))


def _finding(finding: dict[str, Any]) -> dict[str, str]:
    place: Sequence[object] = finding["loc"]
    return {"field": ".".join(map(str, place[1:])), "message": str(finding["msg"])}


async def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows for mypy
    if error.status_code == 404:  # noqa: PLR2004 - the status is the plainest name
        return answer(NotFoundError("没有这个地址 (there is nothing at this address)"))
    problem = MalformedRequestError(str(error.detail)).problem()
    problem["status"] = error.status_code
    headers = dict(error.headers or {})
    return JSONResponse(problem, error.status_code, headers, media_type=MEDIA_TYPE)


async def _answer_no_database(_: Request, error: Exception) -> JSONResponse:
    _log.warning("the database does not answer: %s", type(error).__name__)
    message = "数据库暂时连接不上，请稍后再试 (the database does not answer)"
    return answer(DatabaseUnavailableError(message, retry_after_s=5))


async def _answer_slow_query(_: Request, __: Exception) -> JSONResponse:
    message = "查询超过时限，请缩小范围 (the query took too long: ask for less)"
    return answer(DatabaseUnavailableError(message, retry_after_s=5))
