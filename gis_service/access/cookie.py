"""The session's cookie: out of reach of scripts, other sites and other hosts."""

from starlette.datastructures import State
from starlette.responses import Response

from gis_service.access import recent
from gis_service.settings import Settings

COOKIE = "gis_session"
SECURE_PREFIX = "__Host-"
"""Browsers take such a cookie over https only, from this very host, for all of it."""


def cookie_name(settings: Settings, name: str = COOKIE) -> str:
    """Return what a cookie is called here; the other name does not count."""
    return f"{SECURE_PREFIX}{name}" if settings.cookie_secure else name


def give(response: Response, secret: str, settings: Settings) -> None:
    """Let the browser keep the secret of a session."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=settings.session_absolute_hours * 3600,
        secure=settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )


def exchange(response: Response, secret: str, state: State) -> None:
    """Let the browser keep another secret; what is remembered of former ones goes."""
    # Other workers hear of it from the database, this one must not wait for that.
    recent.of(state.pool).forget()
    give(response, secret, state.settings)


def take_back(response: Response, settings: Settings, name: str = COOKIE) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(
        cookie_name(settings, name),
        secure=settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )
