"""Grid cells (网格): 15-digit code inside a village, boundary."""

import numpy as np
import shapely

from gis_service.intake.checking import Slice
from gis_service.intake.cleaning import prepare
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import PLACES, VILLAGE_NAMES, Field, Thing

FIRST_EXCLUSIVE = 801
"""Sequence numbers 801 to 999 are for exclusive cells (专属网格)."""


def check(part: Slice) -> None:
    """Take village and kind from the code, and list cells of several parts."""
    own = part.texts("code")
    part.rows["village_code"] = own.str[:12]
    if "village_code" in part.raw.columns:
        typed = prepare(part.raw["village_code"]).str[:12]
        differs = typed.notna() & own.notna() & (typed != own.str[:12])
        message = "网格编码前12位与所属村代码不符 (code and village differ)"
        part.refuse(differs, "village_code", "cell_village", message, "请核对编码")
    number = own.str[12:].astype("Float64")
    exclusive = own.map({}).astype("str").mask(number >= FIRST_EXCLUSIVE, "exclusive")
    part.rows["kind"] = part.texts("kind").fillna(exclusive).fillna("service")
    reasons = part.texts("change_reason")
    several = np.array(shapely.get_num_geometries(part.shapes) > 1) & reasons.isna()
    message = "由多个部分组成(飞地),请注明原因 (several parts)"
    part.warn(several, "__shape", "cell_multipart", message, "请填写变更原因")


CELLS = Thing(
    what="cells",
    title="网格",
    table="grid.cells",
    key=("code",),
    fields=(
        Field("code", "网格编码", "division",
              ("网格代码", "网格编号", "wgbm", "wgdm", "wgbh", "bgcode", "bgid",
               "单元网格编码", "编码", "代码", "cellcode", "gridcode", "grid_code"),
              digits=(15,), is_required=True),
        Field("name", "网格名称", "text",
              ("名称", "网格名", "wgmc", "mc", "网格", "bgname", "cellname"),
              longest=60, is_required=True),
        Field("village_code", "所属村编码", "text", VILLAGE_NAMES, longest=20,
              is_stored=False),
        Field("kind", "类别", "word", ("网格类型", "网格类别", "类型"),
              words={"综合网格": "service", "综合": "service", "专属网格": "exclusive",
                     "专属": "exclusive", "单元网格": "unit", "万米单元网格": "unit"}),
        Field("change_reason", "变更原因", "text", ("调整原因", "备注")),
        Field("valid_from", "生效日期", "date", ("初始时间", "启用日期", "起始日期")),
        *PLACES,
    ),
    shape="area",
    is_multi=True,
    is_in_force=True,
    checks=(check,),
    derived=("village_code", "kind"),
    rules=(SAME_CODE,),
)  # fmt: skip
