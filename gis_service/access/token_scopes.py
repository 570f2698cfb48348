"""What a personal access token is for; it never opens more than its account."""

from collections.abc import Iterable

from gis_service.access.reader import Reader
from gis_service.errors import ForbiddenError, UnprocessableError

READ_PUBLIC = "read:public"
READ_LAYERS = "read:layers"
WRITE_MATTERS = "write:matters"

TITLES: dict[str, str] = {
    READ_PUBLIC: "读取公开图层 (read what a visitor sees)",
    READ_LAYERS: "读取本账号的图层 (read what the account sees)",
    WRITE_MATTERS: "上报和办理事件 (report and work on matters)",
}


class TokenScopeError(ForbiddenError):
    """The token was made for less; ``missing`` is the scope it would need."""

    code = "token_scope"
    title = "令牌的用途范围不够 (token scope missing)"


class NoScopeError(UnprocessableError):
    """A token is to be made for nothing, or for something there is not."""

    code = "scope_wrong"
    title = "令牌的用途范围有误 (wrong token scopes)"


def completed(wanted: Iterable[str]) -> list[str]:
    """Return the scopes of a token to make; who writes matters must read them.

    Raises
    ------
    NoScopeError
        When there is none, or one that is not known.
    """
    scopes = set(wanted)
    if not scopes or not scopes <= TITLES.keys():
        message = f"用途范围可选 (choose from): {' '.join(TITLES)}"
        raise NoScopeError(message)
    if WRITE_MATTERS in scopes:
        scopes.add(READ_LAYERS)
    return [scope for scope in TITLES if scope in scopes]


def require(reader: Reader, scope: str | None) -> None:
    """Refuse a reader whose token was not made for an act.

    Parameters
    ----------
    reader
        Who asks; a session may do all its account may.
    scope
        What the act needs; None for acts no token may do, such as making tokens.

    Raises
    ------
    TokenScopeError
        With the missing scope.
    """
    if reader.token_scopes is None:
        return
    if scope is None:
        message = "令牌不能做这件事，请在网页登录 (no token may: sign in on the page)"
        raise TokenScopeError(message, missing=None)
    if scope not in reader.token_scopes:
        message = f"令牌缺少用途范围 {scope} (the token lacks this scope)"
        raise TokenScopeError(message, missing=scope)


def narrowed(reader: Reader) -> Reader:
    """Return the reader a token makes of its account: perhaps as a visitor sees."""
    if reader.token_scopes is None or READ_LAYERS in reader.token_scopes:
        return reader
    return reader.as_visitor()
