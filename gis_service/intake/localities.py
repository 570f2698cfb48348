"""Which village and which cell a row says it is of, and which it lies in."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis_service.divisions.codes import Level
from gis_service.intake import naming
from gis_service.intake.checking import Slice
from gis_service.intake.cleaning import prepare
from gis_service.intake.verdicts import (
    Verdict,
    any_village,
    cell,
    own_code,
    village,
)

CELL, VILLAGE = Level.CELL, Level.VILLAGE
SURE_M = 50.0
"""Within this accuracy a place tells the cell better than whoever typed it."""

SUFFIXES = ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村")


def read(part: Slice) -> None:
    """Judge every code of a division or cell that the rows bring."""
    for field in part.thing.fields:
        if field.kind != "division" or field.name not in part.raw.columns:
            continue
        if field.name == "grid_code":
            part.rows["typed_grid_code"] = read_codes(part, "grid_code", cell)
        elif field.name == "village_code":
            keeps_dead = part.thing.what == "parcels"
            judge = any_village if keeps_dead else village
            part.rows["village_code"] = read_codes(part, "village_code", judge)
        else:
            part.rows[field.name] = read_codes(part, field.name, own_code(field))
    if part.thing.is_placed:
        by_name(part)


def read_codes(
    part: Slice, name: str, judge: Callable[[Slice, str], Verdict]
) -> pd.Series:
    """Clean the codes of a column; each different text is judged once."""
    texts = prepare(part.raw[name])
    verdicts = {text: judge(part, text) for text in texts.dropna().unique()}
    for text, verdict in verdicts.items():
        if verdict.severity is None:
            continue
        where = (texts == text).fillna(value=False)
        words = (verdict.issue, verdict.message, verdict.advice)
        at = np.flatnonzero(where)
        after = [verdict.code] * len(at) if verdict.severity == "fixed" else None
        part.tell(at, name, verdict.severity, words, after)
        if verdict.severity == "refused":
            part.refused[at] = True
    found = {text: verdict.code for text, verdict in verdicts.items()}
    return texts.map(found).astype("str")


def by_name(part: Slice) -> None:
    """Compare names with codes, and find the code where only a name is given."""
    if "village_name" not in part.raw.columns:
        return
    names = prepare(part.raw["village_name"])
    known = part.registers.villages
    given = part.texts("village_code")
    ours = given.map(known)
    differs = (
        given.notna() & names.notna() & (_bare(names) != _bare(ours.astype("str")))
    )
    words = "编码与村名不符: 编码是 " + given.astype("str") + " " + ours.astype("str")
    words = words + ",文件写的是 " + names.astype("str") + ",以编码为准 (code used)"
    part.each(differs, "village_name", ("warned", "code_name_differ"), words, "请核对")
    lacking = names.notna() & given.isna() & ~part.refused
    if "village_code" in part.raw.columns:
        lacking &= prepare(part.raw["village_code"]).isna()
    if lacking.any():
        part.rows["village_code"] = given.where(~lacking, _named(part, names, lacking))


def by_own_code(part: Slice) -> None:
    """Take the village from what the row's own code begins with, if none is given."""
    beginning = part.texts("code").str[:VILLAGE]
    known = beginning.where(beginning.isin(list(part.registers.villages)))
    part.rows["village_code"] = part.texts("village_code").fillna(known)


def _named(part: Slice, names: pd.Series, lacking: pd.Series) -> pd.Series:
    towns = part.texts("township_name")
    found: dict[tuple[str, str], list[str]] = {}
    answers: dict[Any, str] = {}
    for at in np.flatnonzero(lacking).tolist():
        town = "" if pd.isna(towns.iloc[at]) else str(towns.iloc[at])
        asked = (_one_bare(str(names.iloc[at])), town)
        if asked not in found:
            found[asked] = [
                code
                for code, name in part.registers.villages.items()
                if _one_bare(name) == asked[0] and _is_of(part, code, town)
            ]
        codes_found = found[asked]
        position = np.array([at])
        if len(codes_found) == 1:
            answers[names.index[at]] = codes_found[0]
            words = (
                "village_by_name",
                "由村名确定村代码 (village found by name)",
                "请核对",
            )
            part.tell(position, "village_name", "fixed", words, codes_found)
            continue
        listed = "、".join(codes_found) or part.registers.near_villages("", asked[0])
        message = (
            f"村名无法唯一确定,可能: {listed or '无'} (name not unique or unknown)"
        )
        words = ("village_name_unknown", message, "请填写村代码")
        part.tell(position, "village_name", "refused", words)
        part.refused[at] = True
    return pd.Series(answers, names.index, dtype="str")


def _is_of(part: Slice, code: str, town: str) -> bool:
    name = part.registers.townships.get(code[:9], "")
    return not town or town in name or name in town


def _bare(names: pd.Series) -> pd.Series:
    return names.str.replace(f"({'|'.join(SUFFIXES)})$", "", regex=True)


def _one_bare(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


def attach(part: Slice) -> None:
    """Fill in the grid code of every row: by its place, else as it was written."""
    typed = part.texts("typed_grid_code")
    villages = part.texts("village_code")
    located = ~shapely.is_missing(part.shapes)
    found = np.full(len(located), "", dtype=object)
    if located.any():
        index = part.registers.cells_index
        found[located] = index.codes_of(part.shapes[located])
    lost = located & (found == "")
    message = "位置在县界外5公里以上 (more than 5 km outside the county)"
    part.refuse(lost, naming.PLACE, "outside_county", message, "请核对坐标和坐标系")
    beyond = located & ~lost & (np.array([len(one) for one in found]) < CELL)
    message = "网格外:不在任何网格内,已保留 (outside every cell, kept)"
    part.warn(beyond, naming.PLACE, "outside_cells", message, "请划定网格或核对位置")
    places = pd.Series(found, part.rows.index, dtype="str").mask(found == "")
    _compare(part, places, typed, villages)
    grid = places.fillna(typed).fillna(villages)
    if part.thing.what != "residents":
        nowhere = grid.isna() & ~part.refused
        message = "没有坐标、网格或村代码,无法落位 (nothing tells where it is)"
        part.refuse(nowhere, naming.PLACE, "no_place", message, "请补坐标或村代码")
    part.rows["grid_code"] = grid
    if "village_code" in part.thing.columns:
        part.rows["village_code"] = villages.fillna(
            grid.str.slice(0, VILLAGE).where(grid.str.len() >= VILLAGE)
        )


def _compare(
    part: Slice, places: pd.Series, typed: pd.Series, villages: pd.Series
) -> None:
    accuracy = part.texts("accuracy_m").astype("float64")
    differs = places.notna() & typed.notna() & (places != typed)
    unsure = accuracy > SURE_M
    words = "填写的网格 " + typed.astype("str") + " 与位置所在 " + places.astype("str")
    sure_words = words + " 不同,以位置为准 (place used)"
    part.each(
        differs & ~unsure, "grid_code", ("warned", "cell_differs"), sure_words, "请核对"
    )
    unsure_words = (
        words + " 不同,且定位精度超过50米,两者均列出 (accuracy too low to tell)"
    )
    part.each(
        differs & unsure,
        "grid_code",
        ("warned", "cell_unsure"),
        unsure_words,
        "请复核位置",
    )
    elsewhere = (
        places.notna()
        & villages.notna()
        & (places.str.len() >= VILLAGE)
        & (places.str.slice(0, VILLAGE) != villages)
    )
    words = "所属村 " + villages.astype("str") + " 与位置所在村 "
    words = (
        words + places.str.slice(0, VILLAGE).astype("str") + " 不同 (lies elsewhere)"
    )
    part.each(elsewhere, "village_code", ("warned", "village_differs"), words, "请核对")
