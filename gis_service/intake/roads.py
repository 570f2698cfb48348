"""Roads (道路): stretches with their class."""

from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import WKT, Field, Thing

CLASSES = {one: one for one in ("国道", "省道", "县道", "乡道", "村道", "其他")}
LETTERS = {"G": "国道", "S": "省道", "X": "县道", "Y": "乡道", "C": "村道"}


def fill_class(part: Slice) -> None:
    """Take the class from the letter of the road's number where none is given."""
    letter = part.texts("code").str[:1].str.upper().map(LETTERS).astype("str")
    part.rows["class"] = part.texts("class").fillna(letter).fillna("其他")


ROADS = Thing(
    what="roads",
    title="道路",
    table="land.roads",
    key=("code",),
    fields=(
        Field("code", "编号", "code", ("路段编码", "路段编号", "道路编号", "ldbm",
              "roadcode"),
              longest=40,
              is_required=True),
        Field("name", "名称", "text", ("路名", "道路名称", "dlmc", "roadname"),
              longest=100),
        Field("class", "等级", "word",
              ("道路等级", "行政等级", "技术等级", "类别", "dldj", "road_class"),
              words={**CLASSES, "国道G": "国道", "高速": "国道", "组道": "村道"}),
        WKT,
    ),
    shape="line",
    is_multi=True,
    checks=(fill_class,),
    derived=("class",),
    rules=(SAME_CODE,),
)  # fmt: skip
