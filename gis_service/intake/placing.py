"""Where the rows of a slice lie: the file's coordinates, ours, and the cell."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from gis_service import crs, offsets
from gis_service.intake import coordinates, repairing
from gis_service.intake.checking import Slice, objects
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.findings import Finding

OLD_DATUMS = re.compile(
    r"beijing.?1954|beijing_?54|xian.?1980|xian_?80|xi'an|西安80|北京54|krassovsk|new.?beijing",
    re.IGNORECASE,
)
SHIFTS = {"gcj02": offsets.gps_from_gcj02, "bd09": offsets.gps_from_bd09}

SAMPLED_ROWS = 400
"""Rows of each slice that are tried both ways, with and without the offset."""

BETTER_SHARE, MIXED_SHARE, ENOUGH = 0.20, 0.10, 20
SHAPE_TITLE = "几何"


@dataclass(slots=True)
class Frame:
    """The coordinates of a file: what they are, and what was seen of them so far.

    Parameters
    ----------
    name
        ``EPSG:n`` or other text of a CRS, ``gcj02``, ``bd09``.
    """

    name: str
    is_swapped: bool = False
    tried: int = 0
    inside_as_is: int = 0
    inside_shifted: int = 0
    only_as_is: int = 0
    only_shifted: int = 0
    has_looked: bool = False
    notes: list[Finding] = field(default_factory=list)

    @property
    def is_geographic(self) -> bool:
        """Tell whether the coordinates are degrees."""
        return self.name in SHIFTS or bool(
            pyproj.CRS.from_user_input(self.name).is_geographic
        )

    def to_stored(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Return geometries of the file in EPSG:4490."""
        if self.is_swapped:
            shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
        shift = SHIFTS.get(self.name)
        if shift is not None:
            return np.asarray(shapely.transform(shapes, shift, interleaved=False))
        move = crs.transformer(self.name, crs.STORED)
        if self.name in {f"EPSG:{crs.STORED}", f"EPSG:{crs.GPS}"}:
            return shapes
        return np.asarray(shapely.transform(shapes, move.transform, interleaved=False))


def frame_of(declared: str | None, told: str | None, *, is_swapped: bool) -> Frame:
    """Return the coordinates of a file from what was declared and what it tells.

    Raises
    ------
    FileRefusedError
        When neither says, when it is Beijing 1954 or Xi'an 1980, or unknown.
    """
    for text in (told, declared):
        if (text is not None and OLD_DATUMS.search(text)) or _is_old(text):
            message = (
                "北京54、西安80坐标不能直接换算(误差可达百米),请先转为 CGCS2000"
                " (Beijing 1954 and Xi'an 1980 are not converted)"
            )
            raise FileRefusedError(message, reason="crs")
    if declared is not None and declared.lower() in SHIFTS:
        return Frame(declared.lower(), is_swapped)
    name = declared or told
    if name is None:
        message = (
            "文件没有说明坐标系,请用 --crs 指定: EPSG:4490、EPSG:4546、gcj02、bd09"
            " (declare the CRS by --crs)"
        )
        raise FileRefusedError(message, reason="crs")
    try:
        found = pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        message = f"坐标系 {name[:40]} 无法识别 (unknown CRS)"
        raise FileRefusedError(message, reason="crs") from error
    code = found.to_epsg(min_confidence=70)
    frame = Frame(f"EPSG:{code}" if code else found.to_wkt(), is_swapped)
    if declared and told and not _agree(declared, told):
        message = (
            f"文件自带坐标系与声明的 {declared} 不同,按声明处理 (declared CRS used)"
        )
        advice = "请核对 .prj (check the .prj)"
        frame.notes.append(
            Finding(None, None, "crs_overridden", "warned", None, message, advice)
        )
    return frame


def look(frame: Frame, shapes: NDArray[Any], rows: pd.DataFrame) -> None:
    """Look at the first points of a file: swapped, or metres where degrees belong.

    Raises
    ------
    FileRefusedError
        When the whole file is written otherwise than it is declared.
    """
    if frame.has_looked or not frame.is_geographic:
        return
    x, y = _any_points(shapes, rows)
    if not np.isfinite(x).any():
        return
    frame.has_looked = True
    kind = coordinates.layout(x, y)
    if kind == "swapped" and not frame.is_swapped:
        message = (
            "整个文件的经度和纬度写反了;确认后加 --swap 重新导入"
            " (longitude and latitude are swapped; confirm by --swap)"
        )
        raise FileRefusedError(message, reason="coordinates")
    if kind in {"metres", "zone"}:
        likely = coordinates.suggestion(x, kind)
        message = (
            f"坐标是米而不是度,疑似 CGCS2000 高斯-克吕格投影,请核对后用 --crs {likely}"
            " 导入 (metres in a column of degrees)"
        )
        raise FileRefusedError(message, reason="coordinates")
    if kind == "degrees" and frame.is_swapped:
        message = "坐标没有写反,请去掉 --swap (not swapped)"
        raise FileRefusedError(message, reason="coordinates")


def from_columns(part: Slice) -> NDArray[Any]:
    """Return points of the columns of longitude and latitude, or shapes of WKT."""
    if part.has("wkt"):
        texts = objects(part.texts("wkt"))
        shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
        lost = np.array([one is not None for one in texts]) & shapely.is_missing(shapes)
        message = "WKT 无法读取 (cannot be read as WKT)"
        part.refuse(lost, "wkt", "geometry_unreadable", message, repairing.ADVICE)
        return shapes
    count = len(part.rows)
    if not (part.has("lon") and part.has("lat")):
        return np.full(count, None, dtype=object)
    lon = part.rows["lon"].to_numpy("float64")
    lat = part.rows["lat"].to_numpy("float64")
    _tell_missing(part, np.isnan(lon) != np.isnan(lat))
    there = np.isfinite(lon) & np.isfinite(lat)
    shapes = np.full(count, None, dtype=object)
    shapes[there] = shapely.points(lon[there], lat[there])
    return shapes


def without_zeros(part: Slice, shapes: NDArray[Any]) -> NDArray[Any]:
    """Take points out whose longitude or latitude is zero: nobody surveyed them."""
    # No county of China lies on the equator or on the meridian of Greenwich.
    zero = (shapely.get_x(shapes) == 0) | (shapely.get_y(shapes) == 0)
    _tell_missing(part, zero)
    kept = shapes.copy()
    kept[zero] = None
    return kept


def _tell_missing(part: Slice, missing: NDArray[np.bool_]) -> None:
    name = "lon" if part.has("lon") else "__shape"
    message = "缺少坐标:为零或只有一半 (no coordinates: zero, or only one)"
    tell = part.refuse if part.thing.is_shape_required else part.warn
    advice = "请补采坐标 (survey it)"
    tell(missing & ~part.refused, name, "coordinate_missing", message, advice)


def to_stored(frame: Frame, part: Slice, shapes: NDArray[Any]) -> NDArray[Any]:
    """Return the geometries of a slice in EPSG:4490, refusing what lies nowhere."""
    moved = np.array(frame.to_stored(shapes), dtype=object)
    bounds = shapely.bounds(moved)
    there = ~shapely.is_missing(moved)
    low, high = (-180, -90, -180, -90), (180, 90, 180, 90)
    outside = there & ~((bounds >= low) & (bounds <= high)).all(axis=1)
    message = "坐标不在该坐标系范围内 (coordinates out of range)"
    advice = "请核对坐标和 --crs (check coordinates and CRS)"
    part.refuse(outside, "__shape", "coordinate_range", message, advice)
    moved[outside] = None
    return moved


def suspect(frame: Frame, part: Slice) -> None:
    """Try some points with and without the GCJ-02 offset against their own village."""
    if frame.name in SHIFTS or not frame.is_geographic:
        return
    typed = part.texts("village_code").fillna(part.texts("typed_grid_code").str[:12])
    claimed = typed.to_numpy(object, na_value="")
    there = ~shapely.is_missing(part.shapes) & (claimed != "")
    at = np.flatnonzero(there)
    at = at[:: max(1, len(at) // SAMPLED_ROWS)][:SAMPLED_ROWS]
    if not len(at):
        return
    places = shapely.point_on_surface(part.shapes[at])
    lon, lat = shapely.get_x(places), shapely.get_y(places)
    codes = part.registers.cells_index.codes_at
    as_is = _starts(codes(lon, lat), claimed[at])
    shifted = _starts(codes(*offsets.gps_from_gcj02(lon, lat)), claimed[at])
    frame.tried += len(at)
    frame.inside_as_is += int(as_is.sum())
    frame.inside_shifted += int(shifted.sum())
    frame.only_as_is += int((as_is & ~shifted).sum())
    frame.only_shifted += int((shifted & ~as_is).sum())


def conclude(frame: Frame) -> list[Finding]:
    """Return what all the points together say about the offset.

    Raises
    ------
    FileRefusedError
        When offset and true coordinates are mixed in one file.
    """
    if frame.tried < ENOUGH:
        return frame.notes
    shares = (frame.inside_as_is / frame.tried, frame.inside_shifted / frame.tried)
    least = MIXED_SHARE * frame.tried
    if frame.only_as_is >= least and frame.only_shifted >= least:
        message = (
            f"疑似混有火星坐标:{frame.only_shifted} 个抽样点换算后才落入本村,"
            f"{frame.only_as_is} 个换算前落入;请按来源拆分文件 (mixed coordinates)"
        )
        raise FileRefusedError(message, reason="coordinates")
    if shares[1] - shares[0] < BETTER_SHARE:
        return frame.notes
    message = (
        f"疑似火星坐标(GCJ-02):落入本村的点 {shares[0]:.0%},换算后 {shares[1]:.0%}"
        " (looks like GCJ-02)"
    )
    advice = "请核对来源;若是,撤销本批次后用 --crs gcj02 重新导入"
    found = Finding(None, None, "gcj02_suspected", "warned", None, message, advice)
    return [*frame.notes, found]


def _starts(codes: Any, prefixes: Any) -> NDArray[np.bool_]:  # noqa: ANN401 - arrays
    pairs = zip(codes, prefixes, strict=True)
    return np.array([code.startswith(prefix) for code, prefix in pairs], bool)


def _any_points(
    shapes: NDArray[Any], rows: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    there = shapes[~shapely.is_missing(shapes)]
    if len(there):
        first = shapely.bounds(there)
        return first[:, 0], first[:, 1]
    if "lon" in rows and "lat" in rows:
        return rows["lon"].to_numpy("float64"), rows["lat"].to_numpy("float64")
    return np.array([np.nan]), np.array([np.nan])


def _is_old(text: str | None) -> bool:
    if text is None or text.lower() in SHIFTS:
        return False
    try:
        found = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return False
    return OLD_DATUMS.search(found.to_wkt()) is not None


def _agree(declared: str, told: str) -> bool:
    one, other = (pyproj.CRS.from_user_input(text) for text in (declared, told))
    same = {crs.STORED, crs.GPS}
    if {one.to_epsg(), other.to_epsg()} <= same:
        return True
    return bool(one.equals(other, ignore_axis_order=True))


def as_text(told: str | None) -> str | None:
    """Return a CRS as a person may read it: its code, else its name."""
    if told is None:
        return None
    if told.startswith("{"):
        return str(json.loads(told).get("name", ""))
    return told if len(told) < 20 else pyproj.CRS.from_user_input(told).name  # noqa: PLR2004 - a code
