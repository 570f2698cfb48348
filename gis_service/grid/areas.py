"""Areas of one level, made ready to find many points in at once."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

STRIPS_PER_AREA = 3
"""Strips of latitude a typical area is cut into when points are looked for in it."""

SLACK_DEG = 1e-9
"""Widens the search by a tenth of a millimetre against rounding of its keys."""

NOWHERE = -1

Codes = NDArray[np.object_]
Numbers = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of one level, made ready to find points in.

    Points are sorted into strips of latitude and within a strip by longitude; the
    part of an area's box inside one strip is then one slice of them, handed to the
    prepared area without copying.
    """

    codes: Codes
    shapes: NDArray[np.object_]
    south: float
    height: float
    of_slice: Positions
    first_key: Numbers
    last_key: Numbers

    @classmethod
    def of(cls, codes: ArrayLike, shapes: ArrayLike) -> Self:
        """Make areas ready; their order does not matter, their codes decide it."""
        named = np.asarray(codes, dtype=object)
        drawn = np.asarray(shapes, dtype=object)
        order = np.argsort(named.astype(str), kind="stable")
        named, drawn = named[order], drawn[order]
        shapely.prepare(drawn)
        boxes = shapely.bounds(drawn).reshape(-1, 4)
        south = float(np.min(boxes[:, 1], initial=90.0))
        heights = boxes[:, 3] - boxes[:, 1]
        typical = float(np.median(heights)) if len(heights) else 1.0
        height = max(typical, SLACK_DEG) / STRIPS_PER_AREA
        first = np.floor((boxes[:, 1] - SLACK_DEG - south) / height).astype(np.intp)
        last = np.floor((boxes[:, 3] + SLACK_DEG - south) / height).astype(np.intp)
        counts = last - first + 1
        of_slice = np.repeat(np.arange(len(named)), counts)
        offsets = np.arange(len(of_slice)) - np.repeat(
            np.cumsum(counts) - counts, counts
        )
        strips = first[of_slice] + offsets
        return cls(
            named,
            drawn,
            south,
            height,
            of_slice,
            _keys(strips, boxes[of_slice, 0] - SLACK_DEG),
            _keys(strips, boxes[of_slice, 2] + SLACK_DEG),
        )

    def at(self, lon: Numbers, lat: Numbers) -> Positions:
        """Return per point the position of its area in ``codes``, or NOWHERE.

        A point on a shared edge gets the smallest code. Coordinates must be finite.
        """
        keys = _keys(np.floor((lat - self.south) / self.height), lon)
        order = np.argsort(keys)
        keys = keys[order]
        starts = np.searchsorted(keys, self.first_key, side="left")
        stops = np.searchsorted(keys, self.last_key, side="right")
        x, y = lon[order], lat[order]
        found = np.full(len(lon), len(self.codes), dtype=np.intp)
        for number in np.flatnonzero(starts < stops):
            part = slice(starts[number], stops[number])
            area = self.of_slice[number]
            hits = shapely.intersects_xy(self.shapes[area], x[part], y[part])
            # Areas come in the order of their codes: the first that is hit stays.
            np.minimum(
                found[part], np.where(hits, area, len(self.codes)), out=found[part]
            )
        found[found == len(self.codes)] = NOWHERE
        positions = np.empty_like(found)
        positions[order] = found
        return positions


def _keys(strips: NDArray[Any], lon: Numbers) -> Numbers:
    # One sortable number per point: a strip is 512 wide, longitudes span 360.
    keys: Numbers = strips * 512.0 + np.clip(lon, -180.0, 180.0)
    return keys
