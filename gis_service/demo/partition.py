"""Cut ground into convex parts around sites: power diagrams, and sites that balance."""

import numpy as np
import shapely
from shapely import Polygon

from gis_service.demo.streams import Counts, Numbers

FAR_M = 200_000.0

STEP = 0.12
"""How fast weights follow the shares: twice this makes large parts oscillate."""


def points_inside(shape: Polygon, count: int, rng: np.random.Generator) -> Numbers:
    """Draw points evenly from a polygon."""
    west, south, east, north = shape.bounds
    share = max(shape.area / ((east - west) * (north - south)), 0.05)
    shapely.prepare(shape)
    found = np.empty((0, 2))
    while len(found) < count:
        tries = rng.random((int(count / share * 1.2) + 20, 2))
        places = tries * (east - west, north - south) + (west, south)
        inside = shapely.contains_xy(shape, places[:, 0], places[:, 1])
        found = np.concatenate([found, places[inside]])
    return found[:count]


def nearest(places: Numbers, sites: Numbers, weights: Numbers) -> Counts:
    """Return for each place the site of least power distance."""
    middle = places.mean(axis=0)
    near, far = sites - middle, places - middle
    # The square of a place itself is the same for all sites and left out.
    distance = (near**2).sum(axis=1) - weights - 2 * (far @ near.T)
    return np.asarray(distance.argmin(axis=1))


def spread(places: Numbers, masses: Numbers, sites: Numbers, rounds: int) -> Numbers:
    """Move sites to the middle of what is nearest to them (Lloyd)."""
    even = np.zeros(len(sites))
    for _ in range(rounds):
        sites = _middles(places, masses, sites, nearest(places, sites, even))
    return sites


def balanced(
    places: Numbers, masses: Numbers, sites: Numbers, shares: Numbers, rounds: int
) -> tuple[Numbers, Numbers]:
    """Return sites and weights whose parts hold the given shares of the mass.

    Sites follow the middle of their part a little in each round.
    """
    shares = shares / shares.sum()
    box = np.ptp(places, axis=0).prod()
    weights = np.zeros(len(sites))
    for number in range(rounds):
        label = nearest(places, sites, weights)
        held = np.bincount(label, masses, len(sites)) / masses.sum()
        weights += STEP * box * (shares - held)
        weights -= weights.mean()
        if number < rounds / 2:
            sites = 0.75 * sites + 0.25 * _middles(places, masses, sites, label)
    return sites, weights


def _middles(
    places: Numbers, masses: Numbers, sites: Numbers, label: Counts
) -> Numbers:
    mass = np.bincount(label, masses, len(sites))
    sums = [np.bincount(label, masses * axis, len(sites)) for axis in places.T]
    middles = np.column_stack(sums) / np.maximum(mass, 1e-9)[:, np.newaxis]
    return np.where((mass > 0)[:, np.newaxis], middles, sites)


def parts(shape: Polygon, sites: Numbers, weights: Numbers) -> list[Polygon]:
    """Return the part of the shape that belongs to each site."""
    middle = np.array(shape.centroid.coords[0])
    cuts = [_power_cell(sites - middle, weights, at) for at in range(len(sites))]
    convex = np.array([Polygon(np.array(cut) + middle) for cut in cuts])
    return list(shapely.intersection(convex, shape))


def _power_cell(sites: Numbers, weights: Numbers, at: int) -> list[tuple[float, float]]:
    """Cut a large square down by the line between a site and each other one."""
    ring = [(-FAR_M, -FAR_M), (FAR_M, -FAR_M), (FAR_M, FAR_M), (-FAR_M, FAR_M)]
    site = sites[at]
    normals = 2 * (sites - site)
    limits = (sites**2).sum(axis=1) - weights - ((site**2).sum() - weights[at])
    order = np.argsort(((sites - site) ** 2).sum(axis=1), kind="stable")
    for other in order.tolist():
        if other != at:
            a, b = normals[other].tolist()
            ring = _half(ring, a, b, float(limits[other]))
    return ring


def _half(
    ring: list[tuple[float, float]], a: float, b: float, limit: float
) -> list[tuple[float, float]]:
    """Keep the part of a convex ring where ``a x + b y <= limit``."""
    excess = [a * x + b * y - limit for x, y in ring]
    if max(excess) <= 0:
        return ring
    kept: list[tuple[float, float]] = []
    for number, (x, y) in enumerate(ring):
        here, before = excess[number], excess[number - 1]
        if (here > 0) != (before > 0):
            px, py = ring[number - 1]
            share = before / (before - here)
            kept.append((px + share * (x - px), py + share * (y - py)))
        if here <= 0:
            kept.append((x, y))
    return kept
