"""Service centers of the demo county, what they offer, and sites for those to come."""

import numpy as np
import pandas as pd
import shapely

from gis_service.demo import county
from gis_service.demo.plan import Plan
from gis_service.demo.shapes import DECIMALS, in_metres
from gis_service.demo.streams import Numbers
from gis_service.demo.yards import Yard, Yards, metres_per_degree

REQUIRED_FUNCTIONS, OPTIONAL_FUNCTIONS = (1, 2, 3, 4, 5), (6, 7)
CANDIDATES_PER_VILLAGE = 3
FLOOD_M, FLOOD_HEIGHT_M = 700.0, 195.0
OWNERS = ("村集体", "国有", "原村小学", "个人", "供销社")


def centers(plan: Plan) -> pd.DataFrame:
    """Return one center per village: 126 open, 73 being built, the others planned."""
    status = _statuses(plan)
    villages = plan.filled(plan.villages)
    cells = plan.filled(plan.cells).drop_duplicates("village_code")
    seats = shapely.point_on_surface(np.asarray(cells["geom"].array))
    draws = np.concatenate(
        [plan.streams.rows("centers", code, (1, 2)) for code in villages["code"]]
    )
    state = villages["code"].map(status).to_numpy()
    floor = np.round(180 + 420 * draws[:, 0] ** 1.5)
    opened = np.datetime64(county.TODAY) - (200 + 2400 * draws[:, 1]).astype(int)
    return pd.DataFrame(
        {
            "id": np.arange(1, len(villages) + 1),
            "grid_code": cells["code"].to_numpy(),
            "code": villages["code"] + "01",
            "name": villages["name"] + "便民服务中心",
            "kind": np.where(villages["kind"] == "社区", "社区", "村级"),
            "status": state,
            "village_code": villages["code"],
            "floor_m2": pd.Series(floor).where(state != "planned"),
            "opened_on": pd.Series(opened).where(state == "open"),
            "geom": shapely.points(np.round(shapely.get_coordinates(seats), DECIMALS)),
        }
    )


def _statuses(plan: Plan) -> dict[str, str]:
    """Choose the open and the building ones, the model villages among the open."""
    villages = plan.villages
    draw = plan.streams.of("center order").random(len(villages))
    is_model = villages["name"].isin(county.NAMED_VILLAGES.values()).to_numpy()
    is_town = (villages["kind"] == "社区").to_numpy()
    order = np.argsort(draw - 2.0 * is_model - 0.45 * is_town, kind="stable")
    codes = villages["code"].to_numpy()[order].tolist()
    built = county.CENTERS_OPEN + county.CENTERS_BUILDING
    return {
        code: "open"
        if rank < county.CENTERS_OPEN
        else "building"
        if rank < built
        else "planned"
        for rank, code in enumerate(codes)
    }


def functions(plan: Plan, found: pd.DataFrame) -> pd.DataFrame:
    """Return what open centers offer; some lack a required function."""
    rows = []
    for center in found[found["status"] == "open"].itertuples():
        draws = plan.streams.rows("functions", str(center.village_code), (7, 2))
        for number, (has, size) in enumerate(draws.tolist(), start=1):
            likely = 0.9 if number in REQUIRED_FUNCTIONS else 0.35
            if number == 1 or has < likely:
                rows.append(
                    {
                        "center_id": center.id,
                        "function": number,
                        "area_m2": round(20 + 130 * size),
                        "is_active": has < likely * 0.95,
                    }
                )
    frame = pd.DataFrame(
        rows, columns=["center_id", "function", "area_m2", "is_active"]
    )
    frame.insert(0, "id", np.arange(1, len(frame) + 1))
    return frame


def candidates(
    plan: Plan, found: pd.DataFrame, yards: Yards, roads: pd.DataFrame
) -> pd.DataFrame:
    """Return sites to choose from in villages that have no center yet."""
    wanting = set(found.loc[found["status"] == "planned", "village_code"])
    hosts = [yard for yard in yards.each if yard.village_code in wanting]
    picked: list[tuple[Yard, Numbers]] = []
    taken: dict[str, int] = {}
    for yard in hosts:
        for place in yard.groups[:2]:
            if taken.get(yard.village_code, 0) < CANDIDATES_PER_VILLAGE:
                taken[yard.village_code] = taken.get(yard.village_code, 0) + 1
                picked.append((yard, place))
    if not picked:
        return pd.DataFrame()
    places = np.array([place for _, place in picked])
    return _appraised(plan, [yard for yard, _ in picked], places, roads)


def _appraised(
    plan: Plan, yards: list[Yard], places: Numbers, roads: pd.DataFrame
) -> pd.DataFrame:
    metric = in_metres(places)
    slope = plan.terrain.slopes(metric)
    is_low = plan.terrain.heights(metric) < FLOOD_HEIGHT_M
    codes = pd.Series([yard.village_code for yard in yards])
    number = codes.groupby(codes).cumcount() + 1
    draws = np.concatenate(
        [
            plan.streams.rows("candidates", f"{code}{one}", (1, 4))
            for code, one in zip(codes, number, strict=True)
        ]
    )
    # A little off the hamlet's middle, where a house may stand already.
    moved = places + (draws[:, :2] - 0.5) * 30 / metres_per_degree(places[0, 1])
    moved = np.round(moved, DECIMALS)
    inside = [
        bool(shapely.contains_xy(yard.shape, *place))
        for yard, place in zip(yards, moved, strict=True)
    ]
    moved = np.where(np.array(inside)[:, np.newaxis], moved, places)
    area = np.round(400 + 2600 * draws[:, 2])
    road_m = _road_m(metric, roads)
    cost = 220_000 + 90 * area + 9_000 * slope + 260 * road_m
    villages = plan.villages.set_index("code")["name"]
    return pd.DataFrame(
        {
            "grid_code": [yard.code for yard in yards],
            "code": [f"{code}C{one}" for code, one in zip(codes, number, strict=True)],
            "name": [
                f"{villages[code]}候选点{one}"
                for code, one in zip(codes, number, strict=True)
            ],
            "village_code": codes,
            "owner": np.array(OWNERS)[(draws[:, 3] * len(OWNERS)).astype(int)],
            "area_m2": area,
            "slope_deg": np.round(slope, 1),
            "is_flood_prone": is_low & (plan.terrain.river_m(metric) < FLOOD_M),
            "is_protected_farmland": draws[:, 3] * 13 % 1 < 0.15,  # noqa: PLR2004 - a share
            "road_m": np.round(road_m, 1),
            "cost_yuan": np.round(cost / 1000) * 1000,
            "geom": shapely.points(moved),
        }
    )


def _road_m(metric: Numbers, roads: pd.DataFrame) -> Numbers:
    """Return the distance to the nearest road, metres."""
    lines = shapely.transform(np.asarray(roads["geom"].array), in_metres)
    tree = shapely.STRtree(lines)
    _, far = tree.query_nearest(
        shapely.points(metric), return_distance=True, all_matches=False
    )
    return np.asarray(far)
