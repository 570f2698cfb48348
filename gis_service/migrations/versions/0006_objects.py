"""Objects and their categories."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_table(
        "categories",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 2, 4 or 5 digits",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column("parent", sa.String(collation="C"), nullable=True, comment="大类"),
        sa.Column("edition", sa.Text(), nullable=False, comment="版本"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源"),
        sa.PrimaryKeyConstraint("code", name=op.f("categories_pkey")),
        schema="objects",
        comment="部件类别 of GB/T 30428.2",
    )
    op.create_geospatial_table(
        "objects",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="部件标识码 16 digits: county, category, serial (GB/T 30428.2)",
        ),
        sa.Column(
            "category",
            sa.String(collation="C"),
            nullable=False,
            comment="类别 code of the minor class",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column(
            "state",
            sa.Text(),
            server_default="ok",
            nullable=False,
            comment="状态 完好 破损 丢失 废弃 占用",
        ),
        sa.Column(
            "accuracy",
            sa.Text(),
            server_default="C",
            nullable=False,
            comment="定位精度 A 0.5 m, B 1 m, C 10 m",
        ),
        sa.Column("department", sa.Text(), nullable=True, comment="主管部门"),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=True,
            comment="所属村 village code",
        ),
        sa.Column("surveyed_on", sa.Date(), nullable=True, comment="普查日期"),
        sa.Column("inspected_on", sa.Date(), nullable=True, comment="最近巡检日期"),
        sa.Column(
            "geom",
            Geometry(srid=4490, dimension=2, spatial_index=False),
            nullable=False,
            comment="位置 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(srid=3857, dimension=2, spatial_index=False),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=False,
            comment="绘图坐标 kept in EPSG:3857 so that a tile transforms nothing",
        ),
        sa.Column(
            "county_code",
            sa.String(collation="C"),
            server_default=sa.text("'431322'"),
            nullable=False,
            comment="县代码 county of the row; leads every key, for partitions by county",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.Column(
            "grid_code",
            sa.String(collation="C"),
            nullable=False,
            comment="网格编码 cell it lies in; outside every cell the longest division code known: village, township or county",
        ),
        sa.Column(
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.CheckConstraint(
            "accuracy IN ('A', 'B', 'C')", name=op.f("objects_accuracy_check")
        ),
        sa.CheckConstraint("code ~ '^[0-9]{16}$'", name=op.f("objects_code_check")),
        sa.CheckConstraint(
            "state IN ('ok', 'damaged', 'lost', 'removed', 'occupied')",
            name=op.f("objects_state_check"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("objects_pkey")),
        schema="objects",
    )
    op.create_index(
        "objects_code_key",
        "objects",
        ["county_code", "code"],
        unique=True,
        schema="objects",
    )
    op.create_geospatial_index(
        "objects_geom_web_idx",
        "objects",
        ["geom_web"],
        unique=False,
        schema="objects",
        postgresql_using="gist",
    )
    op.create_index(
        "objects_grid_code_idx",
        "objects",
        ["grid_code"],
        unique=False,
        schema="objects",
    )
    op.create_table_comment("objects", "部件 managed objects", schema="objects")
