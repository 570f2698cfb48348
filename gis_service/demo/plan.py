"""The plan of the demo county: its ground, and how many people live in each cell.

Every scale is drawn on the same plan: ``tiny`` is one township of it, ``demo`` one
person in twenty, ``full`` everything.
"""

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.demo import cells, county, divisions, edges
from gis_service.demo.divisions import Township, Village
from gis_service.demo.scale import Scale
from gis_service.demo.shapes import in_degrees, multi
from gis_service.demo.streams import Counts, Numbers, Streams, apportioned
from gis_service.demo.terrain import Terrain


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
        return list(self.townships["code"])

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
    names = ("code", "name", "kind", "village_code", "weight")
    grid = _frame(shapes, **{name: [getattr(x, name) for x in found] for name in names})
    grid["serial"] = np.arange(1, len(grid) + 1)
    villages = _dissolved(grid, grid["village_code"]).merge(
        _village_facts(hamlets), on="code"
    )
    townships = _dissolved(villages, villages["code"].str[:9]).merge(
        _township_facts(towns, terrain), on="code"
    )
    whole = _dissolved(townships, townships["code"].str[:6])
    whole["name"] = county.NAME
    share = 1.0 if scale is Scale.FULL else county.DEMO_SHARE
    for name, total, kinds in (
        ("full", county.REGISTERED / share, ("村", "社区")),
        ("registered", county.REGISTERED, ("村", "社区")),
        ("floating", county.FLOATING, ("社区",)),
    ):
        grid[name] = _people(round(total * share), kinds, townships, villages, grid)
    return Plan(scale, streams, terrain, whole, townships, villages, grid)


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
    places = [
        cells.places(village, count, streams)
        for village, count in zip(hamlets, counts.tolist(), strict=True)
    ]
    # One question for all heights: asked village by village it takes twice as long.
    cuts = np.cumsum([len(one) for one in places])[:-1]
    heights = np.split(terrain.heights(np.concatenate(places)), cuts)
    found = [
        cell
        for village, count, here, high in zip(
            hamlets, counts.tolist(), places, heights, strict=True
        )
        for cell in cells.cells(
            village,
            count,
            here,
            divisions.density(here, high, by_code[village.township]),
        )
    ]
    communities = {one.code for one in hamlets if one.kind == "社区"}
    return cells.with_detached(
        cells.with_exclusive(found, communities, streams), streams
    )


def _village_facts(hamlets: list[Village]) -> pd.DataFrame:
    names = ("code", "name", "kind", "urban_rural", "weight")
    return pd.DataFrame({name: [getattr(x, name) for x in hamlets] for name in names})


def _township_facts(towns: list[Township], terrain: Terrain) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": [one.facts.code for one in towns],
            "name": [one.facts.name for one in towns],
            "kind": [one.facts.kind for one in towns],
            "weight": [one.facts.weight * one.facts.villages for one in towns],
            "seat": [_degrees(terrain.warped(one.seat[None])) for one in towns],
        }
    )


def _people(
    total: int,
    kinds: tuple[str, ...],
    townships: pd.DataFrame,
    villages: pd.DataFrame,
    grid: pd.DataFrame,
) -> Counts:
    """Share people out level by level, over villages of some kinds."""
    of_towns = apportioned(total, townships["weight"].to_numpy())
    weights = villages["weight"] * villages["kind"].isin(kinds)
    of_villages = _below(of_towns, townships["code"], weights, villages["code"].str[:9])
    return _below(of_villages, villages["code"], grid["weight"], grid["village_code"])


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


def _degrees(place: Numbers) -> tuple[float, float]:
    lon, lat = in_degrees(place)[0].tolist()
    return lon, lat
