"""Townships (乡镇、街道): code, name, boundary."""

from gis_service.divisions import codes
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import PLACES, Field, Thing

KINDS = ("街道", "林场", "镇", "乡")


def fill_kind(part: Slice) -> None:
    """Take the kind from the end of the name, else from the code."""
    kinds = part.texts("kind")
    names, own = part.texts("name"), part.texts("code")
    for kind in KINDS:
        kinds = kinds.fillna(
            names.where(names.str.contains(kind)).mask(lambda n: n.notna(), kind)
        )
    known = {code: codes.township_kind(code) for code in own.dropna().unique()}
    part.rows["kind"] = kinds.fillna(own.map(known).astype("str"))


TOWNSHIPS = Thing(
    what="townships",
    title="乡镇",
    table="divisions.townships",
    key=("code",),
    fields=(
        Field("code", "乡镇代码", "division",
              ("乡镇编码", "街道代码", "xzdm", "xzqdm", "xzqhdm", "qhdm", "区划代码",
               "行政区划代码", "代码", "编码", "towncode", "pac"),
              digits=(9,), is_required=True),
        Field("name", "乡镇名称", "text",
              ("名称", "乡镇", "街道", "街道名称", "xzmc", "xzqmc", "mc", "townname",
               "乡镇街道名称"), longest=60, is_required=True),
        Field("kind", "类别", "text", ("类型", "乡镇类别"), longest=20),
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
