"""Registers of the demo county: divisions and cells with their history, duties."""

from datetime import date
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.demo import county
from gis_service.demo.plan import Plan
from gis_service.demo.shapes import Frame, Shape, multi
from gis_service.demo.yards import Yards

CELLS_FROM = date(2020, 1, 1)
ALWAYS = date(2000, 1, 1)
NEW_COMMUNITIES, MERGERS = 20, 6
FIRST_RETIRED = {"村": 301, "并": 351}
"""Village numbers of codes that are no longer in force."""


def divisions(plan: Plan) -> dict[str, Frame]:
    """Return the tables of divisions and cells, with what is no longer in force."""
    villages, origins = _villages(plan)
    townships = plan.filled(plan.townships)[["code", "name", "kind", "geom"]]
    return {
        "divisions.counties": numbered(plan.county[["code", "name", "geom"]]),
        "divisions.townships": numbered(townships),
        "divisions.villages": numbered(plan.filled(villages)),
        "grid.cells": numbered(plan.filled(_cells(plan, origins))),
    }


def aliases(plan: Plan) -> Frame:
    """Return other names: old spellings of villages that are filled."""
    villages = plan.filled(plan.villages)
    rows = [
        {"scheme": "local", "alias": other, "code": code}
        for name, other in county.OTHER_SPELLINGS.items()
        for code in villages.loc[villages["name"] == name, "code"]
    ]
    return numbered(pd.DataFrame(rows, columns=["scheme", "alias", "code"]))


def _villages(plan: Plan) -> tuple[geopandas.GeoDataFrame, dict[str, date]]:
    """Return villages in force and retired, and since when changed ones are."""
    now = plan.villages[["code", "name", "kind", "urban_rural", "geom"]].copy()
    now["is_demonstration"] = now["name"].isin(county.NAMED_VILLAGES.values())
    origins: dict[str, date] = {}
    old = [*_former_villages(now, origins), *_merged_villages(plan, now, origins)]
    now["valid_from"] = now["code"].map(lambda code: origins.get(code, ALWAYS))
    now["valid_to"] = None
    now["successors"] = [[] for _ in range(len(now))]
    retired = geopandas.GeoDataFrame(old, geometry="geom", crs=crs.STORED)
    everything = pd.concat([now, retired[now.columns]], ignore_index=True)
    return everything.sort_values(["code", "valid_from"], ignore_index=True), origins


def _former_villages(
    now: geopandas.GeoDataFrame, origins: dict[str, date]
) -> list[dict[str, Any]]:
    """Villages that became communities: a new code for the same ground."""
    towns = now[(now["kind"] == "社区") & (now["urban_rural"] != "111")]
    rows = []
    for number, row in enumerate(towns.iloc[::2].head(NEW_COMMUNITIES).itertuples()):
        origins[row.code] = county.BECAME_COMMUNITIES_ON
        rows.append(
            _retired(
                f"{row.code[:9]}{FIRST_RETIRED['村'] + number % 50}",
                row.name.removesuffix("社区") + "村",
                row.geom,
                county.BECAME_COMMUNITIES_ON,
                [row.code],
            )
        )
    return rows


def _merged_villages(
    plan: Plan, now: geopandas.GeoDataFrame, origins: dict[str, date]
) -> list[dict[str, Any]]:
    """Villages that were two until they merged."""
    rows: list[dict[str, Any]] = []
    rural = now[(now["kind"] == "村") & ~now["is_demonstration"]]
    for row in rural.iloc[
        len(rural) // MERGERS // 2 :: len(rural) // MERGERS
    ].itertuples():
        origins[row.code] = county.MERGED_ON
        cells = plan.cells[plan.cells["village_code"] == row.code]
        shapes = np.asarray(cells["geom"].array)
        stem = row.name.removesuffix("村")
        for side, half in zip("东西", np.array_split(shapes, 2), strict=True):
            rows.append(
                _retired(
                    f"{row.code[:9]}{FIRST_RETIRED['并'] + len(rows)}",
                    f"{stem}{side}村",
                    multi(shapely.coverage_union_all(half)),
                    county.MERGED_ON,
                    [row.code],
                )
            )
    return rows


def _retired(
    code: str,
    name: str,
    shape: Shape,
    until: date,
    successors: list[str],
) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "kind": "村",
        "urban_rural": "220",
        "is_demonstration": False,
        "valid_from": ALWAYS,
        "valid_to": until,
        "successors": successors,
        "geom": shape,
    }


def _cells(plan: Plan, origins: dict[str, date]) -> geopandas.GeoDataFrame:
    """Return cells in force, and those of one township before it was regrouped."""
    now = plan.cells[["code", "name", "kind", "village_code", "geom"]].copy()
    is_regrouped = now["code"].str.startswith(county.REGROUPED_TOWNSHIP)
    since = now["village_code"].map(lambda code: origins.get(code, CELLS_FROM))
    now["valid_from"] = since.where(~is_regrouped, county.REGROUPED_ON)
    now["valid_to"] = None
    now["successors"] = [[] for _ in range(len(now))]
    now["change_reason"] = ["网格调整" if one else None for one in is_regrouped]
    old = []
    regrouped = now[is_regrouped & (now["kind"] == "service")]
    for village, cells in regrouped.groupby("village_code"):
        for serial, at in enumerate(range(0, len(cells), 2), start=1):
            pair = cells.iloc[at : at + 2]
            shape = shapely.coverage_union_all(np.asarray(pair["geom"].array))
            old.append(
                {
                    **pair.iloc[0].to_dict(),
                    "code": f"{village}{serial:03}",
                    "geom": multi(shape),
                    "valid_from": origins.get(village, CELLS_FROM),
                    "valid_to": county.REGROUPED_ON,
                    "successors": pair["code"].tolist(),
                    "change_reason": None,
                }
            )
    retired = geopandas.GeoDataFrame(old, geometry="geom", crs=crs.STORED)
    everything = pd.concat([now, retired[now.columns]], ignore_index=True)
    return everything.sort_values(["code", "valid_from"], ignore_index=True)


def groups(yards: Yards, village_names: dict[str, str]) -> pd.DataFrame:
    """Return the villager groups of some cells, each at its hamlet."""
    rows = [
        {
            "code": f"{yard.village_code}{number:02}",
            "name": f"{village_names[yard.village_code]}第{number}组",
            "village_code": yard.village_code,
            "geom": shapely.Point(place),
        }
        for yard in yards.each
        for number, place in enumerate(yard.groups, start=yard.first_group)
    ]
    return pd.DataFrame(rows)


def numbered(frame: Frame) -> Frame:
    """Return rows with their numbers, from 1."""
    result = frame.reset_index(drop=True)
    result.insert(0, "id", np.arange(1, len(result) + 1))
    return result
