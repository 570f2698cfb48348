"""The outline of the demo county: an invented shape of the right extent and area."""

import numpy as np
import shapely
from shapely import Polygon

from gis_service import crs
from gis_service.demo import county
from gis_service.demo.streams import Numbers

CORNERS_KM = (
    (-55, -7),
    (-52, 3),
    (-44, 8),
    (-36, 12),
    (-34, 22),
    (-25, 26),
    (-19, 31),
    (-17, 40),
    (-7, 47),
    (1, 55),
    (10, 50),
    (19, 54),
    (27, 47),
    (31, 41),
    (38, 34),
    (37, 24),
    (28, 19),
    (24, 9),
    (20, -1),
    (17, -10),
    (10, -16),
    (6, -25),
    (-2, -22),
    (-10, -18),
    (-19, -21),
    (-28, -17),
    (-37, -21),
    (-46, -17),
    (-50, -13),
)
"""Invented corners, east and north of the county seat, before they are fitted."""


def straight_outline() -> Polygon:
    """Return the county in EPSG:4546, before its edges are bent."""
    corners = _rounded(np.array(CORNERS_KM, dtype=float))
    low, high = 0.0, 2.0
    for _ in range(40):
        pinch = (low + high) / 2
        shape = _fitted(_pinched(corners, pinch))
        is_large = shapely.area(shape) > county.AREA_KM2 * 1e6
        low, high = (pinch, high) if is_large else (low, pinch)
    return shape


def _rounded(corners: Numbers) -> Numbers:
    # Chaikin's corner cutting, twice.
    for _ in range(2):
        following = np.roll(corners, -1, axis=0)
        near = 0.75 * corners + 0.25 * following
        far = 0.25 * corners + 0.75 * following
        corners = np.stack([near, far], axis=1).reshape(-1, 2)
    return corners


def _pinched(corners: Numbers, strength: float) -> Numbers:
    """Draw the flanks in, leave the far ends: less area in the same extent."""
    middle = corners.mean(axis=0)
    arm = corners - middle
    length = np.hypot(*arm.T)
    return np.asarray(
        middle + arm * ((length / length.max()) ** strength)[:, np.newaxis]
    )


def _fitted(corners: Numbers) -> Polygon:
    west, south, east, north = county.EXTENT
    to_metres = crs.transformer(crs.STORED, crs.METRIC)
    (left, right), (bottom, top) = to_metres.transform(((west, east)), ((south, north)))
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = np.array([right - left, top - bottom]) / (high - low)
    return Polygon((corners - low) * scale + (left, bottom))
