"""Villages and communities (行政村、社区): 12-digit code, name, boundary."""

from gis_service.divisions import codes
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import PLACES, Field, Thing

URBAN_RURAL = ("111", "112", "121", "122", "123", "210", "220")


def fill_kind(part: Slice) -> None:
    """Tell village and community by the name, else by the code."""
    kinds = part.texts("kind")
    names, own = part.texts("name"), part.texts("code")
    community = names.str.contains("社区|居委会|居民委员会", regex=True).fillna(
        value=False
    )
    kinds = kinds.mask(kinds.isna() & community, "社区")
    village = names.str.contains("村$|村委会|村民委员会", regex=True).fillna(
        value=False
    )
    kinds = kinds.mask(kinds.isna() & village, "村")
    known = {
        code: "社区" if codes.village_kind(code) == "社区" else "村"
        for code in own.dropna().unique()
    }
    part.rows["kind"] = kinds.fillna(own.map(known).astype("str"))


VILLAGES = Thing(
    what="villages",
    title="行政村",
    table="divisions.villages",
    key=("code",),
    fields=(
        Field("code", "村代码", "division",
              ("村编码", "行政村代码", "行政村编码", "xzqdm", "xzqhdm", "qhdm",
               "区划代码",
               "行政区划代码", "统计用区划代码", "cdm", "代码", "编码", "villagecode",
               "村社区代码", "pac", "zldwdm", "坐落单位代码"),
              digits=(12,), is_required=True),
        Field("name", "村名称",
              "text",
              ("名称", "村名", "行政村", "行政村名称", "村社区名称", "社区名称",
               "xzqmc",
               "cmc", "mc", "zldwmc", "坐落单位名称", "villagename", "行政村名称全称"),
              longest=60, is_required=True),
        Field("kind", "类别", "word", ("类型", "村居类别"),
              words={"村": "村", "行政村": "村", "村委会": "村", "社区": "社区",
                     "居委会": "社区", "居民委员会": "社区"}),
        Field("urban_rural", "城乡分类", "word", ("城乡分类代码", "cxfldm"),
              words={one: one for one in URBAN_RURAL}),
        Field("is_demonstration", "示范村", "boolean", ("是否示范村", "示范点"),
              default="false"),
        Field("valid_from", "生效日期", "date", ("启用日期", "起始日期")),
        *PLACES,
    ),
    shape="area",
    is_multi=True,
    is_in_force=True,
    checks=(fill_kind,),
    derived=("kind",),
    rules=(SAME_CODE,),
)  # fmt: skip
