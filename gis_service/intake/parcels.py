"""Parcels of land (地块、宗地): code, kind, land use with its edition, areas."""

import numpy as np
import pandas as pd
import shapely

from gis_service import crs
from gis_service.intake import households, localities
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import (
    GROUP_NO,
    WHEREABOUTS,
    Field,
    Rule,
    Thing,
)

SCHEMES = {19: "cbd19", 28: "bdc28"}
IN_MU = {"mu": 1.0, "ha": 15.0, "m2": 1 / crs.MU_M2}
NEAR_SHARE, DIFFERS_SHARE, ENOUGH = 0.05, 0.10, 3

FROM_2007 = {"011": "0101", "012": "0102", "013": "0103", "021": "0201", "022": "0202",
             "023": "0204", "071": "0701", "072": "0702", "101": "1001", "102": "1003",
             "104": "1006", "111": "1101", "112": "1102", "113": "1103", "114": "1104",
             "117": "1107", "121": "1201", "122": "1202", "123": "1203"}  # fmt: skip
"""Classes of the 2007 edition with one successor; forest, grass and others changed."""


def check(part: Slice) -> None:
    """Fill in scheme and village, and check land use and areas."""
    own = part.texts("code")
    part.rows["scheme"] = own.str.len().map(SCHEMES).astype("str").fillna("local")
    dead = (
        own.notna()
        & own.str[:12].isin(list(part.registers.retired))
        & (part.texts("village_code").isna())
    )
    message = "地块编码前缀是已撤销的村,按规定沿用 (prefix of a dead village, kept)"
    part.warn(dead, "code", "parcel_dead_village", message, "无需处理 (nothing to do)")
    localities.by_own_code(part)
    if part.has("land_use"):
        _land_use(part)
    if part.has("area_contract_mu"):
        _area(part)
    if "holder_household" in part.raw.columns:
        empty = pd.Series(pd.NA, part.rows.index, dtype="Int64")
        part.rows["holder_household_id"] = empty


def _land_use(part: Slice) -> None:
    """Read land-use codes by their edition; three digits are 2007, or lost a zero."""
    given = part.texts("land_use")
    editions = part.texts("land_use_edition").fillna(
        part.options.land_use_edition or np.nan
    )
    names = {
        name: code for code, name in part.registers.land_uses.get("2017", {}).items()
    }
    codes = given.map(lambda one: names.get(one, one), na_action="ignore").astype("str")
    short = codes.str.fullmatch(r"[0-9]{3}").fillna(value=False)
    lost = short & (editions == "2017")
    part.fixed(
        lost,
        "land_use",
        "zero_restored",
        "已补回丢失的前导零 (zero restored)",
        codes.str.zfill(4),
    )
    codes = codes.where(~lost, codes.str.zfill(4))
    old = short & (editions == "2007")
    mapped = codes.map(FROM_2007).astype("str")
    message = "2007版地类已对照为2017版 (mapped from the 2007 edition)"
    part.fixed(old & mapped.notna(), "land_use", "land_use_mapped", message, mapped)
    message = "2007版地类在2017版中含义已变,已按2007版保留 (ambiguous, kept as 2007)"
    part.warn(
        old & mapped.isna(), "land_use", "land_use_ambiguous", message, "请按2017版核定"
    )
    unasked = short & editions.isna()
    message = "三位地类码:是2007版还是丢失前导零?按2007版保留 (which edition?)"
    part.warn(
        unasked,
        "land_use",
        "land_use_edition",
        message,
        "请用 --land-use-edition 指定版本",
    )
    codes = codes.where(~(old & mapped.notna()), mapped)
    still_old = (old & mapped.isna()) | unasked
    edition = pd.Series("2017", part.rows.index, dtype="str").mask(still_old, "2007")
    known = {
        one: set(part.registers.land_uses.get(one, {})) for one in ("2007", "2017")
    }
    pairs = zip(codes.fillna(""), edition, strict=True)
    unknown = np.array([bool(code) and code not in known[year] for code, year in pairs])
    message = "地类代码不在 GB/T 21010 中 (unknown land use)"
    part.refuse(unknown, "land_use", "land_use_unknown", message, "请核对地类代码")
    part.rows["land_use"] = codes
    part.rows["land_use_edition"] = edition.mask(codes.isna())


def _area(part: Slice) -> None:
    """Bring contract areas to mu and hold them against what is measured."""
    written = part.texts("area_contract_mu").astype("float64")
    move = crs.transformer(crs.STORED, crs.METRIC)
    metric = shapely.transform(part.shapes, move.transform, interleaved=False)
    measured = pd.Series(shapely.area(metric) / crs.MU_M2, part.rows.index)
    unit = part.naming.units.get("area_contract_mu")
    if unit is None:
        unit = _unit_of(part, written, measured)
    if unit not in IN_MU:
        message = f"面积单位 {unit} 不是亩、公顷或平方米 (not a unit of area)"
        raise FileRefusedError(message, reason="columns")
    mu = written * IN_MU[unit]
    if unit != "mu":
        words = {"ha": "公顷", "m2": "平方米"}[unit]
        part.fixed(
            mu.notna(),
            "area_contract_mu",
            "area_unit",
            f"{words}已换算为亩 (to mu)",
            mu.round(2),
        )
    wrong = mu <= 0
    part.refuse(
        wrong,
        "area_contract_mu",
        "area_not_positive",
        "面积须大于0 (must be positive)",
        "请核对面积",
    )
    share = (mu - measured).abs() / mu
    differs = mu.notna() & (mu > 0) & measured.notna() & (share > DIFFERS_SHARE)
    told = "合同面积 " + mu.round(2).astype("str") + " 亩,实测 "
    told = told + measured.round(2).astype("str") + " 亩,相差超过10% (areas differ)"
    part.each(
        differs, "area_contract_mu", ("warned", "area_differs"), told, "请复核面积"
    )
    part.rows["area_contract_mu"] = mu.round(2)


def _unit_of(part: Slice, written: pd.Series, measured: pd.Series) -> str:
    """Tell the unit by the ratio to what is measured, as no heading says it."""
    ratio = (written / measured).replace([np.inf, 0], np.nan).dropna()
    if len(ratio) >= ENOUGH:
        middle = float(ratio.median())
        for unit, factor in IN_MU.items():
            if abs(middle * factor - 1) <= NEAR_SHARE:
                words = {"mu": "亩", "ha": "公顷", "m2": "平方米"}[unit]
                message = f"面积列未写单位,按与实测之比判断为{words} (unit by ratio)"
                part.fixed(
                    written.notna(),
                    "area_contract_mu",
                    "area_unit_found",
                    message,
                    written,
                )
                return unit
    message = (
        "面积列没有单位,请在列名写明: 面积(亩)、面积(公顷)或面积(平方米) (unit needed)"
    )
    raise FileRefusedError(message, reason="columns")


NO_HOLDER = Rule(
    "holder_unknown", "warned", "holder_household",
    "SELECT row_no, holder_household, NULL FROM staged WHERE NOT is_refused"
    " AND holder_household IS NOT NULL AND holder_household_id IS NULL ORDER BY row_no",
    "承包户不在库中,已留空 (unknown household, left empty)", "请先导入户",
    needs=("holder_household_id",),
)  # fmt: skip

NO_VILLAGE = Rule(
    "no_village", "refused", "village_code",
    "SELECT row_no, village_code, NULL FROM staged WHERE NOT is_refused"
    " AND village_code IS NULL ORDER BY row_no",
    "无法确定所属村 (its village is not known)", "请补村代码",
)  # fmt: skip

PARCELS = Thing(
    what="parcels",
    title="地块",
    table="land.parcels",
    key=("county_code", "code"),
    fields=(
        Field("code", "地块编码", "code",
              ("地块代码", "宗地代码", "宗地编码", "不动产单元号", "承包地块编码",
               "dkbm",
               "zddm", "bdcdyh", "编码", "parcelcode"), longest=40, is_required=True),
        Field("kind", "类别", "word", ("地块类别", "地块类型", "土地类型", "dklb"),
              words={"承包地": "承包地", "承包地块": "承包地", "宅基地": "宅基地",
                     "林地": "林地", "集体建设用地": "集体建设", "集体建设": "集体建设",
                     "公共服务用地": "公共服务", "公共服务": "公共服务", "水面": "水面",
                     "其他": "其他"},
                     is_required=True),
        Field("land_use", "地类", "code", ("地类代码", "地类编码", "dlbm",
              "土地利用类型"),
              longest=40),
        Field("land_use_edition", "地类版本", "word", ("分类版本",),
              words={"2007": "2007", "2017": "2017"}),
        Field("tenure", "权属", "word", ("权属性质", "所有权性质", "qsxz"),
              words={"国有": "G", "集体": "J", "争议": "Z", "国有土地": "G",
                     "集体所有": "J", "集体土地": "J"}),
        Field("area_contract_mu", "合同面积", "area",
              ("承包面积", "面积", "确权面积", "htmj", "合同面积亩", "台账面积")),
        Field("holder_household", "承包户号", "code",
              ("承包户", "户号", "权利人户号", "承包方代码", "cbfbm"), longest=40,
              is_stored=False),
        GROUP_NO,
        Field("surveyed_on", "测量日期", "date", ("调查日期", "测绘日期", "dcrq")),
        *WHEREABOUTS,
    ),
    shape="area",
    is_multi=True,
    is_placed=True,
    checks=(check,),
    derived=("scheme", "village_code", "land_use_edition", "holder_household_id"),
    extras=("holder_household",),
    resolve=(
        households.FIND.format(id="holder_household_id", code="holder_household"),
    ),
    rules=(SAME_CODE, NO_HOLDER, NO_VILLAGE),
)  # fmt: skip
