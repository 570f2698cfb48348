"""Grid cells of the demo county, before their edges are bent.

Cells of a village balance on people, not on area. Two things break the plain pattern,
because a real grid has them: exclusive cells (专属网格: a school, a market) cut out of
another cell, and detached ground (飞地) that belongs to the neighbouring village.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis_service.demo import county, partition
from gis_service.demo.divisions import Village
from gis_service.demo.streams import Counts, Numbers, Streams, apportioned_between

POINTS_PER_CELL = 32
FEWEST, MOST_RURAL, MOST_URBAN = 2, 8, 12
FIRST_EXCLUSIVE = 801
EXCLUSIVE_KINDS = ("学校", "市场", "产业园", "医院", "车站")
DETACHED = 21
SMALLEST_HOST_M2 = 40_000.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its straight ground and its share of the village's people."""

    code: str
    name: str
    kind: str
    village_code: str
    straight: Polygon | MultiPolygon
    weight: float


def counts(villages: list[Village], people: Numbers) -> Counts:
    """Return how many cells each village has, 3,300 in all."""
    is_town = np.array([village.kind == "社区" for village in villages])
    low = np.full(len(villages), FEWEST)
    high = np.where(is_town, MOST_URBAN, MOST_RURAL)
    return apportioned_between(county.CELLS, people**0.85, low, high)


def places(village: Village, count: int, streams: Streams) -> Numbers:
    """Draw the places of a village that are counted when it is cut into cells."""
    rng = streams.of("cells", village.code)
    return partition.points_inside(village.straight, POINTS_PER_CELL * count, rng)


def cells(village: Village, count: int, places: Numbers, masses: Numbers) -> list[Cell]:
    """Cut a village into cells that hold about as many people each.

    Parameters
    ----------
    village, count
        What is cut, into how many.
    places, masses
        Places of the village in metres, and how densely people live there.
    """
    sites = partition.spread(places, masses, places[:count], rounds=2)
    sites, weights = partition.balanced(places, masses, sites, np.ones(count), rounds=9)
    shapes = partition.parts(village.straight, sites, weights)
    held = np.bincount(partition.nearest(places, sites, weights), masses, count)
    held = held / masses.sum() * count
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    order = np.lexsort((middles[:, 0], -np.round(middles[:, 1] / 400)))
    stem = village.name.removesuffix("社区")
    return [
        Cell(
            f"{village.code}{serial:03}",
            f"{stem}{serial}网格",
            "service",
            village.code,
            shapes[at],
            float(0.3 + held[at]),
        )
        for serial, at in enumerate(order.tolist(), start=1)
        if not shapes[at].is_empty
    ]


def with_exclusive(found: list[Cell], towns: set[str], streams: Streams) -> list[Cell]:
    """Cut exclusive cells out of cells of communities, one in a community."""
    rng = streams.of("exclusive")
    hosts = [
        at
        for at, cell in enumerate(found)
        if cell.village_code in towns and cell.straight.area > SMALLEST_HOST_M2
    ]
    order = rng.permutation(len(hosts)).tolist()
    taken: set[str] = set()
    result = list(found)
    for at in (hosts[number] for number in order):
        host = result[at]
        if host.village_code in taken or len(taken) == county.EXCLUSIVE_CELLS:
            continue
        ground = _inner_ground(host.straight, 0.45, rng)
        kind = EXCLUSIVE_KINDS[len(taken) % len(EXCLUSIVE_KINDS)]
        stem = host.name.rstrip("0123456789网格")
        result[at] = replace(host, straight=shapely.difference(host.straight, ground))
        result.append(
            Cell(
                f"{host.village_code}{FIRST_EXCLUSIVE}",
                f"{stem}{kind}专属网格",
                "exclusive",
                host.village_code,
                ground,
                0.05,
            )
        )
        taken.add(host.village_code)
    return result


def with_detached(found: list[Cell], streams: Streams) -> list[Cell]:
    """Give some villages a piece of ground inside a neighbour's cell."""
    rng = streams.of("detached")
    tree = shapely.STRtree([cell.straight for cell in found])
    result = list(found)
    done: set[str] = set()
    for at in rng.permutation(len(found)).tolist():
        host = found[at]
        others = [
            other
            for other in sorted(tree.query(host.straight.buffer(30.0)).tolist())
            if _may_detach(host, found[other])
        ]
        if len(done) >= 2 * DETACHED:
            break
        if not others or host.village_code in done or shapely.area(host.straight) < 3e5:  # noqa: PLR2004 - 0.3 km2
            continue
        owner = result[others[0]]
        if owner.village_code in done:
            continue
        ground = _inner_ground(host.straight, 0.3, rng)
        result[at] = replace(host, straight=shapely.difference(host.straight, ground))
        result[others[0]] = replace(
            owner, straight=MultiPolygon([owner.straight, ground])
        )
        done |= {host.village_code, owner.village_code}
    return result


def _may_detach(host: Cell, owner: Cell) -> bool:
    is_plain = host.kind == owner.kind == "service"
    rings = len(host.straight.interiors) + len(owner.straight.interiors)
    same_township = host.village_code[:9] == owner.village_code[:9]
    return (
        is_plain
        and not rings
        and same_township
        and host.village_code != owner.village_code
    )


def _inner_ground(host: Polygon, size: float, rng: np.random.Generator) -> Polygon:
    """Return an irregular figure of six corners well inside a cell."""
    spoke = np.array(shapely.maximum_inscribed_circle(host, tolerance=5.0).coords)
    radius = float(np.hypot(*(spoke[1] - spoke[0]))) * size
    angles = (np.arange(6) + 0.3 * rng.random(6)) * np.pi / 3
    lengths = radius * (0.75 + 0.5 * rng.random(6))
    arms = np.column_stack([np.cos(angles), np.sin(angles)]) * lengths[:, np.newaxis]
    return Polygon(spoke[0] + arms)
