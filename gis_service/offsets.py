"""GCJ-02 and BD-09, the offset coordinates of Chinese web maps, and back.

All functions take and give arrays of degrees, longitude first, and leave points
outside China as they are. WGS 84 and CGCS2000 are taken for the same here. The
published formula is used, not the confidential transform it approximates.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Degrees, Degrees]

AXIS_M = 6378245.0
"""Semi-major axis of the Krassovsky ellipsoid, which the published formula uses."""

ECCENTRICITY_SQUARED = 0.00669342162296594323

BAIDU_TURN = np.pi * 3000 / 180
BAIDU_LON, BAIDU_LAT = 0.0065, 0.006

CHINA = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south, north of the box inside which offsets apply, degrees."""

ROUNDS = 10
"""Rounds of the inverse; five already reach a micrometre in the middle of China."""


def gcj02_from_gps(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift WGS 84 longitudes and latitudes to GCJ-02."""
    x, y = _arrays(lon, lat)
    east, north = _shift(x, y)
    inside = _is_in_china(x, y)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def gps_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift GCJ-02 longitudes and latitudes back to WGS 84, by iteration."""
    return _inverse(gcj02_from_gps, lon, lat)


def bd09_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift GCJ-02 longitudes and latitudes to BD-09."""
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * BAIDU_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * BAIDU_TURN)
    inside = _is_in_china(x, y)
    return (
        np.where(inside, radius * np.cos(angle) + BAIDU_LON, x),
        np.where(inside, radius * np.sin(angle) + BAIDU_LAT, y),
    )


def gcj02_from_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift BD-09 longitudes and latitudes back to GCJ-02, by iteration."""
    return _inverse(bd09_from_gcj02, lon, lat)


def bd09_from_gps(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift WGS 84 longitudes and latitudes to BD-09."""
    return bd09_from_gcj02(*gcj02_from_gps(lon, lat))


def gps_from_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift BD-09 longitudes and latitudes back to WGS 84."""
    return gps_from_gcj02(*gcj02_from_bd09(lon, lat))


def _arrays(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _is_in_china(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    west, east, south, north = CHINA
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _shift(lon: Degrees, lat: Degrees) -> Pair:
    """Return how far GCJ-02 moves each point, in degrees east and north."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north_m = (
        (-100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root)
        + ripple
        + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
        + (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    )
    east_m = (
        (300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root)
        + ripple
        + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
        + (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    )
    phi = np.radians(lat)
    magic = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = AXIS_M * (1 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = AXIS_M / np.sqrt(magic) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _inverse(
    forward: Callable[[Degrees, Degrees], Pair], lon: ArrayLike, lat: ArrayLike
) -> Pair:
    """Find what ``forward`` moves to the points given, by fixed-point iteration."""
    wanted_x, wanted_y = _arrays(lon, lat)
    x, y = wanted_x, wanted_y
    for _ in range(ROUNDS):
        got_x, got_y = forward(x, y)
        x, y = x + (wanted_x - got_x), y + (wanted_y - got_y)
    return x, y
