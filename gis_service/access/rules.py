"""The rule of every route: open to all, or needing an audience or a role.

A route that declares neither does not start: ``routes_without_rule`` finds it.
"""

from collections.abc import Callable, Coroutine, Iterator
from ipaddress import ip_address
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from gis_service import occasion
from gis_service.access.reader import VISITOR, Holder, Reader
from gis_service.access.roles import AUDIENCES
from gis_service.access.signing_in import current_holder, current_reader
from gis_service.access.token_scopes import READ_LAYERS, require
from gis_service.errors import DefinitionError, ForbiddenError, NotSignedInError

_KNOWN = {*AUDIENCES, *(word for words in AUDIENCES.values() for word in words)}
_RULE = "rule_of_access"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def open_to_all() -> None:
    """Declare that anybody may use a route; it asks nothing, not even who."""


setattr(open_to_all, _RULE, ("everybody",))


def need(
    *names: str, reads: str | None = READ_LAYERS, writes: str | None = None
) -> Callable[..., Coroutine[Any, Any, Reader]]:
    """Return the dependency of a route that only some may use; it gives the reader.

    Parameters
    ----------
    names
        Audiences ("people") or roles ("editor"); one of them is enough. None at
        all means whoever is signed in.
    reads, writes
        Scope a token needs for safe methods and for the others; None: no token may.

    Raises
    ------
    DefinitionError
        When a name is neither an audience nor a role.
    """
    unknown = set(names) - _KNOWN
    if unknown:
        message = f"没有这样的角色或受众 (no such role or audience): {sorted(unknown)}"
        raise DefinitionError(message)

    async def rule(
        request: Request, reader: Annotated[Reader, Depends(current_reader)]
    ) -> Reader:
        require(reader, reads if request.method in SAFE_METHODS else writes)
        if not may_use(reader, names):
            raise _refusal(reader)
        return reader

    setattr(rule, _RULE, names or ("signed in",))
    return rule


async def within_budget(_: Annotated[Reader, Depends(current_reader)]) -> None:
    """Refuse a reader who has read all that a day allows; it is no rule of access."""
    await occasion.check_budget()


def need_outside(*names: str) -> Callable[..., Coroutine[Any, Any, None]]:
    """Return the dependency of a route that this machine's own programs may use.

    Whoever comes from elsewhere, or through a proxy, must be what ``need`` says.
    """
    needed = need(*names)

    async def rule(request: Request) -> None:
        if not _is_from_this_machine(request):
            holder = await current_holder(request)
            await needed(request, await current_reader(request, holder))

    setattr(rule, _RULE, ("this machine", *names))
    return rule


def _is_from_this_machine(request: Request) -> bool:
    # What a proxy hands on comes from its own machine and is not of it.
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for")):
        return False
    try:
        return (
            request.client is not None and ip_address(request.client.host).is_loopback
        )
    except ValueError:
        return False


def may_use(reader: Reader, names: tuple[str, ...]) -> bool:
    """Tell whether a reader meets the names a rule lists."""
    if not names:
        return reader.is_signed_in
    return reader.role in names or not AUDIENCES[reader.role].isdisjoint(names)


def routes_without_rule(app: FastAPI) -> list[str]:
    """Return the routes that say nothing about who may use them.

    The OpenAPI document and mounted static files hold no data and need no rule.
    """
    return [
        f"{path} {name}".strip()
        for path, name, rules in rules_of_routes(app)
        if not rules
    ]


def rules_of_routes(app: FastAPI) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Go through all routes: path, methods, and the names their rules list."""
    own = {
        app.openapi_url,
        app.docs_url,
        app.redoc_url,
        app.swagger_ui_oauth2_redirect_url,
    }
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            methods = " ".join(sorted(route.methods or ()))
            rules = tuple(_rules(context.dependant))
            yield str(context.path), methods, rules
            continue
        is_static = isinstance(route, Mount) and isinstance(route.app, StaticFiles)
        path = str(getattr(route, "path", route))
        if not is_static and path not in own:
            yield path, "", ()


async def signing_in_holder(
    holder: Annotated[Holder, Depends(current_holder)],
) -> Holder:
    """Return whose session it is, also of one that must enrol a second factor yet."""
    require(holder.account, None)
    if holder.session_id is None:
        raise _refusal(VISITOR)
    return holder


setattr(signing_in_holder, _RULE, ("signed in",))


def _rules(dependant: Dependant) -> Iterator[str]:
    yield from getattr(dependant.call, _RULE, ())
    for inner in dependant.dependencies:
        yield from _rules(inner)


def _refusal(reader: Reader) -> NotSignedInError | ForbiddenError:
    if not reader.is_signed_in:
        return NotSignedInError("请先登录再使用 (sign in first)")
    return ForbiddenError("您的角色不能使用此功能 (your role may not use this)")
