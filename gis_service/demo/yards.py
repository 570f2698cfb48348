"""Cells as ground to put things on, one by one and many at once.

Places are degrees; lengths are metres, with the metres of a degree at the middle of the
cell. What is made is tested against the very polygon that is stored.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.demo.shapes import DECIMALS, Shape
from gis_service.demo.streams import Counts, Numbers, Streams

EAST_M, NORTH_M = 111_412.84, 110_823.0
"""Metres of a degree: east at the equator (times the cosine of the latitude), north."""

STRETCH = 1.45
"""How much longer than wide hamlets are."""

SPOTS = 12
"""First houses of a cell that things stand near: the same ones at every scale."""

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Yard:
    """A cell as ground to put things on.

    Attributes
    ----------
    groups
        Middles of its hamlets, degrees, array (n, 2).
    first_group
        Number of its first villager group in the village, from 1.
    spots
        Places of its first houses, whether they are built at this scale or not.
    houses
        Places of its houses, degrees; house ``i`` belongs to hamlet ``i mod n``.
    turn
        Direction its houses and fields lie in, radians.
    reach_m
        How far houses reach from the middle of a hamlet, across its length.
    """

    code: str
    name: str
    serial: int
    is_town: bool
    shape: Shape
    groups: Numbers
    first_group: int
    spots: Numbers
    houses: Numbers
    turn: float
    reach_m: float

    @property
    def scale(self) -> Numbers:
        """Return the metres of a degree here, east and north."""
        return metres_per_degree(float(self.groups[0, 1]))

    @property
    def village_code(self) -> str:
        """Return the code of its village."""
        return self.code[:12]

    def hamlet_m(self, places: Numbers, group: Numbers) -> Numbers:
        """Return distances to a hamlet, its length drawn in to its width."""
        arms = (places - group) * self.scale
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        along = (arms[:, 0] * cos + arms[:, 1] * sin) / STRETCH
        aside = arms[:, 1] * cos - arms[:, 0] * sin
        return np.asarray(np.hypot(along, aside))


def metres_per_degree(lat: float) -> Numbers:
    """Return metres per degree of longitude and of latitude."""
    return np.array([EAST_M * np.cos(np.radians(lat)), NORTH_M])


@dataclass(frozen=True, slots=True)
class Yards:
    """Yards as arrays, so that things of many cells are made at once."""

    each: list[Yard]
    code: Texts
    name: Texts
    village_code: Texts
    serial: Counts
    is_town: NDArray[np.bool_]
    shape: Texts
    first_group: Counts
    group_count: Counts
    spots: Numbers
    turn: Numbers
    scale: Numbers

    @classmethod
    def of(cls, each: list[Yard]) -> Self:
        """Line yards up."""

        def texts(values: list[str]) -> Texts:
            return np.array(values, dtype=object)

        return cls(
            each,
            texts([yard.code for yard in each]),
            texts([yard.name for yard in each]),
            texts([yard.village_code for yard in each]),
            np.array([yard.serial for yard in each]),
            np.array([yard.is_town for yard in each]),
            np.array([yard.shape for yard in each]),
            np.array([yard.first_group for yard in each]),
            np.array([len(yard.groups) for yard in each]),
            np.array([yard.spots for yard in each]),
            np.array([yard.turn for yard in each]),
            np.array([yard.scale for yard in each]),
        )

    def drawn(
        self, streams: Streams, name: str, counts: Counts, columns: int
    ) -> tuple[Counts, Numbers]:
        """Draw rows for every yard from its own stream: their yards, and the rows."""
        return streams.rows_of_each(name, self.code.tolist(), counts, columns)

    def near(self, owner: Counts, draws: Numbers, far_m: float) -> Numbers:
        """Return places up to ``far_m`` from first houses, inside their cell.

        ``draws`` has three columns; a place that falls outside comes in to its house.
        """
        spot = (draws[:, 0] * SPOTS).astype(int)
        house = self.spots[owner, spot]
        angle = draws[:, 1] * 2 * np.pi
        radius = 6 + draws[:, 2] ** 2 * far_m
        moved = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, np.newaxis]
        places = np.round(house + moved / self.scale[owner], DECIMALS)
        outside = ~self.contain(owner, places)
        places[outside] = house[outside]
        return np.asarray(places)

    def contain(self, owner: Counts, places: Numbers) -> NDArray[np.bool_]:
        """Tell which places lie inside their cell."""
        return np.asarray(
            shapely.contains_xy(self.shape[owner], places[:, 0], places[:, 1])
        )

    def rectangles(self, owner: Counts, places: Numbers, sides_m: Numbers) -> Numbers:
        """Return closed rectangles around places, turned as the houses of the cell."""
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) / 2
        along, aside = np.moveaxis(corners * sides_m[:, np.newaxis, :], -1, 0)
        cos, sin = (turn(self.turn[owner])[:, np.newaxis] for turn in (np.cos, np.sin))
        turned = np.stack([along * cos - aside * sin, along * sin + aside * cos], -1)
        scaled = turned / self.scale[owner][:, np.newaxis, :]
        return np.asarray(np.round(places[:, np.newaxis, :] + scaled, DECIMALS))
