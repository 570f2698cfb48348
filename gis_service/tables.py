"""What all tables share: metadata, naming of constraints, and the kinds of row."""

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Computed,
    Date,
    Identity,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from gis_service import crs

CODE = String(collation="C")
"""A code: text in byte order, so that a leading part is a range of an index."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


class Base(DeclarativeBase):
    """Declarative base of all models."""

    metadata = metadata


def geometry(kind: str, srid: int = crs.STORED) -> Geometry:
    """Return the column type of a two-dimensional geometry, without an index.

    Indexes are declared by the tables that want them: rows of persons are found
    through their cells and carry none (``docs/adr/0006``).
    """
    return Geometry(kind, srid=srid, dimension=2, spatial_index=False)


def drawn_from_stored(kind: str) -> Mapped[Any]:
    """Declare the kept Web Mercator geometry, made by the database itself."""
    return mapped_column(
        geometry(kind, crs.WEB),
        Computed(f"st_transform(geom, {crs.WEB})", persisted=True),
        comment="绘图坐标 kept in EPSG:3857 so that a tile transforms nothing",
    )


def spelled_in_pinyin() -> Mapped[str]:
    """Declare the pinyin of a name, kept by the database itself."""
    return mapped_column(
        Text,
        Computed("divisions.spelled(name)", persisted=True),
        comment="拼音 initials and whole, as typed: njc niangjiacun",
    )


def is_in(column: str, words: str) -> str:
    """Return the SQL of a check that a column holds one of the words given."""
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


class Numbered:
    """A row with a number of its own."""

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), primary_key=True, comment="编号 number of the row"
    )


class CountyNumbered:
    """A row of a table that grows with people: the county leads its key."""

    county_code: Mapped[str] = mapped_column(
        CODE,
        primary_key=True,
        server_default=text("'431322'"),
        comment="县代码 county of the row; leads every key, for partitions by county",
    )
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), primary_key=True, comment="编号 number of the row"
    )


class Placed:
    """A row that lies somewhere in the grid."""

    grid_code: Mapped[str] = mapped_column(
        CODE,
        comment="网格编码 cell it lies in; outside every cell the longest division "
        "code known: village, township or county",
    )


class Imported:
    """A row that came, or may have come, by a batch of the intake."""

    batch_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="导入批次 intake batch that wrote the row last"
    )


class Valid:
    """A row of a register whose entries end and are succeeded by others."""

    valid_from: Mapped[date] = mapped_column(
        Date, server_default=text("'2000-01-01'"), comment="生效日期 first day in force"
    )
    valid_to: Mapped[date | None] = mapped_column(
        Date, comment="失效日期 first day no longer in force; empty while in force"
    )
    successors: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        comment="接续编码 codes that took its place, empty while in force",
    )


class Covering:
    """An area of a coverage: neighbours share edges, also where simplified."""

    geom: Mapped[Any] = mapped_column(
        geometry("MULTIPOLYGON"), comment="范围 boundary, EPSG:4490"
    )

    @declared_attr
    def geom_web(cls) -> Mapped[Any]:  # noqa: N805 - SQLAlchemy passes the class
        """Kept drawing geometry."""
        return drawn_from_stored("MULTIPOLYGON")

    geom_web_z8: Mapped[Any | None] = mapped_column(
        geometry("MULTIPOLYGON", crs.WEB), comment="概化范围 for zooms up to 8"
    )
    geom_web_z10: Mapped[Any | None] = mapped_column(
        geometry("MULTIPOLYGON", crs.WEB), comment="概化范围 for zooms 9 and 10"
    )
    geom_web_z12: Mapped[Any | None] = mapped_column(
        geometry("MULTIPOLYGON", crs.WEB), comment="概化范围 for zooms 11 and 12"
    )

    @declared_attr
    def area_m2(cls) -> Mapped[float]:  # noqa: N805 - SQLAlchemy passes the class
        """Area on the ground."""
        return mapped_column(
            Computed(
                f"st_area(st_transform(geom, {crs.METRIC}))::double precision",
                persisted=True,
            ),
            comment="面积 square metres, measured in EPSG:4546",
        )
