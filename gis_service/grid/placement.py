"""Which cell a thing lies in, for many points at once.

The rule is the same everywhere. A point on an edge that cells share belongs to the
cell with the smallest code. Outside every cell it carries the code of its village,
else of its township, else of the county, which reaches five kilometres beyond its
border; further out it carries none.
"""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike

from gis_service import crs
from gis_service.grid.areas import NOWHERE, Areas, Codes, Numbers, Positions
from gis_service.grid.driver import AnyConnection, driver_of

COUNTY_MARGIN_M = 5000.0
"""How far outside the county a thing may lie and still be kept, in metres."""

IN_FORCE = {
    "cells": "SELECT code, ST_AsBinary(geom) FROM grid.cells"
    " WHERE valid_to IS NULL AND kind <> 'unit'",
    "villages": "SELECT code, ST_AsBinary(geom) FROM divisions.villages"
    " WHERE valid_to IS NULL",
    "townships": "SELECT code, ST_AsBinary(geom) FROM divisions.townships"
    " WHERE valid_to IS NULL",
    "counties": "SELECT code, ST_AsBinary(geom) FROM divisions.counties"
    " WHERE valid_to IS NULL",
}
"""Unit cells (单元网格) lie across the service grid and carry no element."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells and divisions in force on one day, to attach things to."""

    levels: tuple[Areas, ...]
    county_m: Any = field(repr=False)

    @classmethod
    def load(cls, connection: AnyConnection) -> Self:
        """Read the cells, villages, townships and counties now in force."""
        return cls.of(*(_areas(connection, query) for query in IN_FORCE.values()))

    @classmethod
    def of(
        cls, cells: Areas, villages: Areas, townships: Areas, counties: Areas
    ) -> Self:
        """Take areas already at hand, as the demo county is before it is stored."""
        to_metres = crs.transformer(crs.STORED, crs.METRIC)
        county_m = shapely.transform(
            counties.shapes, to_metres.transform, interleaved=False
        )
        shapely.prepare(county_m)
        return cls((cells, villages, townships, counties), county_m)

    def codes_at(self, lon: ArrayLike, lat: ArrayLike) -> Codes:
        """Return the grid code of each point, as an array of text.

        Parameters
        ----------
        lon, lat
            Degrees in EPSG:4490, one-dimensional and of one length. What is not
            finite lies nowhere.

        Returns
        -------
        ndarray of str
            15 digits of a cell; 12, 9 or 6 of a division outside every cell; empty
            text further than five kilometres outside the county.
        """
        x = np.ascontiguousarray(lon, dtype=np.float64)
        y = np.ascontiguousarray(lat, dtype=np.float64)
        codes: Codes = np.full(len(x), "", dtype=object)
        open_points = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        for areas in self.levels:
            if not len(open_points):
                break
            found = areas.at(x[open_points], y[open_points])
            hit = found != NOWHERE
            codes[open_points[hit]] = areas.codes[found[hit]]
            open_points = open_points[~hit]
        self._near_the_county(x, y, open_points, codes)
        return codes

    def codes_of(self, shapes: ArrayLike) -> Codes:
        """Return the grid code of each geometry by a point inside it (EPSG:4490).

        A point stands for itself; a line or an area is placed by the point on it
        that GEOS names, so that a thing is never split. Missing and empty
        geometries get empty text.
        """
        drawn = np.asarray(shapes, dtype=object)
        places = shapely.point_on_surface(drawn)
        places[shapely.is_empty(places)] = None
        return self.codes_at(shapely.get_x(places), shapely.get_y(places))

    def _near_the_county(
        self, lon: Numbers, lat: Numbers, points: Positions, codes: Codes
    ) -> None:
        if not len(points):
            return
        to_metres = crs.transformer(crs.STORED, crs.METRIC)
        east, north = to_metres.transform(lon[points], lat[points])
        # Far round the globe there are no metres of this projection.
        known = np.isfinite(east) & np.isfinite(north)
        points, places = points[known], shapely.points(east[known], north[known])
        counties = self.levels[-1].codes
        # The smallest code again: it is written last.
        for code, county in reversed(list(zip(counties, self.county_m, strict=True))):
            codes[points[shapely.dwithin(county, places, COUNTY_MARGIN_M)]] = code


def _areas(connection: AnyConnection, query: str) -> Areas:
    rows = driver_of(connection).execute(query.encode()).fetchall()
    codes = [row[0] for row in rows]
    return Areas.of(codes, shapely.from_wkb([bytes(row[1]) for row in rows]))
