"""Where people's houses stand: hamlets in low places of each cell, houses around them.

Places are found in degrees, with the metres of a degree at the middle of the cell:
whatever is made is then tested against the very polygon that is stored.
"""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.demo.shapes import DECIMALS, Frame, Row, Shape, in_metres
from gis_service.demo.streams import Counts, Numbers, Streams
from gis_service.demo.terrain import Terrain
from gis_service.demo.yards import SPOTS, STRETCH, Yard, Yards

GROUPS_RURAL, GROUPS_TOWN = 3, 4
TRIES_PER_GROUP = 14
GOLDEN_TURN = np.pi * (3 - 5**0.5)
MOST_SLOTS = 6_000
FOOTPRINT_M, TOWN_FOOTPRINT_M = 12.0, 21.0
"""How far a homestead, or a block of flats, reaches from its middle."""


class Settlement:
    """Finds hamlets and houses in cells, away from the river."""

    def __init__(self, terrain: Terrain, streams: Streams, water: Shape) -> None:
        self._terrain = terrain
        self._streams = streams
        self._water = water
        shapely.prepare(water)

    def yards(self, cells: Frame, counts: Counts, at_full_scale: Counts) -> Yards:
        """Return the ground of each cell with so many houses on it.

        Parameters
        ----------
        cells
            Rows of the plan's cells, whole villages of them, sorted by code.
        counts
            Houses per cell to be built.
        at_full_scale
            Houses per cell of the full county: fields leave them room at any scale.
        """
        tries = [self._tries(row) for row in cells.itertuples()]
        heights = self._heights(np.concatenate(tries))
        cuts = np.cumsum([len(places) for places in tries])[:-1]
        found = []
        group, village = 1, ""
        houses = zip(counts.tolist(), at_full_scale.tolist(), strict=True)
        for row, places, high, (count, most) in zip(
            cells.itertuples(), tries, np.split(heights, cuts), houses, strict=True
        ):
            group = 1 if row.village_code != village else group
            village = row.village_code
            yard = self._yard(row, places[_lowest(places, high, row)], group)
            found.append(self._settled(yard, count, most))
            group += len(yard.groups)
        return Yards.of(found)

    def _tries(self, row: Row) -> Numbers:
        """Draw places of a cell that may become hamlets; the seat comes first."""
        ground = self._dry(row.geom)
        wanted = _group_count(row) * TRIES_PER_GROUP
        draws = self._streams.rows("hamlets", row.code, (wanted * 3, 2))
        places = _in_box(ground, draws)
        inside = shapely.contains_xy(ground, places[:, 0], places[:, 1])
        # The first hamlet is the seat of the cell, where its road begins.
        seat = np.round(shapely.get_coordinates(shapely.point_on_surface(row.geom)), 7)
        return np.concatenate([seat, places[inside][:wanted]])

    def _dry(self, shape: Shape) -> Shape:
        if not self._water.intersects(shape):
            shapely.prepare(shape)
            return shape
        ground = shapely.difference(shape, self._water)
        ground = shape if ground.is_empty else ground
        shapely.prepare(ground)
        return ground

    def _heights(self, places: Numbers) -> Numbers:
        return self._terrain.heights(in_metres(places))

    def _yard(self, row: Row, groups: Numbers, first_group: int) -> Yard:
        turn = float(self._streams.rows("turns", row.code, (1, 1))[0, 0]) * np.pi
        return Yard(
            row.code,
            row.name,
            row.serial,
            _is_town(row),
            row.geom,
            groups,
            first_group,
            np.empty((0, 2)),
            np.empty((0, 2)),
            turn,
            0.0,
        )

    def _settled(self, yard: Yard, built: int, most: int) -> Yard:
        """Put houses around the hamlets, like seeds in a flower: none touch."""
        count = max(built, SPOTS)
        spacing_m = 20.0 if yard.is_town else 14.0
        ground = self._dry(yard.shape)
        slots = min(2 * count + 40, MOST_SLOTS)
        while True:
            houses = self._around(yard, slots, spacing_m)
            fits = _fit(yard, ground, houses)
            if fits.sum() >= count or slots >= MOST_SLOTS:
                break
            slots = min(4 * slots, MOST_SLOTS)
        houses = houses[fits][:count]
        if len(houses) < count:
            houses = np.concatenate([houses, self._strays(yard, count - len(houses))])
        # A third of the slots may lie outside the cell and be passed over.
        reach_m = spacing_m * (1.5 * most / len(yard.groups)) ** 0.5 + 14
        return replace(
            yard, spots=houses[:SPOTS], houses=houses[:built], reach_m=reach_m
        )

    def _around(self, yard: Yard, slots: int, spacing_m: float) -> Numbers:
        number = np.arange(slots)
        hamlet, rank = number % len(yard.groups), number // len(yard.groups)
        radius = spacing_m * np.sqrt(rank + 0.4)
        angle = rank * GOLDEN_TURN + hamlet
        along, aside = STRETCH * radius * np.cos(angle), radius * np.sin(angle)
        nudge = self._streams.rows("nudges", yard.code, (slots, 2)) - 0.5
        cos, sin = np.cos(yard.turn), np.sin(yard.turn)
        east = along * cos - aside * sin + nudge[:, 0] * 6
        north = along * sin + aside * cos + nudge[:, 1] * 6
        moved = np.column_stack([east, north]) / yard.scale
        return np.round(yard.groups[hamlet] + moved, DECIMALS)

    def _strays(self, yard: Yard, count: int) -> Numbers:
        """Scatter houses over a cell whose hamlets are full."""
        draws = self._streams.rows("strays", yard.code, (60 * count + 200, 2))
        places = _in_box(yard.shape, draws)
        inside = shapely.contains_xy(yard.shape, places[:, 0], places[:, 1])
        return np.resize(places[inside], (count, 2))


def _fit(yard: Yard, ground: Shape, houses: Numbers) -> NDArray[np.bool_]:
    """Tell which slots lie wholly in the cell and clear of the other hamlets."""
    footprint_m = TOWN_FOOTPRINT_M if yard.is_town else FOOTPRINT_M
    count = len(yard.groups)
    arms = (houses[:, np.newaxis, :] - yard.groups) * yard.scale
    far_m = np.hypot(arms[..., 0], arms[..., 1])
    number = np.arange(len(houses))
    own_m = far_m[number, number % count].copy()
    far_m[number, number % count] = np.inf
    is_clear = far_m.min(axis=1) - own_m > 2 * footprint_m
    angle = yard.turn + np.array([0.7, 2.44, 3.84, 5.58])
    rim = np.column_stack([np.cos(angle), np.sin(angle)]) * footprint_m / yard.scale
    corners = (houses[:, np.newaxis, :] + rim).reshape(-1, 2)
    inside = shapely.contains_xy(ground, corners[:, 0], corners[:, 1])
    return np.asarray(is_clear & inside.reshape(-1, 4).all(axis=1))


def _in_box(shape: Shape, draws: Numbers) -> Numbers:
    west, south, east, north = shape.bounds
    places = draws * (east - west, north - south) + (west, south)
    return np.asarray(np.round(places, DECIMALS))


def _is_town(row: Row) -> bool:
    return int(row.village_code[9:]) < 200  # noqa: PLR2004 - communities are below


def _group_count(row: Row) -> int:
    if row.kind == "exclusive":
        return 1
    return GROUPS_TOWN if _is_town(row) else GROUPS_RURAL


def _lowest(places: Numbers, heights: Numbers, row: Row) -> list[int]:
    """Pick the seat, and the lowest place of each share of the other tries."""
    count = min(_group_count(row), len(places))
    shares = np.array_split(np.arange(1, len(places)), max(count - 1, 1))
    picked = [share[heights[share].argmin()] for share in shares if len(share)]
    return [0, *picked][:count]
