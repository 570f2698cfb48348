"""What the intake takes: things, their fields, and the names fields go by in files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gis_service.intake.checking import Slice

Kind = Literal[
    "text",
    "code",
    "division",
    "integer",
    "number",
    "area",
    "date",
    "time",
    "boolean",
    "word",
    "words",
    "id_number",
    "phone",
    "longitude",
    "latitude",
    "wkt",
]
Mask = Literal["none", "name", "id", "phone", "place", "all"]
Shape = Literal["point", "line", "area", "any"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column we take.

    Parameters
    ----------
    name
        Our column; also a name it may go by in a file.
    title
        Its Chinese name, shown in reports and also recognised.
    kind
        How its values are cleaned and checked.
    names
        Other names it goes by: Chinese, of standards, of older systems.
    words
        For ``word`` and ``words``: what files write, and what is stored.
    digits
        For codes: how many digits it may have; none means free text.
    longest
        Longest text taken, in characters.
    mask
        How its values are shown in reports.
    is_stored
        Whether the table has this column; others only help to check or to place.
    """

    name: str
    title: str
    kind: Kind
    names: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    digits: tuple[int, ...] = ()
    longest: int = 200
    mask: Mask = "none"
    is_required: bool = False
    is_stored: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of all staged rows at once, in SQL.

    ``sql`` selects ``row_no, value, detail`` from ``staged``; ``detail`` goes into
    the message. A rule runs only when the columns it needs are there.
    """

    code: str
    severity: Literal["refused", "warned", "fixed"]
    column: str
    sql: str
    message: str
    advice: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of register that files bring.

    Parameters
    ----------
    what
        The word of the command line: ``villages``.
    table
        Where its rows are kept.
    key
        Columns that make a row the same row when it comes again.
    shape
        What its geometry must be; None when the thing has none.
    is_shape_required
        Whether a row without a place is refused.
    grid
        How ``grid_code`` is found: ``place`` by location, ``none`` when it has none.
    checks
        Checks of a slice of rows, each adding what it finds.
    resolve
        Statements on ``staged`` that fill in what other rows know, before the rules.
    rules
        Checks in SQL on all staged rows.
    is_in_force
        Whether rows carry validity dates, so that only those in force are met.
    """

    what: str
    title: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    shape: Shape | None = None
    is_shape_required: bool = True
    is_multi: bool = False
    is_placed: bool = False
    is_personal: bool = False
    is_in_force: bool = False
    checks: tuple[Callable[["Slice"], None], ...] = ()
    resolve: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    derived: tuple[str, ...] = field(default=())
    """Columns of the table that checks fill in, beside the fields."""
    extras: tuple[str, ...] = ()
    """Texts staged for the rules that the table does not keep."""

    @property
    def known(self) -> dict[str, Field]:
        """Return the fields by our name."""
        return {one.name: one for one in self.fields}

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the table that a batch writes, geometry last."""
        stored = [one.name for one in self.fields if one.is_stored]
        placed = ["grid_code"] if self.is_placed and "grid_code" not in stored else []
        shape = ["geom"] if self.shape else []
        return (*dict.fromkeys([*stored, *self.derived, *placed]), *shape)


VILLAGE_NAMES = (
    "村代码", "村编码", "行政村代码", "行政村编码", "所属村代码", "村级代码",
    "村社区代码",
    "村居代码", "xzcdm", "cundm", "cdm", "village", "villagecode", "vcode", "区划代码",
    "行政区划代码", "xzqdm", "xzqhdm", "qhdm", "统计用区划代码", "pac",
)  # fmt: skip

VILLAGE_CODE = Field(
    "village_code", "所属村编码", "division", VILLAGE_NAMES, digits=(12,)
)
VILLAGE_NAME = Field(
    "village_name", "村名",
    "text",
    ("行政村名称", "行政村", "所属村", "村名称", "村居名称", "社区名称", "村社区",
     "xzcmc",
     "cmc", "xzqmc", "村(社区)", "villagename", "行政村名称全称"),
    is_stored=False,
)  # fmt: skip
TOWNSHIP_NAME = Field(
    "township_name", "乡镇名称", "text",
    ("乡镇", "所属乡镇", "街道", "乡镇街道", "xzmc", "township", "镇名"),
    is_stored=False,
)  # fmt: skip
GRID_CODE = Field(
    "grid_code", "网格编码", "division",
    ("网格", "网格代码", "所属网格", "所在网格", "网格编号", "责任网格", "wgbm", "wgdm",
     "bgid", "所在单元网格", "cell", "cellcode", "gridcode", "grid"),
    digits=(15,), is_stored=False,
)  # fmt: skip
LON = Field(
    "lon", "经度", "longitude",
    ("x", "lng", "longitude", "jd", "东经", "x坐标", "横坐标", "经度坐标", "point_x",
     "coord_x", "gps_lng", "gps_lon", "xzb", "经度x"),
    is_stored=False,
)  # fmt: skip
LAT = Field(
    "lat", "纬度", "latitude",
    ("y", "latitude", "wd", "北纬", "y坐标", "纵坐标", "纬度坐标", "point_y", "coord_y",
     "gps_lat", "yzb", "纬度y"),
    is_stored=False,
)  # fmt: skip
WKT = Field(
    "wkt", "几何", "wkt", ("geometry", "geom", "the_geom", "几何图形", "图形", "shape"),
    longest=2_000_000, is_stored=False,
)  # fmt: skip
ACCURACY = Field(
    "accuracy_m",
    "定位精度",
    "number",
    ("精度", "accuracy", "定位精度米"),
    is_stored=False,
)
GROUP_NO = Field(
    "group_no", "组别", "integer",
    ("组", "村民小组", "组号", "小组", "村民组", "zh", "groupno", "村组"),
)  # fmt: skip

PLACES = (LON, LAT, WKT)
WHEREABOUTS = (VILLAGE_CODE, VILLAGE_NAME, TOWNSHIP_NAME, GRID_CODE, *PLACES)
"""All that may tell the cell of a row: by code, by name, or by its place."""
