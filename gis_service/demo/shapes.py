"""Shapes of the demo county: between metres and degrees, rounded once."""

from typing import Any, TypeAlias

import numpy as np
import shapely

from gis_service import crs
from gis_service.demo.streams import Numbers

Shape: TypeAlias = Any
"""A geometry of shapely, which has no types of its own."""

Shapes: TypeAlias = Any
"""An array of geometries."""

Frame: TypeAlias = Any
"""A frame with geometries; geopandas has no types of its own."""

Row: TypeAlias = Any
"""A row of a frame, as ``itertuples`` gives it."""

DECIMALS = 7
"""A ten-millionth of a degree is about a centimetre."""


def in_degrees(places: Numbers) -> Numbers:
    """Turn places of EPSG:4546 into EPSG:4490, rounded as they are stored."""
    transform = crs.transformer(crs.METRIC, crs.STORED).transform
    lon, lat = transform(places[:, 0], places[:, 1])
    return np.asarray(np.round(np.column_stack([lon, lat]), DECIMALS))


def in_metres(places: Numbers) -> Numbers:
    """Turn places of EPSG:4490 into EPSG:4546."""
    transform = crs.transformer(crs.STORED, crs.METRIC).transform
    return np.column_stack(transform(places[:, 0], places[:, 1]))


def stored(shape: Shape) -> Shape:
    """Turn a shape of EPSG:4546 into EPSG:4490, rounded as it is stored."""
    return shapely.transform(shape, in_degrees)


def multi(shape: Shape) -> Shape:
    """Return polygons as one multipolygon."""
    if isinstance(shape, shapely.MultiPolygon):
        return shape
    return shapely.MultiPolygon(list(shapely.get_parts(shape)))
