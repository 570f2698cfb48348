"""Tables of service-center sites (服务中心选址)."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import (
    CODE,
    Base,
    Imported,
    Numbered,
    Placed,
    drawn_from_stored,
    geometry,
    is_in,
    spelled_in_pinyin,
)


class Center(Numbered, Placed, Imported, Base):
    """A service center (村级综合服务平台、便民服务中心)."""

    __tablename__ = "centers"
    __table_args__ = (
        Index("centers_code_key", "code", unique=True),
        Index("centers_geom_web_idx", "geom_web", postgresql_using="gist"),
        CheckConstraint(is_in("kind", "村级 社区 乡镇"), name="kind"),
        CheckConstraint(is_in("status", "planned building open closed"), name="status"),
        {"schema": "sites", "comment": "服务中心 service centers"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="编码 village code and 2 digits")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    spelling: Mapped[str] = spelled_in_pinyin()
    kind: Mapped[str] = mapped_column(Text, comment="级别 村级, 社区, 乡镇")
    status: Mapped[str] = mapped_column(Text, comment="状态 规划 在建 启用 停用")
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    floor_m2: Mapped[float | None] = mapped_column(
        Double, comment="建筑面积 square metres"
    )
    opened_on: Mapped[date | None] = mapped_column(Date, comment="启用日期")
    geom: Mapped[Any] = mapped_column(geometry("POINT"), comment="位置 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("POINT")


class CenterFunction(Numbered, Base):
    """A function a center offers (中心功能)."""

    __tablename__ = "center_functions"
    __table_args__ = (
        Index("center_functions_center_id_key", "center_id", "function", unique=True),
        CheckConstraint("function BETWEEN 1 AND 7", name="function"),
        {"schema": "sites", "comment": "中心功能 functions of centers"},
    )

    center_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sites.centers.id", ondelete="CASCADE"), comment="中心"
    )
    function: Mapped[int] = mapped_column(
        SmallInteger, comment="功能 1便民 2文体 3农业 4医务 5教育 6物流 7培训"
    )
    area_m2: Mapped[float | None] = mapped_column(Double, comment="面积 square metres")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), comment="在用")


class Candidate(Numbered, Placed, Imported, Base):
    """A candidate site (候选点) for a new center."""

    __tablename__ = "candidates"
    __table_args__ = (
        Index("candidates_code_key", "code", unique=True),
        Index("candidates_geom_web_idx", "geom_web", postgresql_using="gist"),
        {"schema": "sites", "comment": "候选点 candidate sites"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="编码")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    owner: Mapped[str | None] = mapped_column(Text, comment="权属")
    area_m2: Mapped[float | None] = mapped_column(
        Double, comment="用地面积 square metres"
    )
    slope_deg: Mapped[float | None] = mapped_column(Double, comment="坡度 degrees")
    is_flood_prone: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="易淹"
    )
    is_protected_farmland: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="耕地红线内"
    )
    road_m: Mapped[float | None] = mapped_column(Double, comment="距道路 metres")
    cost_yuan: Mapped[float | None] = mapped_column(Numeric(12, 2), comment="造价 yuan")
    geom: Mapped[Any] = mapped_column(geometry("POINT"), comment="位置 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("POINT")
