"""Service centers (村级综合服务平台、便民服务中心)."""

from gis_service.intake import localities
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import WHEREABOUTS, Field, Thing

STATES = {"规划": "planned", "拟建": "planned", "在建": "building", "启用": "open",
          "建成": "open", "运行": "open", "停用": "closed",
          "关闭": "closed"}  # fmt: skip


def check(part: Slice) -> None:
    """Take the kind and the village from what is there, and the state as open."""
    part.rows["kind"] = part.texts("kind").fillna("村级")
    part.rows["status"] = part.texts("status").fillna("open")
    localities.by_own_code(part)


CENTERS = Thing(
    what="centers",
    title="服务中心",
    table="sites.centers",
    key=("code",),
    fields=(
        Field("code", "编码", "code",
              ("平台编码", "中心编码", "编号", "代码", "centercode"),
              digits=(14,), is_required=True),
        Field("name", "名称",
              "text",
              ("平台名称", "中心名称", "服务中心", "mc"), longest=100,
               is_required=True),
        Field("kind", "级别", "word", ("类别", "类型", "平台级别"),
              words={"村级": "村级", "村": "村级", "社区": "社区", "社区级": "社区",
                     "乡镇": "乡镇", "乡镇级": "乡镇", "街道": "乡镇"}),
        Field("status", "状态", "word", ("建设状态", "运行状态"), words=STATES),
        Field("floor_m2", "建筑面积", "number", ("面积", "建筑面积平方米")),
        Field("opened_on", "启用日期", "date", ("建成日期", "建成时间", "启用时间")),
        *WHEREABOUTS,
    ),
    shape="point",
    is_placed=True,
    checks=(check,),
    derived=("kind", "status", "village_code"),
    rules=(SAME_CODE,),
)  # fmt: skip
