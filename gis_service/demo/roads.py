"""Roads of the demo county: a tree over the seats of all cells, and some short cuts.

Junctions are the seats themselves, so stretches of road meet in true nodes. How many
cells reach the county seat over a stretch decides its class.
"""

import geopandas
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay

from gis_service import crs
from gis_service.demo.edges import bent_lines
from gis_service.demo.plan import Plan
from gis_service.demo.shapes import DECIMALS, in_metres
from gis_service.demo.streams import Counts, Numbers

EXTRA_SHARE = 0.15
LONGEST_M = 9_000.0
CLASSES = ((700, "国道", "G"), (330, "省道", "S"), (90, "县道", "X"), (14, "乡道", "Y"))
VILLAGE_ROAD = ("村道", "C")


def roads(plan: Plan) -> geopandas.GeoDataFrame:
    """Return the stretches of road between the seats of the filled cells."""
    seats = in_metres(seats_of(plan))
    pairs, costs = _possible(plan, seats)
    chosen_pairs = _network(plan, seats, pairs, costs)
    load = _load(plan, chosen_pairs, seats)
    lines = shapely.multilinestrings(
        bent_lines(seats[chosen_pairs], plan.terrain)[:, np.newaxis]
    )
    classes = [_class(int(one)) for one in load]
    codes = plan.cells["code"].to_numpy()
    frame = geopandas.GeoDataFrame(
        {
            "code": [
                f"{letter}{at:05}{codes[a][6:9]}"
                for at, ((a, _), (_, letter)) in enumerate(
                    zip(chosen_pairs.tolist(), classes, strict=True), start=1
                )
            ],
            "class": [one for one, _ in classes],
        },
        geometry=lines,
        crs=crs.STORED,
    ).rename_geometry("geom")
    frame.insert(1, "name", _names(plan, chosen_pairs, classes))
    inside = np.isin(codes.astype("U9"), plan.township_codes)
    frame = frame[inside[chosen_pairs].all(axis=1)].reset_index(drop=True)
    frame.insert(0, "id", np.arange(1, len(frame) + 1))
    return frame


def seats_of(plan: Plan) -> Numbers:
    """Return the seat of each cell of the plan, degrees."""
    inner = shapely.point_on_surface(np.asarray(plan.cells["geom"].array))
    return np.asarray(np.round(shapely.get_coordinates(inner), DECIMALS))


def _possible(plan: Plan, seats: Numbers) -> tuple[Counts, Numbers]:
    """Return all pairs of neighbouring seats, and what a road between them costs."""
    corners = Delaunay(seats).simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    lengths = np.hypot(*(seats[pairs[:, 0]] - seats[pairs[:, 1]]).T)
    pairs, lengths = pairs[lengths < LONGEST_M], lengths[lengths < LONGEST_M]
    middles = seats[pairs].mean(axis=1)
    steep = plan.terrain.slopes(middles, 150.0) / 8
    wet = (plan.terrain.river_m(middles) < 600.0) * 1.2  # noqa: PLR2004 - bridges cost
    return pairs, lengths * (1 + steep + wet)


def _network(plan: Plan, seats: Numbers, pairs: Counts, costs: Numbers) -> Counts:
    """Keep a spanning tree, straight ways to the towns, and some short cuts."""
    graph = csr_array((costs, (pairs[:, 0], pairs[:, 1])), shape=(len(seats),) * 2)
    tree = minimum_spanning_tree(graph).tocoo()
    kept = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    towns = in_metres(np.array(plan.townships["seat"].tolist()))
    ends = [int(np.hypot(*(seats - town).T).argmin()) for town in towns]
    _, before = dijkstra(
        graph, directed=False, indices=_middle(plan, seats), return_predecessors=True
    )
    for end in ends:
        at = end
        while before[at] >= 0:
            kept.add((min(at, int(before[at])), max(at, int(before[at]))))
            at = int(before[at])
    is_kept = np.array([tuple(pair) in kept for pair in pairs.tolist()])
    order = np.argsort(np.where(is_kept, np.inf, costs), kind="stable")
    # Every third of the cheap ones, so that short cuts are spread over the county.
    extra = order[: int(3 * EXTRA_SHARE * is_kept.sum()) : 3]
    is_kept[extra] = True
    return np.asarray(pairs[is_kept])


def _middle(plan: Plan, seats: Numbers) -> int:
    """Return the cell at the county seat."""
    return int(np.hypot(*(seats - plan.terrain.seat).T).argmin())


def _load(plan: Plan, pairs: Counts, seats: Numbers) -> Counts:
    """Count for each stretch the cells whose shortest way to the seat uses it."""
    count = len(seats)
    lengths = np.hypot(*(seats[pairs[:, 0]] - seats[pairs[:, 1]]).T)
    graph = csr_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    far, before = dijkstra(
        graph, directed=False, indices=_middle(plan, seats), return_predecessors=True
    )
    below = np.ones(count, dtype=np.int64)
    for at in np.argsort(-np.where(np.isinf(far), -1, far), kind="stable").tolist():
        if before[at] >= 0:
            below[before[at]] += below[at]
    parents = {(at, int(before[at])): int(below[at]) for at in range(count)}
    return np.array(
        [parents.get((a, b), parents.get((b, a), 0)) for a, b in pairs.tolist()]
    )


def _class(load: int) -> tuple[str, str]:
    for least, name, letter in CLASSES:
        if load >= least:
            return name, letter
    return VILLAGE_ROAD


def _names(
    plan: Plan, pairs: Counts, classes: list[tuple[str, str]]
) -> list[str | None]:
    stems = plan.cells["name"].str.replace(r"[0-9]*网格$", "", regex=True).to_numpy()
    towns = (
        plan.cells["code"]
        .str[:9]
        .map(plan.townships.set_index("code")["name"].str.rstrip("镇乡"))
        .to_numpy()
    )
    names: list[str | None] = []
    for (a, b), (kind, letter) in zip(pairs.tolist(), classes, strict=True):
        if letter in "GS":
            names.append({"G": "国道G000线", "S": "省道S000线"}[letter])
        elif kind == "县道":
            names.append(f"{towns[a]}线")
        elif stems[a] != stems[b]:
            names.append(f"{stems[a].rstrip('村')}至{stems[b].rstrip('村')}公路")
        else:
            names.append(f"{stems[a]}通组公路")
    return names
