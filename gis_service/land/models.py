"""Tables of land (地): parcels, buildings, roads and water."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    Index,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis_service import crs
from gis_service.tables import (
    CODE,
    Base,
    CountyNumbered,
    Imported,
    Numbered,
    Placed,
    drawn_from_stored,
    geometry,
    is_in,
)


class LandUse(Base):
    """A class of land use (土地利用现状分类) in one edition of GB/T 21010."""

    __tablename__ = "uses"
    __table_args__ = (
        {"schema": "land", "comment": "土地利用分类 classes of GB/T 21010"},
    )

    edition: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="版本 2007, 2017"
    )
    code: Mapped[str] = mapped_column(CODE, primary_key=True, comment="代码")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    parent: Mapped[str | None] = mapped_column(CODE, comment="上级 first class")
    source: Mapped[str] = mapped_column(Text, comment="来源")


class Parcel(CountyNumbered, Placed, Imported, Base):
    """A parcel of land (宗地、地块)."""

    __tablename__ = "parcels"
    __table_args__ = (
        Index("parcels_code_key", "county_code", "code", unique=True),
        Index("parcels_grid_code_idx", "grid_code"),
        Index("parcels_id_idx", "id"),
        Index("parcels_geom_web_idx", "geom_web", postgresql_using="gist"),
        CheckConstraint(
            is_in("kind", "承包地 宅基地 林地 集体建设 公共服务 水面 其他"), name="kind"
        ),
        {"schema": "land", "comment": "地块 parcels"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="地块编码 in its scheme")
    scheme: Mapped[str] = mapped_column(Text, comment="编码体系 cbd19, bdc28, local")
    kind: Mapped[str] = mapped_column(Text, comment="类别")
    land_use: Mapped[str | None] = mapped_column(CODE, comment="地类 GB/T 21010 code")
    land_use_edition: Mapped[str | None] = mapped_column(Text, comment="地类版本")
    tenure: Mapped[str | None] = mapped_column(
        Text, comment="权属 G 国有, J 集体, Z 争议"
    )
    area_contract_mu: Mapped[float | None] = mapped_column(
        Numeric(12, 2), comment="合同面积 mu by record"
    )
    area_m2: Mapped[float] = mapped_column(
        Computed(
            f"st_area(st_transform(geom, {crs.METRIC}))::double precision",
            persisted=True,
        ),
        comment="实测面积 square metres by geometry",
    )
    holder_household_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="承包户"
    )
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    group_no: Mapped[int | None] = mapped_column(SmallInteger, comment="组别")
    surveyed_on: Mapped[date | None] = mapped_column(Date, comment="测量日期")
    geom: Mapped[Any] = mapped_column(
        geometry("MULTIPOLYGON"), comment="范围 EPSG:4490"
    )
    geom_web: Mapped[Any] = drawn_from_stored("MULTIPOLYGON")


class Building(CountyNumbered, Placed, Imported, Base):
    """A building (房屋)."""

    __tablename__ = "buildings"
    __table_args__ = (
        Index("buildings_code_key", "county_code", "code", unique=True),
        Index("buildings_grid_code_idx", "grid_code"),
        Index("buildings_id_idx", "id"),
        Index("buildings_geom_web_idx", "geom_web", postgresql_using="gist"),
        {"schema": "land", "comment": "房屋 buildings"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="房屋编号")
    use: Mapped[str] = mapped_column(Text, comment="用途 住宅, 农房, 商业, 公共 …")
    floors: Mapped[int | None] = mapped_column(SmallInteger, comment="层数")
    danger: Mapped[str | None] = mapped_column(Text, comment="危房等级 A to D")
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    geom: Mapped[Any] = mapped_column(geometry("POLYGON"), comment="范围 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("POLYGON")


class Road(Numbered, Imported, Base):
    """A stretch of road (道路) between two junctions."""

    __tablename__ = "roads"
    __table_args__ = (
        Index("roads_code_key", "code", unique=True),
        Index("roads_geom_web_idx", "geom_web", postgresql_using="gist"),
        CheckConstraint(is_in("class", "国道 省道 县道 乡道 村道 其他"), name="class"),
        {"schema": "land", "comment": "道路 roads"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="编号 of the stretch")
    name: Mapped[str | None] = mapped_column(Text, comment="名称")
    road_class: Mapped[str] = mapped_column("class", Text, comment="等级")
    length_m: Mapped[float] = mapped_column(
        Computed(
            f"st_length(st_transform(geom, {crs.METRIC}))::double precision",
            persisted=True,
        ),
        comment="长度 metres",
    )
    geom: Mapped[Any] = mapped_column(
        geometry("MULTILINESTRING"), comment="走向 EPSG:4490"
    )
    geom_web: Mapped[Any] = drawn_from_stored("MULTILINESTRING")


class Water(Numbered, Imported, Base):
    """A river or a body of water (水系)."""

    __tablename__ = "waters"
    __table_args__ = (
        Index("waters_geom_web_idx", "geom_web", postgresql_using="gist"),
        {"schema": "land", "comment": "水系 rivers and bodies of water"},
    )

    name: Mapped[str | None] = mapped_column(Text, comment="名称")
    kind: Mapped[str] = mapped_column(Text, comment="类别 河流, 水库, 山塘")
    geom: Mapped[Any] = mapped_column(geometry("GEOMETRY"), comment="形状 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("GEOMETRY")
