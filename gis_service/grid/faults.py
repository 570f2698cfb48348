"""What keeps areas from being a coverage: invalid, overlapping, apart, outside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import geopandas
import numpy as np
import shapely

from gis_service import crs

IGNORED_M2 = 0.001
"""Smaller pieces are rounding of coordinates, not faults of drawing."""

TOUCHING_DEG = 1e-9
"""How near an area must come to a gap to be named with it."""

Kind = Literal["invalid", "overlap", "gap", "outside_parent", "no_parent"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a coverage, where it is and whose it is.

    ``codes`` names the areas it concerns (both of an overlap, those around a gap);
    ``geom`` is the piece at fault in EPSG:4490 and ``area_m2`` its size.
    """

    kind: Kind
    codes: tuple[str, ...]
    area_m2: float
    geom: Any
    parent_code: str | None = None


def check(
    areas: geopandas.GeoDataFrame,
    parents: geopandas.GeoDataFrame | None = None,
    *,
    ignored_m2: float = IGNORED_M2,
) -> list[Fault]:
    """Find what keeps areas from being a coverage that fills its parents.

    Parameters
    ----------
    areas
        Column ``code`` and geometry in EPSG:4490; polygons or multipolygons.
    parents
        The divisions one level up, alike; an area belongs to the one whose code its
        own begins with. None looks for holes inside the areas alone.
    ignored_m2
        Pieces not larger than this are passed over, square metres.

    Returns
    -------
    list of Fault
        Invalid areas first; they are left out of the rest, whose answer they would
        spoil.
    """
    valid = shapely.is_valid(np.asarray(areas.geometry, dtype=object))
    faults = [
        Fault("invalid", (code,), _area_m2(shape), shape)
        for code, shape in zip(
            areas["code"][~valid], areas.geometry[~valid], strict=True
        )
    ]
    sound = areas[valid].sort_values("code").reset_index(drop=True)
    faults += _overlaps(sound)
    if parents is None:
        whole = shapely.union_all(np.asarray(sound.geometry, dtype=object))
        faults += _gaps(sound, _holes(whole), None)
    else:
        for code, shape in zip(parents["code"], parents.geometry, strict=True):
            faults += _against_parent(sound, code, shape)
        faults += _without_parent(sound, parents)
    return [
        fault
        for fault in faults
        if fault.area_m2 > ignored_m2 or fault.kind in {"invalid", "no_parent"}
    ]


def _overlaps(areas: geopandas.GeoDataFrame) -> Iterator[Fault]:
    shapes = np.asarray(areas.geometry, dtype=object)
    if not len(shapes):
        return
    wrong = shapely.coverage_invalid_edges(shapes)
    suspects = np.flatnonzero(~shapely.is_missing(wrong) & ~shapely.is_empty(wrong))
    tree = shapely.STRtree(shapes[suspects])
    first, second = suspects[tree.query(shapes[suspects], predicate="intersects")]
    for one, other in zip(
        *(side[first < second] for side in (first, second)), strict=True
    ):
        piece = shapely.intersection(shapes[one], shapes[other])
        codes = (areas["code"][one], areas["code"][other])
        yield Fault("overlap", codes, _area_m2(piece), piece)


def _against_parent(
    areas: geopandas.GeoDataFrame,
    parent_code: str,
    parent: Any,  # noqa: ANN401 - shapely has no types
) -> Iterator[Fault]:
    children = areas[areas["code"].str.startswith(parent_code)]
    if not len(children) or not shapely.is_valid(parent):
        return
    shapes = np.asarray(children.geometry, dtype=object)
    missing = shapely.difference(parent, shapely.union_all(shapes))
    yield from _gaps(children, shapely.get_parts(missing), parent_code)
    shapely.prepare(parent)
    beyond = ~shapely.covered_by(shapes, parent)
    for code, shape in zip(children["code"][beyond], shapes[beyond], strict=True):
        piece = shapely.difference(shape, parent)
        yield Fault("outside_parent", (code,), _area_m2(piece), piece, parent_code)


def _without_parent(
    areas: geopandas.GeoDataFrame, parents: geopandas.GeoDataFrame
) -> Iterator[Fault]:
    known = tuple(parents["code"])
    orphans = areas[~areas["code"].str.startswith(known)]
    for code, shape in zip(orphans["code"], orphans.geometry, strict=True):
        yield Fault("no_parent", (code,), _area_m2(shape), shape)


def _gaps(
    areas: geopandas.GeoDataFrame,
    pieces: Iterable[object],
    parent_code: str | None,
) -> Iterator[Fault]:
    for piece in pieces:
        near = shapely.dwithin(np.asarray(areas.geometry), piece, TOUCHING_DEG)
        yield Fault(
            "gap", tuple(areas["code"][near]), _area_m2(piece), piece, parent_code
        )


def _holes(whole: Any) -> list[Any]:  # noqa: ANN401 - shapely has no types
    polygons = shapely.get_parts(whole)
    return [shapely.Polygon(ring) for polygon in polygons for ring in polygon.interiors]


def _area_m2(shape: Any) -> float:  # noqa: ANN401 - shapely has no types
    # Overlays are made in the coordinates the edges were drawn in, where shared edges
    # are straight for both sides; only the piece that is left is measured in metres.
    to_metres = crs.transformer(crs.STORED, crs.METRIC)
    in_metres = shapely.transform(shape, to_metres.transform, interleaved=False)
    return float(shapely.area(in_metres))
