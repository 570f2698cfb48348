"""Piece by piece: name, clean, repair, check and place the rows of a file."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection

from gis_service.intake import cleaning, localities, placing, repairing
from gis_service.intake.checking import Slice
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Findings
from gis_service.intake.headers import RAGGED
from gis_service.intake.naming import PLACE, Naming
from gis_service.intake.options import Options
from gis_service.intake.registers import Registers
from gis_service.intake.request import FAULT, ROW_NO, SHAPE, Found
from gis_service.intake.totals import Totals, explain
from gis_service.people.sealing import Sealer


@dataclass(slots=True)
class Slicing:
    """What stays the same from slice to slice of one file."""

    connection: Connection
    thing: Thing
    names: Naming
    findings: Findings
    options: Options
    found: Found
    frame: placing.Frame | None = None
    registers: Registers = field(init=False)
    sealer: Sealer = field(init=False)
    totals: Totals = field(init=False)

    def __post_init__(self) -> None:
        """Read what the checks need, once for the file."""
        self.registers = Registers(self.connection, self.options.county_code)
        self.sealer = Sealer(self.options.master_key)
        self.totals = Totals(self.thing)
        if self.thing.shape and self._has_place():
            self.frame = placing.frame_of(
                self.options.crs, self.found.crs, is_swapped=self.options.is_swapped
            )

    def slice(self, batch: pa.RecordBatch) -> Slice:
        """Name, clean, repair, check and place the rows of one piece."""
        part, shapes = self._read(batch)
        cleaning.clean(part)
        self._locate(part, shapes)
        localities.read(part)
        if self.frame is not None and self.thing.is_placed:
            placing.suspect(self.frame, part)
        for check in self.thing.checks:
            check(part)
        if self.thing.is_placed:
            localities.attach(part)
        return part

    def _has_place(self) -> bool:
        by_columns = {"lon", "lat"} <= self.names.pairs.keys()
        return self.found.has_shape or by_columns or "wkt" in self.names.pairs

    def _read(self, batch: pa.RecordBatch) -> tuple[Slice, Any]:
        frame = batch.to_pandas()
        raw = pd.DataFrame(
            {name: frame[column] for name, column in self.names.pairs.items()}
        ).astype("str")
        row_nos = frame[ROW_NO].to_numpy(np.int32)
        faults = frame[FAULT].to_numpy(object, na_value=None)
        is_row = np.array([one is None for one in faults], bool)
        self.totals.add(raw[is_row])
        if not is_row.all():
            self.findings.extend(explain(faults, row_nos, raw, self.totals))
        # A row with too many columns is refused, not passed over: it counts.
        is_kept = is_row | (faults == RAGGED)
        raw = raw[is_kept].reset_index(drop=True)
        part = Slice(
            self.thing,
            self.names,
            self.options,
            self.registers,
            self.findings,
            self.sealer,
            row_nos[is_kept],
            raw,
        )
        part.refused = ~is_row[is_kept]
        part.has_place = self._has_place()
        part.shapes = np.full(len(raw), None, dtype=object)
        shapes = None
        if self.found.has_shape and self.thing.shape:
            wkb = frame[SHAPE].to_numpy(object, na_value=None)[is_kept]
            shapes = repairing.read(part, wkb)
        return part, shapes

    def _locate(self, part: Slice, shapes: Any) -> None:  # noqa: ANN401 - array or None
        if self.thing.shape is None:
            return
        if shapes is None or shapely.is_missing(shapes).all():
            by_columns = placing.from_columns(part)
            shapes = (
                by_columns
                if shapes is None
                else np.where(shapely.is_missing(shapes), by_columns, shapes)
            )
        shapes = placing.without_zeros(part, shapes)
        if self.frame is not None:
            placing.look(self.frame, shapes, part.rows)
            shapes = repairing.repair(part, shapes)
            part.shapes = placing.to_stored(self.frame, part, shapes)
        if self.thing.is_shape_required:
            lost = shapely.is_missing(part.shapes) & ~part.refused
            message = "缺少坐标或几何 (no place)"
            part.refuse(lost, PLACE, "place_missing", message, "请补坐标 (survey it)")
