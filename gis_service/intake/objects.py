"""Managed objects (部件): 16-digit code of county, category and serial."""

import numpy as np

from gis_service.intake import listed
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import WHEREABOUTS, Field, Thing

STATES = {"完好": "ok", "正常": "ok", "破损": "damaged", "损坏": "damaged",
          "丢失": "lost", "废弃": "removed", "移除": "removed", "占用": "occupied",
          "0": "ok", "1": "damaged", "2": "lost", "3": "removed",
          "4": "occupied"}  # fmt: skip

PATTERN = "县6位 + 类别4位(新版5位) + 顺序号6位(新版5位)"


def check(part: Slice) -> None:
    """Hold the code against the county and the category, by either edition."""
    own = part.texts("code")
    wrong = own.notna() & (own.str[:6] != part.options.county_code)
    message = f"部件编码不属于本县,应为 {PATTERN} (another county)"
    part.refuse(wrong, "code", "object_county", message, "请核对编码")
    categories = part.registers.categories
    typed = listed.read(part, "category", {n: c for c, n in categories.items()})
    known = list(categories)
    coded = own.str[6:10].where(own.str[6:10].isin(known))
    coded = coded.fillna(own.str[6:11].where(own.str[6:11].isin(known)))
    category = typed.fillna(coded)
    unknown = own.notna() & ~category.isin(known)
    message = f"部件类别不在代码表中,编码应为 {PATTERN} (unknown category)"
    part.refuse(unknown, "category", "object_category", message, "请核对类别")
    pairs = zip(own.fillna("").str[6:11], category.fillna(""), strict=True)
    begins = np.array([code.startswith(kind) for code, kind in pairs])
    differs = own.notna() & ~unknown & ~begins
    message = f"部件编码与类别不符,应为 {PATTERN} (code and category differ)"
    part.refuse(differs, "code", "object_code", message, "请核对编码和类别")
    part.rows["category"] = category
    names = category.map(categories).astype("str")
    part.rows["name"] = part.texts("name").fillna(names)


OBJECTS = Thing(
    what="objects",
    title="部件",
    table="objects.objects",
    key=("county_code", "code"),
    fields=(
        Field("code", "部件编码", "code",
              ("部件标识码", "标识码", "部件代码", "编码", "编号", "objid", "objectid",
               "bjbm", "objcode"), digits=(16,), is_required=True),
        Field("category", "类别", "code",
              ("部件类别", "小类", "小类代码", "类别代码", "部件小类", "smallclass"),
              longest=40),
        Field("name", "名称", "text", ("部件名称", "objname", "bjmc", "mc"),
              longest=100),
        Field("state", "状态", "word", ("部件状态", "objstate", "现状"), words=STATES,
              default="ok"),
        Field("accuracy", "定位精度", "word", ("精度等级", "精度"),
              words={"A": "A", "B": "B", "C": "C"}, default="C"),
        Field("department", "主管部门", "text", ("主管单位", "deptname1", "权属单位"),
              longest=100),
        Field("surveyed_on", "普查日期", "date", ("初始日期", "ordate",
              "采集日期")),
        Field("inspected_on", "最近巡检日期", "date", ("变更日期", "chdate",
              "巡检日期")),
        *WHEREABOUTS,
    ),
    shape="any",
    is_placed=True,
    checks=(check,),
    derived=("category", "name", "village_code"),
    rules=(SAME_CODE,),
)  # fmt: skip
