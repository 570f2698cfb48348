"""The plan of the demo county: its ground, and how many people live in each cell.

Every scale is drawn on the same plan: ``tiny`` is one township of it, ``demo`` one
person in twenty, ``full`` everything.
"""

from dataclasses import dataclass
from enum import StrEnum

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.demo import cells, county, divisions, edges
from gis_service.demo.divisions import Township, Village
from gis_service.demo.streams import Counts, Numbers, Streams, apportioned
from gis_service.demo.terrain import Terrain


class Scale(StrEnum):
    """How much of the county is made."""

    TINY = "tiny"
    DEMO = "demo"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Plan:
    """The ground of the whole county and the people on it.

    Attributes
    ----------
    county, townships, villages, cells
        Frames in EPSG:4490, sorted by ``code``. Cells carry ``registered`` and
        ``floating``, the people of the scale, and ``serial``, their number in the
        county, which leads everything that is counted through.
    """

    scale: Scale
    streams: Streams
    terrain: Terrain
    county: geopandas.GeoDataFrame
    townships: geopandas.GeoDataFrame
    villages: geopandas.GeoDataFrame
    cells: geopandas.GeoDataFrame

    @property
    def share(self) -> float:
        """Return the share of people, land, objects and matters that is made."""
        return 1.0 if self.scale is Scale.FULL else county.DEMO_SHARE

    @property
    def township_codes(self) -> list[str]:
        """Return the townships that are filled."""
        if self.scale is Scale.TINY:
            return [county.TINY_TOWNSHIP]
        return self.townships["code"].tolist()

    def filled(self, frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
        """Return the rows of townships that are filled."""
        if self.scale is Scale.TINY:
            is_inside = frame["code"].str.startswith(county.TINY_TOWNSHIP)
            return frame[is_inside].reset_index(drop=True)
        return frame

    def weighed(self) -> Numbers:
        """Return about how many people each cell has at full scale."""
        return np.asarray(self.cells["full"].to_numpy(dtype=float))

    def quotas(self, total: int, weights: Numbers) -> Counts:
        """Share a full-scale total out over all cells, at this scale."""
        return apportioned(round(total * self.share), weights)


def drawn(seed: int, scale: Scale) -> Plan:
    """Draw the plan of a seed."""
    streams = Streams(seed)
    terrain = Terrain(streams)
    towns = divisions.townships(terrain, streams)
    hamlets = [
        village
        for town in towns
        for village in divisions.villages(town, terrain, streams)
    ]
    found = _cells(towns, hamlets, terrain, streams)
    shapes = np.array(edges.bent([cell.straight for cell in found], terrain))
    grid = _frame(
        shapes,
        code=[cell.code for cell in found],
        name=[cell.name for cell in found],
        kind=[cell.kind for cell in found],
        village_code=[cell.village for cell in found],
        weight=[cell.weight for cell in found],
    )
    grid["serial"] = np.arange(1, len(grid) + 1)
    return _populated(seed, scale, terrain, towns, hamlets, grid)


def _cells(
    towns: list[Township],
    hamlets: list[Village],
    terrain: Terrain,
    streams: Streams,
) -> list[cells.Cell]:
    by_code = {town.facts.code: town for town in towns}
    people = np.array(
        [one.weight * by_code[one.township].facts.weight for one in hamlets]
    )
    counts = cells.counts(hamlets, people)
    found = [
        cell
        for village, count in zip(hamlets, counts.tolist(), strict=True)
        for cell in cells.cells(
            village, count, by_code[village.township], terrain, streams
        )
    ]
    communities = {one.code for one in hamlets if one.kind == "社区"}
    return cells.with_detached(
        cells.with_exclusive(found, communities, streams), streams
    )


def _populated(  # noqa: PLR0913 - everything a plan is made of
    seed: int,
    scale: Scale,
    terrain: Terrain,
    towns: list[Township],
    hamlets: list[Village],
    grid: geopandas.GeoDataFrame,
) -> Plan:
    villages = _dissolved(grid, grid["village_code"]).merge(
        pd.DataFrame(
            {
                "code": [one.code for one in hamlets],
                "name": [one.name for one in hamlets],
                "kind": [one.kind for one in hamlets],
                "urban_rural": [one.urban_rural for one in hamlets],
                "weight": [one.weight for one in hamlets],
            }
        ),
        on="code",
    )
    townships = _dissolved(villages, villages["code"].str[:9]).merge(
        pd.DataFrame(
            {
                "code": [one.facts.code for one in towns],
                "name": [one.facts.name for one in towns],
                "kind": [one.facts.kind for one in towns],
                "weight": [one.facts.weight * one.facts.villages for one in towns],
                "seat": [_degrees(terrain.warped(one.seat[None])) for one in towns],
            }
        ),
        on="code",
    )
    share = 1.0 if scale is Scale.FULL else county.DEMO_SHARE
    both = ("村", "社区")
    for name, total, kinds in (
        ("full", county.REGISTERED / share, both),
        ("registered", county.REGISTERED, both),
        ("floating", county.FLOATING, ("社区",)),
    ):
        town_weights = townships["weight"].to_numpy()
        village_weights = villages["weight"] * villages["kind"].isin(kinds)
        of_towns = apportioned(round(total * share), town_weights)
        of_villages = _below(
            of_towns, townships["code"], village_weights, villages["code"].str[:9]
        )
        grid[name] = _below(
            of_villages, villages["code"], grid["weight"], grid["village_code"]
        )
    whole = _dissolved(townships, townships["code"].str[:6])
    whole["name"] = county.NAME
    return Plan(scale, Streams(seed), terrain, whole, townships, villages, grid)


def _below(
    totals: Counts, codes: pd.Series, weights: pd.Series, parents: pd.Series
) -> Counts:
    """Share the total of each parent out over its children, exactly."""
    counts = np.zeros(len(weights), dtype=np.int64)
    rows = parents.groupby(parents).indices
    for code, total in zip(codes, totals.tolist(), strict=True):
        at = rows[code]
        counts[at] = apportioned(total, weights.to_numpy()[at])
    return counts


def _frame(shapes: Numbers, **columns: list[object]) -> geopandas.GeoDataFrame:
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs.STORED)
    return frame.rename_geometry("geom").sort_values("code").reset_index(drop=True)


def _dissolved(
    areas: geopandas.GeoDataFrame, codes: pd.Series
) -> geopandas.GeoDataFrame:
    """Unite the areas of a coverage by code: shared edges vanish, none is moved."""
    shapes = np.asarray(areas["geom"].array)
    rows = codes.groupby(codes).indices
    united = [shapely.coverage_union_all(shapes[at]) for at in rows.values()]
    return _frame(np.array([multi(shape) for shape in united]), code=list(rows))


def multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return polygons as one multipolygon."""
    if isinstance(shape, shapely.MultiPolygon):
        return shape
    return shapely.MultiPolygon(list(shapely.get_parts(shape)))


def _degrees(place: Numbers) -> tuple[float, float]:
    to_degrees = crs.transformer(crs.METRIC, crs.STORED)
    lon, lat = to_degrees.transform(*place[0])
    return round(lon, 7), round(lat, 7)
