"""Townships, villages and cells as one coverage: checked before, renewed after."""

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas
import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql

from gis_service import crs
from gis_service.grid import coverage
from gis_service.grid.attachment import reattach
from gis_service.grid.coverage import Fault
from gis_service.intake.findings import Finding, Findings

PARENTS = {
    "divisions.villages": ("divisions.townships", 9),
    "grid.cells": ("divisions.villages", 12),
}
SLIVER_M2 = 1.0
NARROW_M = 0.5
"""A straight edge drawn in metres is not straight in degrees: a vertex of one side
only then stands centimetres off, and makes a sliver kilometres long."""

OUTSIDE_M, OUTSIDE_SHARE = 1.0, 0.01
ADVICE = "请在原图中改正后重新导入 (mend it in the source)"

Driver = psycopg.Connection[Any]


class StagedAreas:
    """The staged areas of a coverage together with their stored neighbours."""

    def __init__(self, connection: Driver, table: str) -> None:
        self._connection, self._table = connection, table
        unit = " AND kind <> 'unit'" if table == "grid.cells" else ""
        self._staged = self._read(
            "SELECT code, ST_AsBinary(geom), row_no FROM staged"  # noqa: S608 - our own names
            f" WHERE NOT is_refused{unit} ORDER BY code"
        )
        self._stored = self._read(self._siblings(unit))

    def check(self, findings: Findings) -> None:
        """Mend slivers, refuse overlaps and what leaves its parent, list gaps."""
        if not len(self._staged):
            return
        self._mend(findings)
        refused: set[str] = set()
        for fault in coverage.check(self._all(), self._parents(), ignored_m2=SLIVER_M2):
            refused |= self._tell(fault, findings)
        numbers = self._staged["row_no"][self._staged["code"].isin(refused)].tolist()
        self._connection.execute(
            "UPDATE staged SET is_refused = true WHERE row_no = ANY(%s)", [numbers]
        )

    def _tell(self, fault: Fault, findings: Findings) -> set[str]:
        """Note one fault; return the staged codes it refuses."""
        staged = [code for code in fault.codes if code in self._rows]
        if not staged and fault.kind != "gap":
            return set()  # Between stored areas: the file is not to blame.
        words = "、".join(fault.codes) or (fault.parent_code or "")
        size = f"{fault.area_m2:.1f} m²"
        messages = {
            "overlap": f"{words} 相互重叠 {size} (overlap)",
            "gap": f"{words} 之间有缝隙或空洞 {size} (gap)",
            "outside_parent": f"超出上级 {fault.parent_code} 边界 {size}"
            " (leaves its parent)",
            "no_parent": "上级区划不在库中,请先导入 (its parent is not known)",
            "invalid": "图形无效 (invalid)",
        }
        is_narrow = fault.kind in {"overlap", "gap"} and _is_narrow(fault.geom)
        if is_narrow and fault.kind == "gap":
            return set()
        is_refused = fault.kind in {"overlap", "no_parent", "invalid"} and not is_narrow
        if fault.kind == "outside_parent":
            share = fault.area_m2 / max(self._area_m2(staged[0]), 1e-9)
            is_refused = share > OUTSIDE_SHARE
            if not is_refused and _is_narrow(fault.geom, OUTSIDE_M):
                return set()
        severity = "refused" if is_refused else "warned"
        concerned: list[str | None] = [*staged] or [None]
        for code in concerned:
            row_no = None if code is None else self._rows[code]
            findings.add(
                Finding(
                    row_no, "几何", f"coverage_{fault.kind}",
                    "refused" if is_refused else "warned",
                    code, messages[fault.kind], ADVICE,
                )
            )  # fmt: skip
        return set(staged) if severity == "refused" else set()

    def _mend(self, findings: Findings) -> None:
        """Close slivers of up to a square metre by snapping the areas together."""
        together = self._all()
        shapes = np.asarray(together.geometry, dtype=object)
        if not shapely.is_valid(shapes).all():
            return
        if not coverage.check(together, self._parents(), ignored_m2=0.001):
            return
        tidy = np.asarray(
            shapely.coverage_clean(shapes, gap_width=SLIVER_DEG), dtype=object
        )
        moved_m2 = _area_m2(shapely.symmetric_difference(shapes, tidy))
        far_m = shapely.hausdorff_distance(_metric(shapes), _metric(tidy))
        is_small = (moved_m2 <= SLIVER_M2) | (far_m <= NARROW_M)
        changed = (moved_m2 > 0) & is_small & ~shapely.is_empty(tidy)
        for at in np.flatnonzero(changed):
            code = str(together["code"].iloc[at])
            if code not in self._rows:
                continue
            self._connection.execute(
                "UPDATE staged SET geom = ST_Multi(ST_GeomFromWKB(%s, %s))"
                " WHERE row_no = %s",
                [shapely.to_wkb(tidy[at]), crs.STORED, self._rows[code]],
            )
            message = (
                f"与相邻面的细缝或重叠 {moved_m2[at]:.2f} m² 已修复 (sliver mended)"
            )
            findings.add(
                Finding(
                    self._rows[code],
                    "几何",
                    "coverage_sliver",
                    "fixed",
                    code,
                    message,
                    "请核对",
                )
            )
            self._staged.loc[self._staged["code"] == code, "geometry"] = tidy[at]

    @property
    def _rows(self) -> dict[str, int]:
        return dict(zip(self._staged["code"], self._staged["row_no"], strict=True))

    def _all(self) -> geopandas.GeoDataFrame:
        joined = [*self._staged["code"], *self._stored["code"]]
        shapes = [*self._staged.geometry, *self._stored.geometry]
        return geopandas.GeoDataFrame({"code": joined}, geometry=shapes, crs=crs.STORED)

    def _siblings(self, unit: str) -> str:
        length = PARENTS[self._table][1] if self._table in PARENTS else 6
        return (
            f"SELECT code, ST_AsBinary(geom), 0 FROM {self._table}"  # noqa: S608 - our own names
            f" WHERE valid_to IS NULL{unit}"
            " AND code NOT IN (SELECT code FROM staged WHERE NOT is_refused)"
            f" AND left(code, {length}) IN"
            f" (SELECT left(code, {length}) FROM staged WHERE NOT is_refused)"
        )

    def _parents(self) -> geopandas.GeoDataFrame | None:
        if self._table not in PARENTS:
            return None
        table, length = PARENTS[self._table]
        return self._read(
            f"SELECT code, ST_AsBinary(geom), 0 FROM {table}"  # noqa: S608 - our own names
            " WHERE valid_to IS NULL"
            f" AND code IN (SELECT left(code, {length}) FROM staged"
            " WHERE NOT is_refused)"
        )

    def _read(self, query: str) -> geopandas.GeoDataFrame:
        rows = self._connection.execute(query.encode()).fetchall()
        return geopandas.GeoDataFrame(
            {"code": [row[0] for row in rows], "row_no": [row[2] for row in rows]},
            geometry=shapely.from_wkb([bytes(row[1]) for row in rows]),
            crs=crs.STORED,
        )

    def _area_m2(self, code: str) -> float:
        own = self._staged.geometry[self._staged["code"] == code].iloc[0]
        return float(_area_m2(np.array([own], dtype=object))[0])


SLIVER_DEG = 1e-5
"""Gaps up to a metre wide are closed."""


def renew(
    connection: Driver, table: str, codes: Sequence[str], county: tuple[str, str]
) -> int:
    """Renew what follows from areas that changed; return how many things moved.

    Draws the bands anew, keeps the county the union of its townships, and gives the
    things in the villages concerned their new codes, all in the caller's transaction.
    """
    if not codes:
        return 0
    coverage.renew_bands(connection, table, list(codes))
    if table == "divisions.townships":
        _keep_county(connection, *county)
    villages = sorted({code[:12] for code in codes if len(code) >= 12})  # noqa: PLR2004 - a village
    if table == "divisions.townships":
        villages = _villages_of(connection, codes)
    return reattach(connection, villages).total if villages else 0


def _villages_of(connection: Driver, townships: Iterable[str]) -> list[str]:
    rows = connection.execute(
        "SELECT code FROM divisions.villages WHERE valid_to IS NULL"
        " AND left(code, 9) = ANY(%s) ORDER BY code",
        [list(townships)],
    )
    return [row[0] for row in rows]


def _keep_county(connection: Driver, code: str, name: str) -> None:
    shapes = [
        bytes(row[0])
        for row in connection.execute(
            "SELECT ST_AsBinary(geom) FROM divisions.townships"
            " WHERE valid_to IS NULL AND left(code, 6) = %s",
            [code],
        )
    ]
    if not shapes:
        connection.execute("DELETE FROM divisions.counties WHERE code = %s", [code])
        return
    whole = shapely.union_all(shapely.from_wkb(shapes))
    values = {
        "code": code,
        "name": name,
        "wkb": shapely.to_wkb(whole),
        "srid": crs.STORED,
    }
    connection.execute(
        "INSERT INTO divisions.counties (code, name, geom)"
        " VALUES (%(code)s, %(name)s, ST_Multi(ST_GeomFromWKB(%(wkb)s, %(srid)s)))"
        " ON CONFLICT (code) WHERE valid_to IS NULL DO UPDATE SET geom = excluded.geom",
        values,
    )
    coverage.renew_bands(connection, "divisions.counties", [code])


def changed_codes(
    connection: Driver, table: str, batch_ids: Sequence[int]
) -> list[str]:
    """Return the codes of the areas that some batches wrote last."""
    query = sql.SQL("SELECT code FROM {} WHERE batch_id = ANY(%s)").format(
        sql.Identifier(*table.split("."))
    )
    return [row[0] for row in connection.execute(query, [list(batch_ids)])]


def _is_narrow(shape: Any, width_m: float = NARROW_M) -> bool:  # noqa: ANN401 - shapely has no types
    """Tell whether a piece is nowhere wider than some metres."""
    piece = _metric(np.array([shape], dtype=object))[0]
    return bool(shapely.is_empty(shapely.buffer(piece, -width_m / 2)))


def _metric(shapes: NDArray[Any]) -> NDArray[Any]:
    move = crs.transformer(crs.STORED, crs.METRIC)
    return np.asarray(shapely.transform(shapes, move.transform, interleaved=False))


def _area_m2(shapes: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(shapely.area(_metric(shapes)), dtype=np.float64)
