"""What is asked: lists of addresses, drawn by a fixed seed from where cells lie."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, text

OGC = "/api/ogc/collections"
DIFFERENT = 100
"""Addresses per case; pgbench takes at most 128 scripts."""


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    name: str
    paths: list[str]


def cases(connection: Connection) -> Iterator[Case]:
    """Draw all cases from the database of ``connection``."""
    rng = np.random.default_rng(7)
    places = _places(connection, rng)
    tiled = (
        ("cells z10-14", "grid_cells", (10, 14)),
        ("parcels z14-16", "parcels", (14, 16)),
        ("households z17-18", "households", (17, 18)),
        ("people density z8-14", "resident_density", (8, 14)),
        ("open matters z13-16", "open_matters", (13, 16)),
    )
    for title, layer, (low, high) in tiled:
        zooms = rng.integers(low, high, len(places), endpoint=True)
        paths = [_tile(layer, z, *at) for z, at in zip(zooms, places, strict=True)]
        yield Case(f"tile {title}", paths)
    for layer, side in (("parcels", 0.01), ("households", 0.01)):
        boxes = [_items(layer, *at, side) for at in places]
        yield Case(f"items {layer} bbox, 100", boxes)
    ids = _ids(connection, rng)
    yield Case("item by id", [f"{OGC}/parcels/items/{number}" for number in ids])
    codes = _codes(connection, rng)
    yield Case(
        "items by cell and state",
        [
            f"{OGC}/objects/items?filter=grid_code='{code}'%20AND%20state='ok'"
            for code in codes
        ],
    )
    yield Case(
        "which cell is this",
        [f"/api/grid/location?lon={lon:.6f}&lat={lat:.6f}" for lon, lat in places],
    )


def _places(
    connection: Connection, rng: np.random.Generator
) -> list[tuple[float, float]]:
    query = text(
        "SELECT ST_X(at), ST_Y(at) FROM (SELECT ST_PointOnSurface(geom) AS at "
        "FROM grid.cells WHERE valid_to IS NULL ORDER BY code) AS cell"
    )
    found = [(row[0], row[1]) for row in connection.execute(query)]
    return [found[at] for at in rng.integers(0, len(found), DIFFERENT)]


def _ids(connection: Connection, rng: np.random.Generator) -> list[int]:
    found = connection.execute(
        text("SELECT id FROM land.parcels ORDER BY id")
    ).scalars()
    return list(rng.choice(found.all(), DIFFERENT))


def _codes(connection: Connection, rng: np.random.Generator) -> list[str]:
    query = text("SELECT code FROM grid.cells WHERE valid_to IS NULL ORDER BY code")
    return list(rng.choice(connection.execute(query).scalars().all(), DIFFERENT))


def _tile(layer: str, z: int, lon: float, lat: float) -> str:
    side = 2**z
    column = int((lon + 180) / 360 * side)
    row = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
    return f"{OGC}/{layer}/tiles/WebMercatorQuad/{z}/{row}/{column}"


def _items(layer: str, lon: float, lat: float, side: float) -> str:
    box = f"{lon - side:.6f},{lat - side:.6f},{lon + side:.6f},{lat + side:.6f}"
    return f"{OGC}/{layer}/items?limit=100&bbox={box}"
