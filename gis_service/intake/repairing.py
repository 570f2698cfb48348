"""Make geometries what a table can keep, and say what was done to each."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.intake.checking import Mask, Slice

Shapes = NDArray[Any]

MOST_VERTICES = 1_000_000
CHANGED_SHARE = 0.01
"""A repair may change the area by one percent, no more."""

KINDS = {"point": {0, 4}, "line": {1, 2, 5}, "area": {3, 6}, "any": set(range(7))}
WORDS = {"point": "点", "line": "线", "area": "面", "any": "点、线或面"}
ADVICE = "请在原图中改正 (mend it in the source)"


def read(part: Slice, wkb: NDArray[Any]) -> Shapes:
    """Return the geometries of WKB, refusing what cannot be one."""
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    given = np.array([one is not None for one in wkb])
    message = "几何无法读取:环不闭合、少于3点或为曲线 (cannot be read as a geometry)"
    lost = given & shapely.is_missing(shapes)
    part.refuse(lost, "__shape", "geometry_unreadable", message, ADVICE)
    return shapes


def repair(part: Slice, shapes: Shapes) -> Shapes:
    """Return geometries that are two-dimensional, valid and of the thing's kind.

    Coordinates are still those of the file.
    """
    many = shapely.get_num_coordinates(shapes) > MOST_VERTICES
    message = f"顶点超过 {MOST_VERTICES} 个 (too many vertices)"
    part.refuse(many, "__shape", "geometry_large", message, "请简化 (simplify it)")
    shapes = _without(shapes, many)
    shapes = _flat(part, shapes)
    shapes = _finite(part, shapes)
    shapes = _opened(part, shapes)
    shapes = _of_kind(part, shapes)
    return _valid(part, shapes)


def _without(shapes: Shapes, where: Mask) -> Shapes:
    """Return geometries with None in some places."""
    kept = shapes.copy()
    kept[where] = None
    return kept


def _flat(part: Slice, shapes: Shapes) -> Shapes:
    high = shapely.has_z(shapes) | shapely.has_m(shapes)
    part.fixed(high, "__shape", "z_dropped", "已去掉高程 (heights dropped)")
    return np.asarray(shapely.force_2d(shapes), dtype=object) if high.any() else shapes


def _finite(part: Slice, shapes: Shapes) -> Shapes:
    bounds = shapely.bounds(shapes)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    broken = there & ~np.isfinite(bounds).all(axis=1)
    if there.any():
        # Bounds pass over a NaN between numbers; count the coordinates themselves.
        every, owner = shapely.get_coordinates(shapes, return_index=True)
        broken[np.unique(owner[~np.isfinite(every).all(axis=1)])] = True
    message = "坐标含有 NaN 或无穷大 (coordinates are not finite)"
    part.refuse(broken, "__shape", "geometry_not_finite", message, ADVICE)
    return _without(shapes, broken)


def _opened(part: Slice, shapes: Shapes) -> Shapes:
    """Take the parts out of collections, which stand in for a multi-geometry."""
    nested = shapely.get_type_id(shapes) == 7  # noqa: PLR2004 - GeometryCollection
    if not nested.any():
        return shapes
    shapes = shapes.copy()
    for at in np.flatnonzero(nested):
        shapes[at] = _parts_of(shapes[at], part.thing.shape or "any")
    lost = nested & shapely.is_missing(shapes)
    message = f"几何集合中没有{WORDS[part.thing.shape or 'any']} (nothing of the kind)"
    part.refuse(lost, "__shape", "geometry_collection", message, ADVICE)
    message = "已从几何集合取出 (taken out of a collection)"
    part.fixed(nested & ~lost, "__shape", "geometry_opened", message)
    return shapes


def _parts_of(shape: Any, kind: str) -> Any:  # noqa: ANN401 - shapely has no types
    single = {"point": 0, "line": 1, "area": 3}.get(kind, 3)
    many = {
        0: shapely.multipoints,
        1: shapely.multilinestrings,
        3: shapely.multipolygons,
    }
    pieces, depth = [shape], 0
    while any(one.geom_type == "GeometryCollection" for one in pieces):
        pieces = list(shapely.get_parts(pieces))
        depth += 1
        if depth > 10:  # noqa: PLR2004 - nobody nests on purpose
            return None
    fitting = shapely.get_parts(pieces)
    fitting = fitting[shapely.get_type_id(fitting) == single]
    return many[single](fitting) if len(fitting) else None


def _of_kind(part: Slice, shapes: Shapes) -> Shapes:
    kind = part.thing.shape or "any"
    types = shapely.get_type_id(shapes)
    empty = shapely.is_empty(shapes)
    shapes = _without(shapes, empty)
    wrong = ~shapely.is_missing(shapes) & ~np.isin(types, list(KINDS[kind]))
    message = f"应为{WORDS[kind]} (wrong kind of geometry)"
    part.refuse(wrong, "__shape", "geometry_kind", message, ADVICE)
    shapes = _without(shapes, wrong)
    if kind == "point":
        several = (types == 4) & ~wrong & ~shapely.is_missing(shapes)  # noqa: PLR2004 - MultiPoint
        too_many = several & (shapely.get_num_geometries(shapes) > 1)
        message = "一行只能有一个点 (one point a row)"
        part.refuse(too_many, "__shape", "geometry_kind", message, ADVICE)
        shapes[several] = shapely.get_geometry(shapes[several], 0)
        shapes = _without(shapes, too_many)
    return shapes


def _valid(part: Slice, shapes: Shapes) -> Shapes:
    shapes = _without_repeats(part, shapes)
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    if not broken.any():
        return shapes
    at = np.flatnonzero(broken)
    before = shapes[at]
    mended = _kept_kind(
        np.asarray(shapely.make_valid(before, method="structure"), dtype=object),
        part.thing.shape or "any",
    )
    good = _alike(before, mended)
    shapes = shapes.copy()
    shapes[at] = _without(mended, ~good)
    message = "自相交已修复,面积变化小于1% (self-intersection mended)"
    part.fixed(_mask(at[good], shapes), "__shape", "geometry_mended", message)
    reasons = [
        f"图形无效且无法可靠修复: {_place(one)}"
        for one in shapely.is_valid_reason(before)
    ]
    words = np.full(len(shapes), None, dtype=object)
    words[at] = reasons
    part.each(
        _mask(at[~good], shapes),
        "__shape",
        ("refused", "geometry_invalid"),
        words,
        ADVICE,
    )
    return shapes


def _alike(before: Shapes, after: Shapes) -> Mask:
    """Tell which repairs keep the area, and for polygons the number of parts."""
    is_area = np.isin(shapely.get_type_id(before), [3, 6])
    # What a crossing ring covers is the sum of its faces; its signed area is not.
    covered = shapely.area(shapely.make_valid(before, method="linework"))
    signed = shapely.area(before)
    now = shapely.area(after)
    size = np.maximum(np.maximum(covered, signed), np.finfo(float).tiny)
    kept = (np.abs(now - covered) <= CHANGED_SHARE * size) & (
        np.abs(now - signed) <= CHANGED_SHARE * size
    )
    parts = shapely.get_num_geometries(after) == shapely.get_num_geometries(before)
    return np.asarray(~shapely.is_missing(after) & (~is_area | (kept & parts)))


def _kept_kind(shapes: Shapes, kind: str) -> Shapes:
    nested = shapely.get_type_id(shapes) == 7  # noqa: PLR2004 - GeometryCollection
    shapes[nested] = [_parts_of(one, kind) for one in shapes[nested]]
    empty = shapely.is_empty(shapes)
    return _without(shapes, empty)


def _without_repeats(part: Slice, shapes: Shapes) -> Shapes:
    if part.thing.shape == "point":
        return shapes
    there = np.flatnonzero(~shapely.is_missing(shapes))
    thin = np.asarray(shapely.remove_repeated_points(shapes[there]), dtype=object)
    fewer = shapely.get_num_coordinates(thin) < shapely.get_num_coordinates(
        shapes[there]
    )
    part.fixed(
        _mask(there[fewer], shapes), "__shape", "repeats_dropped",
        "已去掉重复顶点 (repeated vertices dropped)",
    )  # fmt: skip
    shapes = shapes.copy()
    shapes[there[fewer]] = thin[fewer]
    return shapes


def _mask(at: NDArray[Any], shapes: Shapes) -> Mask:
    mask = np.zeros(len(shapes), bool)
    mask[at] = True
    return mask


def _place(reason: str) -> str:
    words = {"Self-intersection": "自相交", "Ring Self-intersection": "环自相交",
             "Too few points in geometry component": "点数不足",
             "Hole lies outside shell": "洞在外环之外", "Nested holes": "洞中有洞",
             "Interior is disconnected": "内部不连通"}  # fmt: skip
    for english, chinese in words.items():
        if reason.startswith(english):
            return f"{chinese} {reason.removeprefix(english)}"
    return reason
