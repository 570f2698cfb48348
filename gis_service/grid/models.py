"""Tables of the grid (网格): cells, duties, and what is kept about each cell."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from gis_service import crs
from gis_service.divisions.models import coverage_indexes
from gis_service.tables import (
    CODE,
    Base,
    Covering,
    Imported,
    Numbered,
    Valid,
    geometry,
    is_in,
    spelled_in_pinyin,
)


class Cell(Numbered, Valid, Imported, Covering, Base):
    """A grid cell (网格); all cells of a village are its grid."""

    __tablename__ = "cells"
    __table_args__ = (
        *coverage_indexes("cells"),
        CheckConstraint(
            "code ~ '^[0-9]{15}$' AND left(code, 12) = village_code", name="code"
        ),
        CheckConstraint(is_in("kind", "service exclusive unit"), name="kind"),
        Index("cells_village_code_idx", "village_code"),
        {"schema": "grid", "comment": "网格 grid cells"},
    )

    code: Mapped[str] = mapped_column(
        CODE, comment="网格编码 village code and 3 digits"
    )
    name: Mapped[str] = mapped_column(Text, comment="名称 name")
    spelling: Mapped[str] = spelled_in_pinyin()
    kind: Mapped[str] = mapped_column(
        Text,
        server_default="service",
        comment="类别 service 综合, exclusive 专属, unit 单元",
    )
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    change_reason: Mapped[str | None] = mapped_column(
        Text, comment="变更原因 why it changed"
    )


class Duty(Numbered, Imported, Base):
    """Who has a cell, from when to when (网格责任)."""

    __tablename__ = "duties"
    __table_args__ = (
        CheckConstraint(is_in("role", "officer lead"), name="role"),
        Index("duties_grid_code_idx", "grid_code"),
        {"schema": "grid", "comment": "网格责任 who is on duty in which cell"},
    )

    grid_code: Mapped[str] = mapped_column(CODE, comment="网格编码 the cell")
    officer_name: Mapped[str] = mapped_column(
        Text, comment="姓名 name shown to the public"
    )
    role: Mapped[str] = mapped_column(Text, comment="职责 officer 网格员, lead 网格长")
    public_phone: Mapped[str | None] = mapped_column(
        Text, comment="公开电话 office phone"
    )
    account_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="账号 their account"
    )
    valid_from: Mapped[date] = mapped_column(Date, comment="开始日期 first day of duty")
    valid_to: Mapped[date | None] = mapped_column(
        Date, comment="结束日期 first day off"
    )


class Reach(Base):
    """The ground where rows that carry a code may lie.

    For a cell its own area; for a village, township or county theirs, since rows
    outside every cell carry those codes. Protected rows are found through it.
    """

    __tablename__ = "reaches"
    __table_args__ = (
        Index("reaches_geom_web_idx", "geom_web", postgresql_using="gist"),
        {"schema": "grid", "comment": "编码范围 ground of every code, to find rows by"},
    )

    code: Mapped[str] = mapped_column(
        CODE, primary_key=True, comment="编码 of cell or division"
    )
    geom_web: Mapped[Any] = mapped_column(
        geometry("MULTIPOLYGON", crs.WEB), comment="范围 EPSG:3857"
    )


class Summary(Base):
    """Kept counts of the four elements per grid code (人地物事计数)."""

    __tablename__ = "summaries"
    __table_args__ = ({"schema": "grid", "comment": "人地物事计数 kept by triggers"},)

    grid_code: Mapped[str] = mapped_column(CODE, primary_key=True, comment="网格编码")
    households: Mapped[int] = mapped_column(server_default=text("0"), comment="户数")
    residents: Mapped[int] = mapped_column(
        server_default=text("0"), comment="人数 all on the register"
    )
    care_residents: Mapped[int] = mapped_column(
        server_default=text("0"), comment="关爱对象数"
    )
    parcels: Mapped[int] = mapped_column(server_default=text("0"), comment="地块数")
    objects: Mapped[int] = mapped_column(server_default=text("0"), comment="部件数")
    open_matters: Mapped[int] = mapped_column(
        server_default=text("0"), comment="未结事项数"
    )
