"""What the demo county consists of, as frames ready to be stored, piece by piece.

Only a township is in memory at a time. Row numbers count through the county in the
order of storing: townships by code, then along a Hilbert curve (people: by cell first).
"""

from collections.abc import Iterator

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis_service.demo import (
    buildings,
    county,
    duties,
    land,
    matters,
    objects,
    people,
    records,
    registers,
    roads,
    sites,
    waters,
)
from gis_service.demo.houses import Settlement
from gis_service.demo.plan import Plan
from gis_service.demo.shapes import Frame, Shapes
from gis_service.demo.streams import Counts
from gis_service.demo.yards import Yards
from gis_service.people.sealing import ID_NUMBER, PHONE, Sealer

Piece = tuple[str, Frame]
"""A table and a frame of rows for it."""


class Content:
    """Makes the rows of a plan, table by table and township by township."""

    def __init__(self, plan: Plan, sealer: Sealer) -> None:
        self._plan = plan
        self._sealer = sealer
        self._next: dict[str, int] = {}
        self._river = waters.river(plan)
        self._settlement = Settlement(plan.terrain, plan.streams, self._river)
        self._chronicle = matters.Chronicle(plan.streams)
        self._village_names = dict(
            zip(plan.villages["code"], plan.villages["name"], strict=True)
        )
        self._quotas = self._shared_out()
        self._roads = roads.roads(plan)
        self._centers = sites.centers(plan)

    def _shared_out(self) -> pd.DataFrame:
        """Share parcels, objects and matters out over all cells of the county."""
        plan = self._plan
        full = plan.weighed()
        square_km = land.square_km(plan.cells)
        return pd.DataFrame(
            {
                "parcels": plan.quotas(land.TOTAL, land.weights(full, square_km)),
                "objects": plan.quotas(objects.TOTAL, objects.weights(full)),
                "matters": plan.quotas(matters.TOTAL, (full + 15) ** 0.8),
            }
        )

    def registers(self) -> Iterator[Piece]:
        """Yield divisions, cells, duties, roads, waters and centers."""
        plan = self._plan
        yield from registers.divisions(plan).items()
        yield "divisions.aliases", registers.aliases(plan)
        yield "grid.duties", duties.duties(plan)
        yield "land.roads", self._roads
        yield "land.waters", waters.waters(plan, self._river)
        yield "sites.centers", self._centers
        yield "sites.center_functions", sites.functions(plan, self._centers)

    def township(self, code: str) -> Iterator[Piece]:
        """Yield all that lies in a township."""
        plan = self._plan
        is_here = plan.cells["code"].str.startswith(code).to_numpy()
        cells = plan.cells[is_here]
        quotas = self._quotas[is_here]
        registered, floating = cells["registered"], cells["floating"]
        codes, nobody = cells["code"].tolist(), np.zeros(len(cells), dtype=np.int64)
        count = people.houses_needed(
            codes, registered.to_numpy(), floating.to_numpy(), plan.streams
        )
        most = people.houses_needed(
            codes, cells["full"].to_numpy(), nobody, plan.streams
        )
        yards = self._settlement.yards(cells, count, most)
        yield self._numbered(
            "divisions.villager_groups", registers.groups(yards, self._village_names)
        )
        yield self._candidates(code, yards)
        folk = people.folk(
            yards, registered.to_numpy(), floating.to_numpy(), plan.streams
        )
        homes, residents = self._stored_folk(folk)
        yield "people.households", homes
        yield "people.residents", residents
        yield self._land(
            "land.parcels",
            land.parcels(yards, quotas["parcels"].to_numpy(), homes, plan.streams),
        )
        yield self._land("land.buildings", buildings.buildings(yards, plan.streams))
        yield self._land(
            "objects.objects",
            objects.objects(yards, quotas["objects"].to_numpy(), plan.streams),
        )
        yield from self._matters(yards, quotas["matters"].to_numpy())

    def _candidates(self, code: str, yards: Yards) -> Piece:
        here = self._centers[self._centers["village_code"].str.startswith(code)]
        found = sites.candidates(self._plan, here, yards, self._roads)
        return self._numbered("sites.candidates", found)

    def _stored_folk(self, folk: people.Folk) -> tuple[pd.DataFrame, pd.DataFrame]:
        homes = folk.households
        homes["geom"] = shapely.points(homes["lon"], homes["lat"])
        rank = self._hilbert(homes["geom"])
        order = np.lexsort((homes["number"], rank, homes["grid_code"]))
        new_row = np.empty_like(order)
        new_row[order] = np.arange(len(order))
        homes = homes.iloc[order].reset_index(drop=True)
        first = self._taken("people.households", len(homes))
        village = homes["grid_code"].str[:12]
        stored = pd.DataFrame(
            {
                "id": first + np.arange(len(homes)),
                "grid_code": homes["grid_code"],
                "code": homes["grid_code"] + homes["number"].map("{:04}".format),
                "village_code": village,
                "group_no": homes["group_no"],
                "address": village.map(self._village_names)
                + homes["group_no"].astype(str)
                + "组"
                + (homes["house"] + 1).astype(str)
                + "号",
                "geom": homes["geom"],
            }
        )
        return stored, self._stored_residents(folk.residents, new_row, stored)

    def _stored_residents(
        self, residents: pd.DataFrame, new_row: Counts, homes: pd.DataFrame
    ) -> pd.DataFrame:
        row = new_row[residents["household"].to_numpy()]
        order = np.argsort(row, kind="stable")
        residents = residents.iloc[order].reset_index(drop=True)
        home = homes.iloc[row[order]].reset_index(drop=True)
        numbers = residents["id_number"].tolist()
        phones = [
            phone if isinstance(phone, str) else None
            for phone in residents["phone"].tolist()
        ]
        first = self._taken("people.residents", len(residents))
        return pd.DataFrame(
            {
                "id": first + np.arange(len(residents)),
                "grid_code": home["grid_code"],
                "household_id": home["id"],
                "id_number_sealed": self._sealer.seal(numbers, ID_NUMBER),
                "id_number_index": self._sealer.index(numbers),
                "phone_sealed": self._sealer.seal(phones, PHONE),
                "phone_index": self._sealer.index(phones, PHONE),
                **{name: residents[name] for name in records.RESIDENT_COLUMNS},
                "geom": home["geom"],
            }
        )

    def _matters(self, yards: Yards, counts: Counts) -> Iterator[Piece]:
        history = self._chronicle.histories(yards, counts, self._village_names)
        found, steps = history.matters, history.steps
        order = np.argsort(self._hilbert(found["geom"]), kind="stable")
        first = self._taken("matters.matters", len(found))
        number = np.empty(len(found), dtype=np.int64)
        number[order] = first + np.arange(len(found))
        found["id"] = number
        yield (
            "matters.matters",
            records.matters(found, self._plan.streams.seed).iloc[order],
        )
        steps["matter_id"] = number[steps["matter"].to_numpy()]
        codes = found["grid_code"].to_numpy()[steps["matter"].to_numpy()]
        steps.insert(0, "grid_code", codes)
        steps["at"] = records.universal(steps["at"])
        steps = steps.drop(columns="matter").sort_values(
            ["matter_id", "seq"], ignore_index=True
        )
        yield self._numbered("matters.steps", steps)

    def _land(self, table: str, frame: pd.DataFrame) -> Piece:
        inner = shapely.point_on_surface(np.asarray(frame["geom"]))
        order = np.argsort(self._hilbert(inner), kind="stable")
        return self._numbered(table, frame.iloc[order])

    def _hilbert(self, places: Shapes) -> Counts:
        west, south, east, north = county.EXTENT
        series = geopandas.GeoSeries(np.asarray(places))
        distance = series.hilbert_distance(total_bounds=(west, south, east, north))
        return np.asarray(distance.to_numpy(), dtype=np.int64)

    def _numbered(self, table: str, frame: pd.DataFrame) -> Piece:
        result = frame.reset_index(drop=True)
        first = self._taken(table, len(result))
        result.insert(0, "id", first + np.arange(len(result)))
        return table, result

    def _taken(self, table: str, count: int) -> int:
        """Return the first of so many new row numbers of a table."""
        first = self._next.get(table, 1)
        self._next[table] = first + count
        return first
