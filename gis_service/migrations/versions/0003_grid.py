"""The grid: cells, duties, reaches, kept summaries."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_geospatial_table(
        "cells",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="网格编码 village code and 3 digits",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称 name"),
        sa.Column(
            "kind",
            sa.Text(),
            server_default="service",
            nullable=False,
            comment="类别 service 综合, exclusive 专属, unit 单元",
        ),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column(
            "change_reason", sa.Text(), nullable=True, comment="变更原因 why it changed"
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            server_default=sa.text("'2000-01-01'"),
            nullable=False,
            comment="生效日期 first day in force",
        ),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="失效日期 first day no longer in force; empty while in force",
        ),
        sa.Column(
            "successors",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="接续编码 codes that took its place, empty while in force",
        ),
        sa.Column(
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
            ),
            nullable=False,
            comment="范围 boundary, EPSG:4490",
        ),
        sa.Column(
            "geom_web_z8",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
            ),
            nullable=True,
            comment="概化范围 for zooms up to 8",
        ),
        sa.Column(
            "geom_web_z10",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
            ),
            nullable=True,
            comment="概化范围 for zooms 9 and 10",
        ),
        sa.Column(
            "geom_web_z12",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
            ),
            nullable=True,
            comment="概化范围 for zooms 11 and 12",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=False,
            comment="绘图坐标 kept in EPSG:3857 so that a tile transforms nothing",
        ),
        sa.Column(
            "area_m2",
            sa.Double(),
            sa.Computed(
                "st_area(st_transform(geom, 4546))::double precision", persisted=True
            ),
            nullable=False,
            comment="面积 square metres, measured in EPSG:4546",
        ),
        sa.CheckConstraint(
            "code ~ '^[0-9]{15}$' AND left(code, 12) = village_code",
            name=op.f("cells_code_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('service', 'exclusive', 'unit')", name=op.f("cells_kind_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cells_pkey")),
        schema="grid",
    )
    op.create_index(
        "cells_code_key",
        "cells",
        ["code"],
        unique=True,
        schema="grid",
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_geospatial_index(
        "cells_geom_idx",
        "cells",
        ["geom"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "cells_geom_web_idx",
        "cells",
        ["geom_web"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "cells_geom_web_z10_idx",
        "cells",
        ["geom_web_z10"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "cells_geom_web_z12_idx",
        "cells",
        ["geom_web_z12"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "cells_geom_web_z8_idx",
        "cells",
        ["geom_web_z8"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_index(
        "cells_village_code_idx", "cells", ["village_code"], unique=False, schema="grid"
    )
    op.create_table(
        "duties",
        sa.Column(
            "grid_code",
            sa.String(collation="C"),
            nullable=False,
            comment="网格编码 the cell",
        ),
        sa.Column(
            "officer_name",
            sa.Text(),
            nullable=False,
            comment="姓名 name shown to the public",
        ),
        sa.Column(
            "role",
            sa.Text(),
            nullable=False,
            comment="职责 officer 网格员, lead 网格长",
        ),
        sa.Column(
            "public_phone", sa.Text(), nullable=True, comment="公开电话 office phone"
        ),
        sa.Column(
            "account_id", sa.BigInteger(), nullable=True, comment="账号 their account"
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="开始日期 first day of duty",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="结束日期 first day off"
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.Column(
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.CheckConstraint(
            "role IN ('officer', 'lead')", name=op.f("duties_role_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("duties_pkey")),
        schema="grid",
        comment="网格责任 who is on duty in which cell",
    )
    op.create_index(
        "duties_grid_code_idx", "duties", ["grid_code"], unique=False, schema="grid"
    )
    op.create_geospatial_table(
        "reaches",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="编码 of cell or division",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
            ),
            nullable=False,
            comment="范围 EPSG:3857",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("reaches_pkey")),
        schema="grid",
    )
    op.create_geospatial_index(
        "reaches_geom_web_idx",
        "reaches",
        ["geom_web"],
        unique=False,
        schema="grid",
        postgresql_using="gist",
    )
    op.create_table(
        "summaries",
        sa.Column(
            "grid_code", sa.String(collation="C"), nullable=False, comment="网格编码"
        ),
        sa.Column(
            "households",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="户数",
        ),
        sa.Column(
            "residents",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="人数 all on the register",
        ),
        sa.Column(
            "care_residents",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="关爱对象数",
        ),
        sa.Column(
            "parcels",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="地块数",
        ),
        sa.Column(
            "objects",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="部件数",
        ),
        sa.Column(
            "open_matters",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="未结事项数",
        ),
        sa.PrimaryKeyConstraint("grid_code", name=op.f("summaries_pkey")),
        schema="grid",
        comment="人地物事计数 kept by triggers",
    )
    op.create_table_comment("cells", "网格 grid cells", schema="grid")
    op.create_table_comment(
        "reaches", "编码范围 ground of every code, to find rows by", schema="grid"
    )
