"""What the page is told about whoever is signed in, and the ways to sign in."""

from typing import Literal, Protocol

from pydantic import BaseModel
from starlette.datastructures import State

from gis_service.access.reader import Holder
from gis_service.access.roles import MAPS
from gis_service.settings import Settings

OIDC_START = "/api/oidc/start"


class MapLink(BaseModel):
    """A map the account may open."""

    id: str
    title: str
    title_en: str | None


class AccountAnswer(BaseModel):
    """Who is signed in; a visitor has no login.

    ``second_factor`` is ``enrol`` for an account that must enrol one before it sees
    more than a visitor.
    """

    login: str | None
    name: str
    role: str
    branches: list[str]
    maps: list[MapLink]
    home_map: str
    second_factor: Literal["off", "on", "enrol"]


class OidcWay(BaseModel):
    """The single sign-on: what to call it, where it starts."""

    title: str
    url: str


class Ways(BaseModel):
    """Ways to sign in beside login and password."""

    oidc: OidcWay | None


class SessionAnswer(BaseModel):
    """The session of the browser."""

    account: AccountAnswer
    ways: Ways


class _Titled(Protocol):
    @property
    def title(self) -> str: ...

    @property
    def title_en(self) -> str | None: ...


def session_answer(holder: Holder, state: State) -> SessionAnswer:
    """Return what the page is told; ``state`` is the application's."""
    account = holder.account
    # The maps are those that open now: a visitor's, before the account has enrolled.
    role = holder.reader.role
    maps = {map_id: state.maps.get(map_id) for map_id in MAPS[role]}
    own = [_link(map_id, found) for map_id, found in maps.items() if found]
    return SessionAnswer(
        account=AccountAnswer(
            login=account.login,
            name=account.name,
            role=account.role,
            branches=list(account.scope.branches),
            maps=own,
            home_map=MAPS[role][0],
            second_factor=holder.second_factor,
        ),
        ways=Ways(oidc=_oidc(state.settings)),
    )


def _link(map_id: str, found: _Titled) -> MapLink:
    return MapLink(id=map_id, title=found.title, title_en=found.title_en)


def _oidc(settings: Settings) -> OidcWay | None:
    if settings.oidc_issuer is None:
        return None
    return OidcWay(title=settings.oidc_title, url=OIDC_START)
