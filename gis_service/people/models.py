"""Tables of people (人). All are under row-level security and found through cells."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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


class Household(CountyNumbered, Placed, Imported, Base):
    """A household (户)."""

    __tablename__ = "households"
    __table_args__ = (
        Index("households_code_key", "county_code", "code", unique=True),
        Index("households_grid_code_idx", "grid_code"),
        Index("households_id_idx", "id"),
        {"schema": "people", "comment": "户 households"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="户号 number in its register")
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    group_no: Mapped[int | None] = mapped_column(
        SmallInteger, comment="组别 villager group"
    )
    address: Mapped[str | None] = mapped_column(Text, comment="地址 down to the door")
    geom: Mapped[Any | None] = mapped_column(
        geometry("POINT"), comment="位置 EPSG:4490"
    )
    geom_web: Mapped[Any | None] = drawn_from_stored("POINT")


class Resident(CountyNumbered, Placed, Imported, Base):
    """A resident (居民), registered here or living here."""

    __tablename__ = "residents"
    __table_args__ = (
        Index(
            "residents_id_number_index_key",
            "county_code",
            "id_number_index",
            unique=True,
        ),
        Index("residents_grid_code_idx", "grid_code"),
        Index("residents_id_idx", "id"),
        Index("residents_household_id_idx", "household_id"),
        Index(
            "residents_phone_index_idx",
            "phone_index",
            postgresql_where=text("phone_index IS NOT NULL"),
        ),
        CheckConstraint("sex IN (0, 1, 2, 9)", name="sex"),
        CheckConstraint("relation BETWEEN 0 AND 8", name="relation"),
        CheckConstraint(is_in("person_type", "01 02 03"), name="person_type"),
        {"schema": "people", "comment": "居民 residents"},
    )

    household_id: Mapped[int | None] = mapped_column(BigInteger, comment="户 household")
    name: Mapped[str] = mapped_column(Text, comment="姓名 name, masked in every output")
    id_number_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="身份证号密文 AES-256-GCM"
    )
    id_number_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="身份证号索引 keyed hash for exact search"
    )
    phone_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="电话密文 AES-256-GCM"
    )
    phone_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="电话索引 keyed hash for exact search"
    )
    birth_on: Mapped[date | None] = mapped_column(Date, comment="出生日期")
    sex: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="性别 GB/T 2261: 0 1 2 9"
    )
    person_type: Mapped[str] = mapped_column(
        Text, server_default="01", comment="人员类型 01 户籍 02 流动 03 境外"
    )
    relation: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="与户主关系 0 is the head"
    )
    is_registered_here: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="户籍在此"
    )
    is_living_here: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="常住在此"
    )
    care_types: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), comment="关爱类型 codes of care"
    )
    retention_until: Mapped[date | None] = mapped_column(
        Date, comment="保存期限 day on which the row is to be erased"
    )
    geom: Mapped[Any | None] = mapped_column(
        geometry("POINT"), comment="位置 EPSG:4490"
    )
    geom_web: Mapped[Any | None] = drawn_from_stored("POINT")


class Reveal(Numbered, Base):
    """That an account revealed something (查看原文); whom and why is on the trail."""

    __tablename__ = "reveals"
    __table_args__ = (
        Index("reveals_account_id_idx", "account_id", "at"),
        {"schema": "people", "comment": "查看原文 reveals, counted for their limit"},
    )

    account_id: Mapped[int] = mapped_column(BigInteger, comment="账号 account")
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()"), comment="时间"
    )


class Directory(Base):
    """What is searched of the people of a cell (名录), kept by the database.

    A row holds up to 400 residents or households: their names or addresses, initials
    or numbers, a line each, and a signature that tells what cannot be among them.
    """

    __tablename__ = "directory"
    __table_args__ = (
        CheckConstraint(is_in("kind", "household resident"), name="kind"),
        {"schema": "people", "comment": "名录 what is searched of people, per cell"},
    )

    kind: Mapped[str] = mapped_column(
        CODE, primary_key=True, comment="类别 household or resident"
    )
    grid_code: Mapped[str] = mapped_column(
        CODE, primary_key=True, comment="网格编码 code that the rows carry"
    )
    part: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        comment="分册 400 entries each, counted from 0",
    )
    signature: Mapped[bytes] = mapped_column(
        LargeBinary,
        server_default=text("decode(repeat('00', 1896), 'hex')"),
        comment="特征位 a bit per pair of neighbouring characters",
    )
    words: Mapped[str] = mapped_column(
        Text, server_default="", comment="名称 names or addresses, a line each"
    )
    keys: Mapped[str] = mapped_column(
        Text,
        server_default="",
        comment="拼音首字母或户号 initials or codes, a line each",
    )
    ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger),
        server_default=text("'{}'"),
        comment="编号 number of the row of each line",
    )


class Density(Base):
    """Residents per square of a tile (人口密度): 64 x 64 squares, zooms 8 to 14."""

    __tablename__ = "density"
    __table_args__ = (
        # Squares that people left are found and removed by it.
        Index("density_empty_idx", "zoom", postgresql_where=text("residents = 0")),
        Index(
            "density_stale_idx",
            "zoom",
            postgresql_where=text(
                "zoom = 14 AND told <> "
                "CASE WHEN residents >= 5 THEN residents ELSE 0 END"
            ),
        ),
        {"schema": "people", "comment": "人口密度 kept pyramid of counts"},
    )

    zoom: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, comment="级别 tile zoom"
    )
    tile_x: Mapped[int] = mapped_column(primary_key=True, comment="列 tile column")
    tile_y: Mapped[int] = mapped_column(primary_key=True, comment="行 tile row")
    square: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, comment="方格 row * 64 + column in the tile"
    )
    residents: Mapped[int] = mapped_column(comment="人数 residents in the square")
    told: Mapped[int] = mapped_column(
        server_default=text("0"),
        comment="公布人数 sum of the squares of zoom 14 with five or more",
    )
    geom: Mapped[Any] = mapped_column(geometry("POINT"), comment="中心 EPSG:4490")
    geom_web: Mapped[Any] = mapped_column(
        geometry("POINT", crs.WEB), comment="中心 EPSG:3857"
    )
