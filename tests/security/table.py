"""The table of who may what, read from ``expected.toml``: the other side of every test.

Nothing here asks the code under test what it would answer.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

TABLE = tomllib.loads(
    Path(__file__).with_name("expected.toml").read_text(encoding="utf-8")
)
ROLES: dict[str, list[str]] = TABLE["roles"]
MAPS: dict[str, list[str]] = TABLE["maps"]
LAYERS: dict[str, list[str]] = TABLE["layers"]
ALL_MAPS = sorted({name for names in MAPS.values() for name in names})
ABOUT_PLACES = (
    *("cell", "code", "surname", "resident", "household", "item"),
    *("bbox", "tile", "lon", "lat", "polygon"),
)
_BLANK = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Asker:
    """Somebody who asks, and what is shown for it."""

    name: str
    role: str
    by: str
    branches: list[str] = field(default_factory=list)
    department: str | None = None
    state: str = "good"
    scopes: list[str] = field(default_factory=lambda: ["read:layers"])

    @property
    def is_refused(self) -> bool:
        """Tell whether what is shown is a token that counts no more."""
        return self.by == "token" and self.state != "good"

    @property
    def known_as(self) -> str:
        """Return the role that counts: a session that ended makes a visitor.

        So does a token that was not made for the layers of its account.
        """
        is_whole = self.by != "token" or "read:layers" in self.scopes
        return self.role if self.state == "good" and is_whole else "visitor"

    @property
    def is_nobody(self) -> bool:
        """Tell whether no account is behind what is shown."""
        return self.role == "visitor" or self.state != "good"

    @property
    def sees(self) -> list[str]:
        """Return the kinds of things the role may see."""
        return ROLES[self.known_as]

    def covers(self, cell: str) -> bool:
        """Tell whether a cell lies in the branches."""
        is_known = self.known_as != "visitor"
        return is_known and any(cell.startswith(each) for each in self.branches)

    def may_see(self, kind: str, cell: str, department: str | None) -> bool:
        """Tell whether a thing of a kind in a cell may be shown."""
        if kind not in self.sees or not self.covers(cell):
            return False
        is_of_others = self.role == "handler" and department != self.department
        return not (kind == "matters" and is_of_others)


@dataclass(frozen=True)
class Place:
    """Somewhere asked about: a cell, and what fills the blanks of addresses there."""

    name: str
    cell: str
    department: str | None
    blanks: dict[str, str]


@dataclass(frozen=True)
class Route:
    """What is expected of one route."""

    route: str
    who: str | list[str]
    asks: list[str]
    body: str | None = None
    status: int = 200
    is_closed_outside: bool = False
    asks_nobody: bool = False
    on_the_page_only: bool = False
    token_scope: str | None = None
    reveals: bool = False
    is_last: bool = False

    @property
    def method(self) -> str:
        """Return the method of the route."""
        return self.route.split()[0]

    def is_beyond(self, asker: Asker) -> bool:
        """Tell whether a token was not made for this."""
        if asker.by != "token" or self.who == "everybody":
            return False
        wanted = self.token_scope or "read:layers"
        return self.on_the_page_only or wanted not in asker.scopes

    def is_for(self, role: str) -> bool:
        """Tell whether a role may use it at all."""
        if self.who == "everybody":
            return True
        return role != "visitor" if self.who == "signed in" else role in self.who


@dataclass(frozen=True)
class Request:
    """One request and the status it must have."""

    route: Route
    address: str
    body: str | None
    place: Place | None
    layer: str | None
    map_id: str | None

    def status(self, asker: Asker) -> int:
        """Return the status the table demands."""
        route = self.route
        if route.asks_nobody:
            return route.status
        if asker.is_refused:
            return 401
        if not route.is_for(asker.known_as):
            return 401 if asker.is_nobody else 403
        if route.is_beyond(asker):
            return 403
        if self.layer and LAYERS[self.layer][0] not in asker.sees:
            return self._hidden(asker)
        return route.status if self._is_open(asker) else 404

    def _hidden(self, asker: Asker) -> int:
        if asker.is_nobody:
            return 401
        # Whoever holds the token is told that it lacks a scope.
        return 403 if asker.known_as == "visitor" else 404

    def _is_open(self, asker: Asker) -> bool:
        place = self.place
        if self.map_id is not None:
            return self.map_id in MAPS[asker.known_as]
        if place is None or not self.route.is_closed_outside:
            return True
        if place.name == "nothing":
            return False
        if self.layer is None:
            return asker.covers(place.cell)
        kind, extent = LAYERS[self.layer]
        # A public layer is the same for all who are not of the staff.
        if extent == "county" or (kind == "public" and "staff" not in asker.sees):
            return True
        return asker.may_see(kind, place.cell, place.department)


ASKERS = [Asker(**each) for each in TABLE["readers"]]
ROUTES = [Route(**each) for each in TABLE["routes"]]


def requests(
    places: list[Place], tokens: dict[str, str], routes: list[Route] | None = None
) -> Iterator[Request]:
    """Go through all requests: the blanks of every address filled in every way.

    Parameters
    ----------
    places
        Where things were planted, and somewhere nothing is.
    tokens
        Blanks that are the same everywhere.
    routes
        The routes to ask; all of them when left out.
    """
    for route in sorted(routes or ROUTES, key=lambda each: each.is_last):
        for address in route.asks:
            yield from _filled(route, address, places, tokens)


def _filled(
    route: Route, address: str, places: list[Place], fixed: dict[str, str]
) -> Iterator[Request]:
    blanks = set(_BLANK.findall(address + (route.body or "")))
    layers = list(LAYERS) if "layer" in blanks else [None]
    maps = ALL_MAPS if "map" in blanks else [None]
    about = places if blanks & {*ABOUT_PLACES} else [None]
    for layer, map_id, place in product(layers, maps, about):
        values = fixed | {"layer": layer or "", "map": map_id or ""}
        if place is not None:
            values |= place.blanks | _of_layer(place, layer)
        if "item" in blanks and not values["item"]:
            continue
        body = route.body and _fill(route.body, values)
        yield Request(route, _fill(address, values), body, place, layer, map_id)


def _of_layer(place: Place, layer: str | None) -> dict[str, str]:
    # Where a layer has nothing there is nothing to ask by its number.
    otherwise = NOWHERE if place.name == "nothing" else ""
    return {
        "item": place.blanks.get(f"item {layer}", otherwise),
        "tile": place.blanks.get(f"tile {layer}", ""),
    }


NOWHERE = "4000000000000000000"
"""A number that nothing has."""


def _fill(text: str, values: dict[str, str]) -> str:
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)
