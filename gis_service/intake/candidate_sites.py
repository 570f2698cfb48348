"""Candidate sites (候选点) for new service centers."""

from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import WHEREABOUTS, Field, Thing

CANDIDATE_SITES = Thing(
    what="candidate_sites",
    title="候选点",
    table="sites.candidates",
    key=("code",),
    fields=(
        Field("code", "编码", "code", ("候选点编码", "编号", "代码"), longest=40,
              is_required=True),
        Field("name", "名称", "text", ("候选点名称", "地点", "mc"), longest=100,
              is_required=True),
        Field("owner", "权属", "text", ("权属单位", "产权")),
        Field("area_m2", "用地面积", "number", ("面积", "用地面积平方米")),
        Field("slope_deg", "坡度", "number", ("坡度度",)),
        Field("is_flood_prone", "易淹", "boolean", ("是否易淹", "洪水淹没"),
              default="false"),
        Field("is_protected_farmland", "耕地红线内", "boolean",
              ("永久基本农田", "是否基本农田", "红线内"), default="false"),
        Field("road_m", "距道路", "number", ("距道路米", "道路距离")),
        Field("cost_yuan", "造价", "number", ("造价元", "估算造价", "投资")),
        *WHEREABOUTS,
    ),
    shape="point",
    is_placed=True,
    derived=("village_code",),
    rules=(SAME_CODE,),
)  # fmt: skip
