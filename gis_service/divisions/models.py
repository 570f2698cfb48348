"""Tables of the divisions (行政区划) and of what they are also called."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import (
    CODE,
    Base,
    Covering,
    Imported,
    Numbered,
    Valid,
    drawn_from_stored,
    geometry,
    is_in,
    spelled_in_pinyin,
)

IN_FORCE = text("valid_to IS NULL")


def coverage_indexes(table: str) -> tuple[Index, ...]:
    """Return the indexes of a coverage: code in force, geometry per zoom band."""
    return (
        Index(f"{table}_code_key", "code", unique=True, postgresql_where=IN_FORCE),
        *(
            Index(f"{table}_{column}_idx", column, postgresql_using="gist")
            for column in (
                "geom",
                "geom_web",
                "geom_web_z8",
                "geom_web_z10",
                "geom_web_z12",
            )
        ),
    )


class County(Numbered, Valid, Imported, Covering, Base):
    """A county (县)."""

    __tablename__ = "counties"
    __table_args__ = (
        *coverage_indexes("counties"),
        CheckConstraint("code ~ '^[0-9]{6}$'", name="code"),
        {"schema": "divisions", "comment": "县 counties"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="代码 6 digits, GB/T 2260")
    name: Mapped[str] = mapped_column(Text, comment="名称 official name")


class Township(Numbered, Valid, Imported, Covering, Base):
    """A township-level division (乡镇、街道、林场)."""

    __tablename__ = "townships"
    __table_args__ = (
        *coverage_indexes("townships"),
        CheckConstraint("code ~ '^[0-9]{9}$'", name="code"),
        {
            "schema": "divisions",
            "comment": "乡镇 townships, subdistricts, forest farms",
        },
    )

    code: Mapped[str] = mapped_column(CODE, comment="代码 9 digits, GB/T 10114")
    name: Mapped[str] = mapped_column(Text, comment="名称 official name")
    spelling: Mapped[str] = spelled_in_pinyin()
    kind: Mapped[str] = mapped_column(Text, comment="类别 街道, 镇, 乡, 林场 …")


class Village(Numbered, Valid, Imported, Covering, Base):
    """A village-level division (行政村、社区)."""

    __tablename__ = "villages"
    __table_args__ = (
        *coverage_indexes("villages"),
        CheckConstraint("code ~ '^[0-9]{12}$'", name="code"),
        CheckConstraint(is_in("kind", "村 社区"), name="kind"),
        {"schema": "divisions", "comment": "行政村 villages and communities"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="代码 12 digits, NBS")
    name: Mapped[str] = mapped_column(Text, comment="名称 official name")
    spelling: Mapped[str] = spelled_in_pinyin()
    kind: Mapped[str] = mapped_column(Text, comment="类别 村 or 社区")
    urban_rural: Mapped[str | None] = mapped_column(
        Text, comment="城乡分类 NBS class 111 to 220"
    )
    is_demonstration: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="示范点 model site of the county"
    )


class VillagerGroup(Numbered, Imported, Base):
    """A villager group (村民小组), known by a point."""

    __tablename__ = "villager_groups"
    __table_args__ = (
        Index("villager_groups_code_key", "code", unique=True),
        Index("villager_groups_geom_web_idx", "geom_web", postgresql_using="gist"),
        {"schema": "divisions", "comment": "村民小组 villager groups"},
    )

    code: Mapped[str] = mapped_column(CODE, comment="代码 village code and 2 digits")
    name: Mapped[str] = mapped_column(Text, comment="名称 name")
    village_code: Mapped[str] = mapped_column(CODE, comment="所属村 village code")
    geom: Mapped[Any] = mapped_column(geometry("POINT"), comment="位置 EPSG:4490")
    geom_web: Mapped[Any] = drawn_from_stored("POINT")


class Alias(Numbered, Base):
    """Another name or code of a division (别名): an old spelling, a police code."""

    __tablename__ = "aliases"
    __table_args__ = (
        Index("aliases_scheme_alias_key", "scheme", "alias", unique=True),
        {"schema": "divisions", "comment": "别名 other names and codes of divisions"},
    )

    scheme: Mapped[str] = mapped_column(Text, comment="体系 nbs, mca, police15, local")
    alias: Mapped[str] = mapped_column(Text, comment="别名 the other name or code")
    code: Mapped[str] = mapped_column(CODE, comment="代码 our division code")
