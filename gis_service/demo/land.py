"""Parcels and buildings of the demo county.

A cell carries one lattice of quadrangles, turned the way its houses stand. Blocks of
the lattice become fields, orchards or woods; neighbours share their corners, so parcels
of a cell never overlap. Homesteads stand apart, in the hamlets the lattice leaves out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.demo import county
from gis_service.demo.shapes import DECIMALS, Frame, in_metres
from gis_service.demo.streams import Counts, Numbers, Streams, chosen, normal
from gis_service.demo.yards import Texts, Yard, Yards

TOTAL = 322_000
"""Parcels looked for; cells without room hold fewer, 300,000 in all."""

FIELD_M, FIELD_WIDE_M = 46.0, 27.0
BLOCK = 4
"""A block is this many fields long and wide."""

HALF_BLOCK_M = 88.0
"""Half the diagonal of a block, its length drawn in as hamlets are (``STRETCH``)."""

MOST_BLOCKS_ACROSS = 40
HOMESTEAD_SHARE = 0.3
HOMESTEAD_M = (17.0, 15.0)
SURVEYED_FROM, SURVEYED_DAYS = np.datetime64("2016-03-01"), 1400

# Kind, land use (GB/T 21010-2017), weight, parcels a block is cut into.
USES: tuple[tuple[str, str, float, int], ...] = (
    ("承包地", "0101", 0.34, 16),
    ("承包地", "0103", 0.22, 16),
    ("承包地", "0201", 0.05, 4),
    ("承包地", "0202", 0.05, 4),
    ("林地", "0301", 0.16, 1),
    ("林地", "0302", 0.08, 1),
    ("水面", "1104", 0.04, 4),
    ("集体建设", "0601", 0.02, 4),
    ("公共服务", "0809", 0.02, 4),
    ("其他", "1202", 0.02, 4),
)
HOMESTEAD = ("宅基地", "0702")


ROOMY_KM2 = 0.55
"""Ground of a cell above which its parcels are as many as its people ask for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Parcels of a cell: rings in degrees and what they are."""

    rings: Numbers
    use: Counts


@dataclass(frozen=True, slots=True)
class Lots:
    """Parcels of many cells, cell by cell: how many each holds, and what they are."""

    held: Counts
    owner: Counts
    rings: Numbers
    use: Counts
    draws: Numbers


def square_km(cells: Frame) -> Numbers:
    """Return the ground of cells in square kilometres."""
    shapes = shapely.transform(np.asarray(cells["geom"].array), in_metres)
    return np.asarray(shapely.area(shapes) / 1e6)


def weights(registered: Numbers, ground_km2: Numbers) -> Numbers:
    """Return how parcels spread over cells: with people, where there is room."""
    room = np.clip(ground_km2 / ROOMY_KM2, 0.02, 1.0)
    return np.asarray((registered + 60.0) ** 0.5 * room)


def parcels(
    yards: Yards, counts: Counts, homes: pd.DataFrame, streams: Streams
) -> pd.DataFrame:
    """Return the parcels of some cells, so many in each.

    Parameters
    ----------
    homes
        Households as they are stored, with ``id`` and ``grid_code``, sorted by it:
        some hold a parcel.
    """
    lots = [_field_lots(yards, counts, streams)]
    lots.append(_homestead_lots(yards, counts - lots[0].held, streams))
    frames = [_described(yards, one, homes) for one in lots]
    return pd.concat(frames, ignore_index=True)


def _field_lots(yards: Yards, counts: Counts, streams: Streams) -> Lots:
    """Cut fields and woods, up to what homesteads leave of each cell's count."""
    grounds = []
    for yard, count in zip(yards.each, counts.tolist(), strict=True):
        homesteads = min(int(count * HOMESTEAD_SHARE), len(yard.houses))
        grounds.append(_fields(yard, count - homesteads, streams))
    held = np.array([len(ground.use) for ground in grounds])
    owner, draws = yards.drawn(streams, "fields", held, 5)
    rings = np.concatenate([ground.rings for ground in grounds])
    use = np.concatenate([ground.use for ground in grounds])
    return Lots(held, owner, rings, use, draws)


def _homestead_lots(yards: Yards, counts: Counts, streams: Streams) -> Lots:
    """Lay a homestead around the first houses of each cell."""
    built = np.array([len(yard.houses) for yard in yards.each])
    held = np.minimum(counts, built)
    owner, draws = yards.drawn(streams, "homesteads", held, 5)
    places = [
        yard.houses[:one] for yard, one in zip(yards.each, held.tolist(), strict=True)
    ]
    sides_m = np.full((len(owner), 2), HOMESTEAD_M)
    rings = yards.rectangles(owner, np.concatenate(places), sides_m)
    return Lots(held, owner, rings, np.full(len(owner), len(USES)), draws)


def _described(yards: Yards, lots: Lots, homes: pd.DataFrame) -> pd.DataFrame:
    owner, draws = lots.owner, lots.draws
    first = np.cumsum(lots.held) - lots.held
    number: Counts = np.arange(len(owner)) - first[owner] + 1
    group: Counts = yards.first_group[owner] + number % yards.group_count[owner]
    kinds = [*(row[0] for row in USES), HOMESTEAD[0]]
    land_uses = [*(row[1] for row in USES), HOMESTEAD[1]]
    kind = np.array(kinds, dtype=object)[lots.use]
    return pd.DataFrame(
        {
            "grid_code": yards.code[owner],
            "code": _codes(yards, owner, kind, group, number),
            "scheme": np.select(
                [kind == "承包地", kind == "宅基地"], ["cbd19", "bdc28"], "local"
            ),
            "kind": kind,
            "land_use": np.array(land_uses, dtype=object)[lots.use],
            "land_use_edition": "2017",
            "tenure": np.where(kind == "公共服务", "G", "J"),
            "area_contract_mu": _contract_mu(lots.rings, yards.scale[owner], draws),
            "holder_household_id": _holders(yards, owner, kind, homes, draws[:, 3]),
            "village_code": yards.village_code[owner],
            "group_no": group,
            "surveyed_on": SURVEYED_FROM + (draws[:, 4] * SURVEYED_DAYS).astype(int),
            "geom": shapely.multipolygons(shapely.polygons(lots.rings)[:, np.newaxis]),
        }
    )


def _fields(yard: Yard, count: int, streams: Streams) -> Ground:
    """Cut blocks of the lattice into parcels, the best blocks first."""
    east_m, north_m = _extent_m(yard)
    across = int(min(max(east_m, north_m) / (BLOCK * FIELD_M) + 2, MOST_BLOCKS_ACROSS))
    places, corners = _lattice(yard, across, streams)
    middle = places.mean(axis=1)
    home_m = np.min([yard.hamlet_m(middle, group) for group in yard.groups], axis=0)
    draws = streams.rows("blocks", yard.code, (len(middle), 2))
    worth = home_m * (0.6 + 0.8 * draws[:, 0])
    worth[home_m < yard.reach_m + HALF_BLOCK_M] = np.inf
    inside = shapely.contains(yard.shape, shapely.polygons(places))
    order = [at for at in np.argsort(worth, kind="stable").tolist() if inside[at]]
    use = chosen(draws[:, 1], [row[2] for row in USES])
    rings: list[Numbers] = []
    uses: list[int] = []
    for at in order:
        if len(uses) >= count or np.isinf(worth[at]):
            break
        cut = _cut(corners[at], USES[use[at]][3])
        rings.append(cut)
        uses.extend([int(use[at])] * len(cut))
    empty = np.empty((0, 5, 2))
    return Ground(
        np.concatenate([empty, *rings])[:count], np.array(uses[:count], dtype=int)
    )


def _extent_m(yard: Yard) -> tuple[float, float]:
    west, south, east, north = yard.shape.bounds
    east_m, north_m = np.array([east - west, north - south]) * yard.scale
    return float(east_m), float(north_m)


def _lattice(yard: Yard, across: int, streams: Streams) -> tuple[Numbers, Numbers]:
    """Return the rings of all blocks, and the corners of the fields in them."""
    count = across * BLOCK + 1
    nudge = streams.rows("lattice", yard.code, (count * count, 2)) - 0.5
    steps = np.arange(count) - count / 2
    along, aside = np.meshgrid(
        steps * FIELD_M, steps * FIELD_WIDE_M * 1.2, indexing="ij"
    )
    # Gentle bends, as terraces follow a slope.
    aside = aside + 14 * np.sin(along / 130 + yard.turn * 5)
    along = along + nudge[:, 0].reshape(count, count) * 9
    aside = aside + nudge[:, 1].reshape(count, count) * 7
    cos, sin = np.cos(yard.turn), np.sin(yard.turn)
    east, north = along * cos - aside * sin, along * sin + aside * cos
    west, south, right, top = yard.shape.bounds
    middle = np.array([(west + right) / 2, (south + top) / 2])
    grid = np.round(np.stack([east, north], axis=-1) / yard.scale + middle, DECIMALS)
    starts = [
        (i, j) for i in range(0, count - 1, BLOCK) for j in range(0, count - 1, BLOCK)
    ]
    corners = np.array([grid[i : i + BLOCK + 1, j : j + BLOCK + 1] for i, j in starts])
    return _rim(corners), corners


def _rim(corners: Numbers) -> Numbers:
    """Return the ring around blocks of lattice corners (n, k, k, 2)."""
    return np.concatenate(
        [
            corners[:, :-1, 0],
            corners[:, -1, :-1],
            corners[:, :0:-1, -1],
            corners[:, 0, ::-1],
        ],
        axis=1,
    )


def _cut(corners: Numbers, pieces: int) -> Numbers:
    """Cut a block into 16 fields, 4 quarters, or leave it whole; four corners each."""
    step = {16: 1, 4: 2, 1: 4}[pieces]
    thin = corners[::step, ::step]
    rings = [
        [thin[i, j], thin[i + 1, j], thin[i + 1, j + 1], thin[i, j + 1], thin[i, j]]
        for i in range(len(thin) - 1)
        for j in range(len(thin) - 1)
    ]
    return np.array(rings)


def _codes(
    yards: Yards, owner: Counts, kind: Texts, group: Counts, number: Counts
) -> list[str]:
    """Write the code of each parcel in the scheme of its kind (GB/T 35958, 37346)."""
    return [
        f"{code[:12]}{one_group:02}{int(code[12:]) % 100:02}{one:03}"
        if one_kind == "承包地"
        else f"{county.CODE}{serial:06}JC{one:05}F00010001"
        if one_kind == "宅基地"
        else f"{code}L{one:05}"
        for code, serial, one_kind, one_group, one in zip(
            yards.code[owner],
            yards.serial[owner].tolist(),
            kind,
            group.tolist(),
            number.tolist(),
            strict=True,
        )
    ]


def _contract_mu(rings: Numbers, scale: Numbers, draws: Numbers) -> Numbers:
    """Return areas by record: mostly within 5 % of the measured, some far off."""
    x, y = np.moveaxis(rings * scale[:, np.newaxis, :], -1, 0)
    area_m2 = np.abs((x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]).sum(axis=1)) / 2
    is_off = draws[:, 0] < 0.04  # noqa: PLR2004 - a share
    far_off = 0.25 * (draws[:, 1] - 0.5) + 0.2
    error = np.where(is_off, far_off, 0.03 * normal(draws[:, 2]))
    area_mu = area_m2 / crs.MU_M2 * (1 + error)
    return np.asarray(np.round(np.maximum(area_mu, 0.01), 2))


def _holders(
    yards: Yards, owner: Counts, kind: Texts, homes: pd.DataFrame, draw: Numbers
) -> pd.api.extensions.ExtensionArray:
    """Pick a household of the same cell for each parcel that families hold."""
    codes = homes["grid_code"].to_numpy(dtype=object).astype(str)
    cells = yards.code[owner].astype(str)
    first = np.searchsorted(codes, cells, side="left")
    count = np.searchsorted(codes, cells, side="right") - first
    at = np.minimum(first + (draw * count).astype(int), len(homes) - 1)
    has_holder = np.isin(kind.astype(str), ["承包地", "宅基地"]) & (count > 0)
    picked = pd.Series(homes["id"].to_numpy()[at], dtype="Int64")
    return picked.where(has_holder).array
