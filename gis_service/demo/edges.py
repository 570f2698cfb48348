"""Bend the edges of a straight partition, each shared edge once for both sides.

All lines are noded together, cut into edges between junctions, bent, and put together
again along the same junctions. So neighbours share every vertex: there is no gap and no
overlap to repair, also after the coordinates are rounded, once, to the centimetre.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis_service.demo.shapes import Shapes, in_degrees
from gis_service.demo.streams import Numbers
from gis_service.demo.terrain import Terrain

SNAP_M = 0.1
STEP_M = 60.0
ROUGH_SHARE, ROUGH_MOST_M = 0.16, 60.0
Ring = list[tuple[float, float]]
Flags = NDArray[np.bool_]
Ways = dict[tuple[tuple[float, float], tuple[float, float]], Numbers]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two junctions, straight as it was and bent as it is."""

    straight: Numbers
    bent: Numbers


class CrossingEdgesError(RuntimeError):
    """Bent edges cross though even the straight ones in their place would not."""


def bent(shapes: list[Polygon | MultiPolygon], terrain: Terrain) -> list[MultiPolygon]:
    """Return the shapes with bent edges, in EPSG:4490, as a valid coverage."""
    lines = shapely.unary_union(shapely.boundary(shapes), grid_size=SNAP_M)
    pieces = shapely.get_parts(shapely.line_merge(lines))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    owners = _owners(faces, shapes)
    is_calm = np.zeros(len(pieces), dtype=bool)
    for _ in range(4):
        edges = _bend(pieces, is_calm, terrain)
        result = _assembled(faces, owners, edges, len(shapes))
        wrong = shapely.coverage_invalid_edges(result)
        bad = ~shapely.is_valid(result) | ~shapely.is_empty(wrong)
        if not bad.any():
            return list(result)
        doubtful = shapely.union_all(np.array(shapes, dtype=object)[bad]).buffer(1.0)
        is_calm |= shapely.intersects(pieces, doubtful)
    message = f"{int(bad.sum())} areas of the demo county are not a coverage"
    raise CrossingEdgesError(message)


def _owners(faces: Shapes, shapes: Shapes) -> list[int]:
    """Return which shape each face of the noded lines came from."""
    inner = shapely.point_on_surface(faces)
    tree = shapely.STRtree(shapes)
    found, hits = tree.query(inner, predicate="intersects")
    owners = dict(zip(found.tolist(), hits.tolist(), strict=True))
    return [owners[number] for number in range(len(faces))]


def _bend(pieces: Shapes, is_calm: Flags, terrain: Terrain) -> list[Edge]:
    """Bend all edges at once; calm ones follow the warp only."""
    places, is_first = _roughened(pieces, is_calm, terrain)
    stored = in_degrees(terrain.warped(places))
    straight = [shapely.get_coordinates(piece) for piece in pieces]
    cuts = np.flatnonzero(is_first)[1:]
    return [
        Edge(old, new)
        for old, new in zip(straight, np.split(stored, cuts), strict=True)
    ]


def bent_lines(pairs: Numbers, terrain: Terrain) -> Shapes:
    """Return bent lines in EPSG:4490 between pairs of places, array (n, 2, 2)."""
    lines = shapely.linestrings(pairs)
    places, is_first = _roughened(lines, np.zeros(len(lines), dtype=bool), terrain)
    return shapely.linestrings(in_degrees(places), indices=is_first.cumsum() - 1)


def _roughened(
    pieces: Shapes, is_calm: Flags, terrain: Terrain
) -> tuple[Numbers, Flags]:
    """Return the vertices of lines moved aside, and which begin a line."""
    dense = shapely.segmentize(pieces, STEP_M)
    places, number = shapely.get_coordinates(dense, return_index=True)
    steps = np.hypot(*np.diff(places, axis=0, prepend=places[:1]).T)
    is_first = np.diff(number, prepend=-1) > 0
    steps[is_first] = 0.0
    total = steps.cumsum()
    starts = total[is_first][number]
    ends = np.append(total[:-1][is_first[1:]], total[-1])[number]
    to_end = np.minimum(total - starts, ends - total)
    aside = np.minimum(ROUGH_SHARE * to_end, ROUGH_MOST_M)
    aside *= terrain.roughness(places) * ~is_calm[number]
    along = np.gradient(places, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.hypot(*across.T), 1e-9)[:, np.newaxis]
    return places + across * aside[:, np.newaxis], is_first


def _assembled(
    faces: Shapes, owners: list[int], edges: list[Edge], count: int
) -> Shapes:
    """Follow the rings of the straight faces along the bent edges."""
    ways: Ways = {}
    for edge in edges:
        old = list(map(tuple, edge.straight.tolist()))
        ways[old[0], old[1]] = edge.bent
        ways[old[-1], old[-2]] = edge.bent[::-1]
    parts: list[list[Polygon]] = [[] for _ in range(count)]
    for face, owner in zip(faces, owners, strict=True):
        outer, *inner = (
            _ring(list(map(tuple, shapely.get_coordinates(ring).tolist())), ways)
            for ring in (face.exterior, *face.interiors)
        )
        parts[owner].append(Polygon(outer, inner))
    return np.array([MultiPolygon(one) for one in parts])


def _ring(straight: Ring, ways: Ways) -> Numbers:
    """Return the bent ring in place of a straight one."""
    corners = straight[:-1]
    count = len(corners)
    pairs = [(corners[at], corners[(at + 1) % count]) for at in range(count)]
    # Only where an edge begins does a pair of corners name one; in between the pairs
    # lie inside the edge that began before.
    found = [ways[pair] for pair in pairs if pair in ways]
    return np.concatenate([way[:-1] for way in found] + [found[0][:1]])
