"""Errors the service answers with, each carrying its HTTP status and stable code."""

from typing import Any, ClassVar

from gis_service import occasion


class GridError(Exception):
    """Something the caller can understand and mend.

    Parameters
    ----------
    detail
        One sentence, Chinese first, that says what is wrong and what to do.
    parameters
        Values a client may want to show or act on; they go into the answer as
        members of the RFC 9457 problem beside ``detail``.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "请求有误 (bad request)"

    def __init__(self, detail: str, **parameters: Any) -> None:  # noqa: ANN401 - JSON
        super().__init__(detail)
        self.detail = detail
        self.parameters = parameters

    def problem(self) -> dict[str, Any]:
        """Return the body of an RFC 9457 ``application/problem+json`` answer."""
        number = occasion.current().request_id
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **({"request_id": number} if number else {}),
            **self.parameters,
        }


class MalformedRequestError(GridError):
    """A parameter cannot be read at all: a box of three numbers, a broken filter."""

    code = "malformed_request"
    title = "参数格式错误 (malformed parameter)"


class NotSignedInError(GridError):
    """The resource asks for a signed-in reader."""

    status = 401
    code = "not_signed_in"
    title = "请先登录 (sign in first)"


class ForbiddenError(GridError):
    """The reader is known but the role does not allow the act."""

    status = 403
    code = "forbidden"
    title = "没有权限 (not allowed)"


class NotFoundError(GridError):
    """There is no such thing, or the reader may not know of it: both answer alike."""

    status = 404
    code = "not_found"
    title = "没有找到 (not found)"


class ConflictError(GridError):
    """The stored state does not allow the act."""

    status = 409
    code = "conflict"
    title = "状态冲突 (conflict)"


class TooLargeError(GridError):
    """What was sent passes a limit."""

    status = 413
    code = "too_large"
    title = "超出大小限制 (too large)"


class UnprocessableError(GridError):
    """The request can be read, but its content is not acceptable."""

    status = 422
    code = "unprocessable"
    title = "内容无法接受 (unprocessable)"


class ReasonWantedError(UnprocessableError):
    """A reveal or an export of rows about people needs a reason in words."""

    code = "reason_wanted"
    title = "请填写事由 (give a reason)"


class TooManyRequestsError(GridError):
    """Too many tries; the parameter ``retry_after_s`` says when to come back."""

    status = 429
    code = "too_many_requests"
    title = "请求过于频繁 (too many requests)"


class DatabaseUnavailableError(GridError):
    """The database does not answer now."""

    status = 503
    code = "database_unavailable"
    title = "数据库暂不可用 (database unavailable)"


class QueryTooSlowError(GridError):
    """The database was stopped in the midst of a query that took too long."""

    status = 422
    code = "too_slow"
    title = "查询超过时限 (the query took too long)"


class BusyError(GridError):
    """So many others wait for the same that one more would only wait in vain."""

    status = 503
    code = "busy"
    title = "服务繁忙 (busy)"


class InternalError(GridError):
    """A fault of the service itself; what it was stands in its log alone."""

    status = 500
    code = "internal_error"
    title = "服务内部错误 (internal error)"


class DefinitionError(GridError):
    """A layer or map definition is wrong; it stops the start of the service."""

    status = 500
    code = "definition_error"
    title = "图层或地图定义有误 (bad definition)"
