"""What may be asked of a layer: where, when, which, in what order and how many."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from math import atan, degrees, log, pi, radians, sinh, tan
from typing import Any

from gis_service import crs
from gis_service.publish.filters import Filter

DEFAULT_LIMIT = 100
MOST_FEATURES = 10_000
SIDES = ("west", "south", "east", "north")

WEB_LATITUDE = degrees(atan(sinh(pi)))
"""Where the square of Web Mercator ends, about 85.05 degrees."""

_EARTH_M = crs.EARTH_HALF_M / pi


@dataclass(frozen=True, slots=True)
class Box:
    """A box in stored coordinates, degrees, longitude first.

    Parameters
    ----------
    west, south, east, north
        The sides. Nothing crosses the antimeridian here: ``west`` is the least.
    """

    west: float
    south: float
    east: float
    north: float

    @property
    def web(self) -> tuple[float, float, float, float]:
        """The same box in Web Mercator metres, cut where that ends."""
        return (
            radians(self.west) * _EARTH_M,
            _web_north(self.south),
            radians(self.east) * _EARTH_M,
            _web_north(self.north),
        )


def _web_north(lat: float) -> float:
    cut = max(-WEB_LATITUDE, min(WEB_LATITUDE, lat))
    return log(tan(pi / 4 + radians(cut) / 2)) * _EARTH_M


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order."""

    field: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A time from (included) to (included); None is open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that may be asked of a layer's features at once.

    Parameters
    ----------
    box
        Only what touches this box.
    within
        Exact area of the question as WKB in stored coordinates, when the box was
        given in a CRS whose boxes are none in degrees.
    condition
        A filter of the reader's.
    interval
        Only what happened in this time, for layers that have one.
    properties
        Names of the fields to give; None for all.
    sort
        Keys of the order; rows alike in all keys are in the order of their ids.
    after
        Values of the sort keys and the id of the last row seen, to go on from there.
    limit
        How many rows at most.
    srid, is_official_order
        CRS of the answer; whether coordinates come in the order its definition
        says instead of longitude (or easting) first.
    """

    box: Box | None = None
    within: bytes | None = None
    condition: Filter | None = None
    interval: Interval | None = None
    properties: tuple[str, ...] | None = None
    sort: tuple[Sort, ...] = ()
    after: tuple[Any, ...] | None = None
    limit: int = DEFAULT_LIMIT
    srid: int = crs.GPS
    is_official_order: bool = False

    @property
    def shape(self) -> Hashable:
        """What of the question changes the statement and not only its values."""
        return (
            self.box is not None,
            self.within is not None,
            self.condition and self.condition.shape,
            self.interval and (self.interval.start is None, self.interval.end is None),
            self.properties,
            self.sort,
            # An empty value is passed over by another condition than a value.
            self.after and tuple(value is None for value in self.after),
            self.srid,
            self.is_official_order,
        )

    @property
    def values(self) -> dict[str, Any]:
        """Values of the bound parameters, by name."""
        values: dict[str, Any] = {"limit": self.limit}
        if self.box is not None:
            box = self.box
            sides = (box.west, box.south, box.east, box.north)
            values |= dict(zip(SIDES, sides, strict=True))
            values |= _named_sides("web", box)
        if self.within is not None:
            values["within"] = self.within
        if self.condition is not None:
            values |= self.condition.literals
            for number, area in enumerate(self.condition.geometries):
                values[f"area_{number}"] = area.wkb
                values |= _named_sides(f"area_{number}", Box(*area.bounds))
        if self.interval is not None:
            values |= {"start": self.interval.start, "end": self.interval.end}
        if self.after is not None:
            values |= {f"after_{n}": value for n, value in enumerate(self.after)}
        return values


def _named_sides(name: str, box: Box) -> dict[str, float]:
    sides = zip(SIDES, box.web, strict=True)
    return {f"{name}_{side}": value for side, value in sides}


EVERYTHING = Question()

ALONG_THE_GRID = (Sort("grid_code"),)
"""The order that the index of grid codes gives."""
