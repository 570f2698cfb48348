"""Townships and villages of the demo county, before their edges are bent."""

from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from gis_service.demo import county, names, outline, partition
from gis_service.demo.county import TownshipFacts
from gis_service.demo.streams import Numbers, Streams
from gis_service.demo.terrain import Terrain

TOWNSHIP_POINTS = 5_000
POINTS_PER_VILLAGE = 60
FIRST_VILLAGE, FIRST_COMMUNITY = 200, 1
FLOOD_M = 250.0

CENTER_KIND = {"街道": "111", "镇": "121", "乡": "210", "林场": "210"}
EDGE_KIND = {"街道": "112", "镇": "122", "乡": "210", "林场": "210"}


@dataclass(frozen=True, slots=True)
class Township:
    """A township: its facts, its straight ground and the place of its seat."""

    facts: TownshipFacts
    straight: Polygon
    seat: Numbers


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community; ``weight`` is its share of the township's people."""

    code: str
    name: str
    kind: str
    urban_rural: str
    township: str
    straight: Polygon
    weight: float


def townships(terrain: Terrain, streams: Streams) -> list[Township]:
    """Cut the county into its townships, each as large as its villages need."""
    ground = outline.straight_outline()
    places = partition.points_inside(ground, TOWNSHIP_POINTS, streams.of("townships"))
    facts = county.TOWNSHIPS
    sites = np.array([(one.east_km, one.north_km) for one in facts]) * 1000
    shares = np.array([one.villages * one.roominess for one in facts])
    sites, weights = partition.balanced(
        places, np.ones(len(places)), sites + terrain.seat, shares, rounds=80
    )
    shapes = partition.parts(ground, sites, weights)
    return [
        Township(one, shape, _seat(one, shape, terrain, streams))
        for one, shape in zip(facts, shapes, strict=True)
    ]


def _seat(
    facts: TownshipFacts, shape: Polygon, terrain: Terrain, streams: Streams
) -> Numbers:
    """Put the seat on low ground near the middle; the county's own at the seat."""
    places = partition.points_inside(shape, 200, streams.of("seats", facts.code))
    middle = np.array(shape.centroid.coords[0])
    far = np.hypot(*(places - middle).T) / shape.area**0.5
    if facts.kind == "街道":
        far = np.hypot(*(places - terrain.seat).T) / 2000
    cost = terrain.heights(places) / 300 + 3 * far
    cost += 5 * (terrain.river_m(places) < FLOOD_M)
    return np.asarray(places[cost.argmin()])


def villages(township: Township, terrain: Terrain, streams: Streams) -> list[Village]:
    """Cut a township into villages, small and many where it is low and near."""
    facts = township.facts
    rng = streams.of("villages", facts.code)
    places = partition.points_inside(
        township.straight, POINTS_PER_VILLAGE * facts.villages, rng
    )
    masses = density(places, terrain.heights(places), township)
    picked = rng.choice(
        len(places), facts.villages, replace=False, p=masses / masses.sum()
    )
    sites = partition.spread(places, masses, places[picked], rounds=4)
    # West to east, north to south, as codes are given out (GB/T 30428.1).
    sites = sites[np.lexsort((sites[:, 0], -np.round(sites[:, 1] / 3000)))]
    shapes = partition.parts(township.straight, sites, np.zeros(len(sites)))
    label = partition.nearest(places, sites, np.zeros(len(sites)))
    mass = np.bincount(label, masses, len(sites)) / masses.mean() / POINTS_PER_VILLAGE
    weights = (0.35 + mass) * np.exp(0.3 * rng.standard_normal(len(sites)))
    return _named(township, sites, list(zip(shapes, weights, strict=True)), streams)


def density(places: Numbers, heights: Numbers, township: Township) -> Numbers:
    """Return how densely people live: in valleys, and about the seat."""
    seat_m = np.hypot(*(places - township.seat).T)
    town = 7.0 if township.facts.kind == "街道" else 2.5
    low = np.exp(-(heights - 180) / 330)
    return np.asarray((0.06 + low) * (1 + town * np.exp(-((seat_m / 1300) ** 2))))


def _named(
    township: Township,
    sites: Numbers,
    grounds: list[tuple[Polygon, float]],
    streams: Streams,
) -> list[Village]:
    facts = township.facts
    nearness = np.argsort(np.hypot(*(sites - township.seat).T), kind="stable")
    towns = set(nearness[: facts.communities].tolist())
    edge = set(nearness[: facts.communities * 2].tolist())
    town_names = iter(
        names.community_names(streams, facts.code, facts.name, facts.communities)
    )
    village_names = names.village_names(
        streams, facts.code, facts.villages - facts.communities
    )
    if facts.code in county.NAMED_VILLAGES:
        village_names[len(village_names) // 3] = county.NAMED_VILLAGES[facts.code]
    open_names = iter(village_names)
    serials = {True: FIRST_COMMUNITY, False: FIRST_VILLAGE}
    found = []
    for at, (shape, weight) in enumerate(grounds):
        is_town = at in towns
        class_ = EDGE_KIND[facts.kind] if at in edge else "220"
        found.append(
            Village(
                f"{facts.code}{serials[is_town]:03}",
                next(town_names if is_town else open_names),
                "社区" if is_town else "村",
                CENTER_KIND[facts.kind] if is_town else class_,
                facts.code,
                shape,
                weight * (1.5 if is_town else 1.0),
            )
        )
        serials[is_town] += 1
    return found
