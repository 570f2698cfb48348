"""Terrain of the demo county: heights, the Zi River, and the warp of all lines.

All coordinates are metres of EPSG:4546. The heights are invented so that everything
else can agree with them: high in the west and the north, low along the river.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from gis_service import crs
from gis_service.demo import county
from gis_service.demo.streams import Numbers, Streams

RIVER_KM = (
    (-21.5, -24.0),
    (-16.0, -16.5),
    (-10.5, -12.0),
    (-7.0, -6.5),
    (-2.5, -3.5),
    (0.6, -0.6),
    (3.0, 3.8),
    (2.0, 9.5),
    (5.0, 14.0),
    (3.5, 19.5),
    (6.5, 25.0),
    (12.5, 28.5),
    (14.0, 33.5),
    (20.0, 37.0),
    (27.0, 38.0),
    (36.0, 45.0),
)
"""The course of the Zi River, invented: east and north of the county seat."""

RIVER_STEP_M = 120.0

WARP_WAVES = ((9000, 400), (4200, 140), (1900, 45), (800, 13))
"""Lengths and heights (metres) of the waves that bend every line of the county.

Their slopes add up to less than one, so the warp never folds: lines that do not cross
before it do not cross after it.
"""

ROUGH_WAVES = ((1100, 0.5), (480, 0.3), (210, 0.2))
HILL_WAVES = ((11000, 130), (5200, 80), (2400, 40), (1100, 15))
DIRECTIONS = 3


@dataclass(frozen=True, slots=True)
class Waves:
    """A sum of plane sine waves: smooth noise, the same for the same place."""

    kx: Numbers
    ky: Numbers
    phase: Numbers
    height: Numbers

    @classmethod
    def of(
        cls, rng: np.random.Generator, waves: tuple[tuple[float, float], ...]
    ) -> "Waves":
        """Spread every wave over a few random directions."""
        lengths, heights = np.array(waves, dtype=float).repeat(DIRECTIONS, axis=0).T
        angle = rng.random(len(lengths)) * 2 * np.pi
        lengths = lengths * (0.8 + 0.4 * rng.random(len(lengths)))
        phase = rng.random(len(lengths)) * 2 * np.pi
        return cls(
            2 * np.pi * np.cos(angle) / lengths,
            2 * np.pi * np.sin(angle) / lengths,
            phase,
            heights / DIRECTIONS**0.5,
        )

    def at(self, places: Numbers) -> Numbers:
        """Return the noise at places, an array (n, 2) of metres."""
        angles = np.outer(places[:, 0], self.kx) + np.outer(places[:, 1], self.ky)
        return np.asarray((self.height * np.sin(angles + self.phase)).sum(axis=1))


class Terrain:
    """Heights, distance to the river and warp, for any place."""

    def __init__(self, streams: Streams) -> None:
        to_metres = crs.transformer(crs.STORED, crs.METRIC)
        self.seat = np.array(to_metres.transform(*county.SEAT))
        self._hills = Waves.of(streams.of("hills"), HILL_WAVES)
        self._rough = Waves.of(streams.of("rough"), ROUGH_WAVES)
        self._warp = [Waves.of(streams.of("warp", axis), WARP_WAVES) for axis in (0, 1)]
        self.river = self._course()
        self._river_tree = KDTree(self.river)

    def _course(self) -> Numbers:
        curve = _smooth(np.array(RIVER_KM) * 1000, 900)
        lengths = np.hypot(*np.diff(curve, axis=0).T).cumsum()
        steps = np.arange(0, lengths[-1], RIVER_STEP_M)
        at = np.searchsorted(lengths, steps)
        course = curve[at]
        swing = 330 * np.sin(steps / 520) * np.sin(steps / 7000 + 0.6)
        ahead = np.gradient(course, axis=0)
        aside = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / RIVER_STEP_M
        return self.warped(course + self.seat + aside * swing[:, np.newaxis])

    def heights(self, places: Numbers) -> Numbers:
        """Return heights above sea level in metres."""
        east, north = ((places - self.seat) / 1000).T
        west = 620 / (1 + np.exp((east + 27) / 5))
        bear = 680 * np.exp(-(((east - 1) / 9) ** 2) - ((north - 47) / 7) ** 2)
        range_ = 380 * np.exp(-(((east + 22) / 8) ** 2) - ((north - 20) / 9) ** 2)
        hills = np.abs(self._hills.at(places)) * 1.6
        valley = 1 - np.exp(-((self.river_m(places) / 5200) ** 2))
        return np.asarray(
            165 + (west + bear + range_ + hills + 90) * (0.12 + 0.88 * valley)
        )

    def slopes(self, places: Numbers, step_m: float = 60.0) -> Numbers:
        """Return slopes in degrees."""
        here = self.heights(places)
        east = self.heights(places + np.array([step_m, 0.0])) - here
        north = self.heights(places + np.array([0.0, step_m])) - here
        return np.degrees(np.arctan(np.hypot(east, north) / step_m))

    def river_m(self, places: Numbers) -> Numbers:
        """Return distances to the middle of the Zi River in metres."""
        return np.asarray(self._river_tree.query(places)[0])

    def warped(self, places: Numbers) -> Numbers:
        """Return where places come to lie after the warp."""
        shift = np.column_stack([waves.at(places) for waves in self._warp])
        return places + shift

    def roughness(self, places: Numbers) -> Numbers:
        """Return a small-scale noise between about -1 and 1."""
        return self._rough.at(places)


def _smooth(controls: Numbers, count: int) -> Numbers:
    """Return points of a smooth line through all control points (Catmull-Rom)."""
    along = np.linspace(0, len(controls) - 1, count)
    at = np.minimum(along.astype(int), len(controls) - 2)
    t = (along - at)[:, np.newaxis]
    slopes = np.gradient(controls, axis=0)
    start, end = controls[at], controls[at + 1]
    return np.asarray(
        start
        + t**2 * (3 - 2 * t) * (end - start)
        + t * (1 - t) ** 2 * slopes[at]
        - t**2 * (1 - t) * slopes[at + 1]
    )
