"""Sites: centers, their functions, candidate sites."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_geospatial_table(
        "candidates",
        sa.Column("code", sa.String(collation="C"), nullable=False, comment="编码"),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column("owner", sa.Text(), nullable=True, comment="权属"),
        sa.Column(
            "area_m2", sa.Double(), nullable=True, comment="用地面积 square metres"
        ),
        sa.Column("slope_deg", sa.Double(), nullable=True, comment="坡度 degrees"),
        sa.Column(
            "is_flood_prone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="易淹",
        ),
        sa.Column(
            "is_protected_farmland",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="耕地红线内",
        ),
        sa.Column("road_m", sa.Double(), nullable=True, comment="距道路 metres"),
        sa.Column(
            "cost_yuan",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="造价 yuan",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=False,
            comment="位置 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POINT", srid=3857, dimension=2, spatial_index=False
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=False,
            comment="绘图坐标 kept in EPSG:3857 so that a tile transforms nothing",
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
        sa.PrimaryKeyConstraint("id", name=op.f("candidates_pkey")),
        schema="sites",
    )
    op.create_index(
        "candidates_code_key", "candidates", ["code"], unique=True, schema="sites"
    )
    op.create_geospatial_index(
        "candidates_geom_web_idx",
        "candidates",
        ["geom_web"],
        unique=False,
        schema="sites",
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "centers",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="编码 village code and 2 digits",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column("kind", sa.Text(), nullable=False, comment="级别 村级, 社区, 乡镇"),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="状态 规划 在建 启用 停用"
        ),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column(
            "floor_m2", sa.Double(), nullable=True, comment="建筑面积 square metres"
        ),
        sa.Column("opened_on", sa.Date(), nullable=True, comment="启用日期"),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=False,
            comment="位置 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POINT", srid=3857, dimension=2, spatial_index=False
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=False,
            comment="绘图坐标 kept in EPSG:3857 so that a tile transforms nothing",
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
            "kind IN ('村级', '社区', '乡镇')", name=op.f("centers_kind_check")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'building', 'open', 'closed')",
            name=op.f("centers_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("centers_pkey")),
        schema="sites",
    )
    op.create_index(
        "centers_code_key", "centers", ["code"], unique=True, schema="sites"
    )
    op.create_geospatial_index(
        "centers_geom_web_idx",
        "centers",
        ["geom_web"],
        unique=False,
        schema="sites",
        postgresql_using="gist",
    )
    op.create_table(
        "center_functions",
        sa.Column("center_id", sa.BigInteger(), nullable=False, comment="中心"),
        sa.Column(
            "function",
            sa.SmallInteger(),
            nullable=False,
            comment="功能 1便民 2文体 3农业 4医务 5教育 6物流 7培训",
        ),
        sa.Column("area_m2", sa.Double(), nullable=True, comment="面积 square metres"),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="在用",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.CheckConstraint(
            "function BETWEEN 1 AND 7", name=op.f("center_functions_function_check")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"],
            ["sites.centers.id"],
            name=op.f("center_functions_center_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("center_functions_pkey")),
        schema="sites",
        comment="中心功能 functions of centers",
    )
    op.create_index(
        "center_functions_center_id_key",
        "center_functions",
        ["center_id", "function"],
        unique=True,
        schema="sites",
    )
    op.create_table_comment("candidates", "候选点 candidate sites", schema="sites")
    op.create_table_comment("centers", "服务中心 service centers", schema="sites")
