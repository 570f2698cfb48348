"""Tables of objects (物, 部件)."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import (
    CODE,
    Base,
    CountyNumbered,
    Imported,
    Placed,
    drawn_from_stored,
    geometry,
    is_in,
)


class Category(Base):
    """A category of objects (部件类别): major and minor class of GB/T 30428.2."""

    __tablename__ = "categories"
    __table_args__ = ({"schema": "objects", "comment": "部件类别 of GB/T 30428.2"},)

    code: Mapped[str] = mapped_column(
        CODE, primary_key=True, comment="代码 2, 4 or 5 digits"
    )
    name: Mapped[str] = mapped_column(Text, comment="名称")
    parent: Mapped[str | None] = mapped_column(CODE, comment="大类")
    edition: Mapped[str] = mapped_column(Text, comment="版本")
    source: Mapped[str] = mapped_column(Text, comment="来源")


class ManagedObject(CountyNumbered, Placed, Imported, Base):
    """A managed object (部件): a lamp, a bridge, a water point."""

    __tablename__ = "objects"
    __table_args__ = (
        Index("objects_code_key", "county_code", "code", unique=True),
        Index("objects_grid_code_idx", "grid_code"),
        Index("objects_id_idx", "id"),
        Index("objects_geom_web_idx", "geom_web", postgresql_using="gist"),
        CheckConstraint("code ~ '^[0-9]{16}$'", name="code"),
        CheckConstraint(
            is_in("state", "ok damaged lost removed occupied"), name="state"
        ),
        CheckConstraint(is_in("accuracy", "A B C"), name="accuracy"),
        {"schema": "objects", "comment": "部件 managed objects"},
    )

    code: Mapped[str] = mapped_column(
        CODE, comment="部件标识码 16 digits: county, category, serial (GB/T 30428.2)"
    )
    category: Mapped[str] = mapped_column(CODE, comment="类别 code of the minor class")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    state: Mapped[str] = mapped_column(
        Text, server_default="ok", comment="状态 完好 破损 丢失 废弃 占用"
    )
    accuracy: Mapped[str] = mapped_column(
        Text, server_default="C", comment="定位精度 A 0.5 m, B 1 m, C 10 m"
    )
    department: Mapped[str | None] = mapped_column(Text, comment="主管部门")
    village_code: Mapped[str | None] = mapped_column(
        CODE, comment="所属村 village code"
    )
    surveyed_on: Mapped[date | None] = mapped_column(Date, comment="普查日期")
    inspected_on: Mapped[date | None] = mapped_column(Date, comment="最近巡检日期")
    geom: Mapped[Any] = mapped_column(geometry("GEOMETRY"), comment="位置 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("GEOMETRY")
