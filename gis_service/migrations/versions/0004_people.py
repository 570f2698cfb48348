"""People: households, residents, the density pyramid."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_geospatial_table(
        "density",
        sa.Column("zoom", sa.SmallInteger(), nullable=False, comment="级别 tile zoom"),
        sa.Column("tile_x", sa.Integer(), nullable=False, comment="列 tile column"),
        sa.Column("tile_y", sa.Integer(), nullable=False, comment="行 tile row"),
        sa.Column(
            "square",
            sa.SmallInteger(),
            nullable=False,
            comment="方格 row * 64 + column in the tile",
        ),
        sa.Column(
            "residents",
            sa.Integer(),
            nullable=False,
            comment="人数 residents in the square",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=False,
            comment="中心 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POINT", srid=3857, dimension=2, spatial_index=False
            ),
            nullable=False,
            comment="中心 EPSG:3857",
        ),
        sa.PrimaryKeyConstraint(
            "zoom", "tile_x", "tile_y", "square", name=op.f("density_pkey")
        ),
        schema="people",
    )
    op.create_geospatial_table(
        "households",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="户号 number in its register",
        ),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column(
            "group_no", sa.SmallInteger(), nullable=True, comment="组别 villager group"
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="地址 down to the door"),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=True,
            comment="位置 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POINT", srid=3857, dimension=2, spatial_index=False
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=True,
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
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("households_pkey")),
        schema="people",
    )
    op.create_index(
        "households_code_key",
        "households",
        ["county_code", "code"],
        unique=True,
        schema="people",
    )
    op.create_index(
        "households_grid_code_idx",
        "households",
        ["grid_code"],
        unique=False,
        schema="people",
    )
    op.create_geospatial_table(
        "residents",
        sa.Column(
            "household_id", sa.BigInteger(), nullable=True, comment="户 household"
        ),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="姓名 name, masked in every output",
        ),
        sa.Column(
            "id_number_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="身份证号密文 AES-256-GCM",
        ),
        sa.Column(
            "id_number_index",
            sa.LargeBinary(),
            nullable=True,
            comment="身份证号索引 keyed hash for exact search",
        ),
        sa.Column(
            "phone_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="电话密文 AES-256-GCM",
        ),
        sa.Column("birth_on", sa.Date(), nullable=True, comment="出生日期"),
        sa.Column(
            "sex",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="性别 GB/T 2261: 0 1 2 9",
        ),
        sa.Column(
            "person_type",
            sa.Text(),
            server_default="01",
            nullable=False,
            comment="人员类型 01 户籍 02 流动 03 境外",
        ),
        sa.Column(
            "relation",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="与户主关系 0 is the head",
        ),
        sa.Column(
            "is_registered_here",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="户籍在此",
        ),
        sa.Column(
            "is_living_here",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="常住在此",
        ),
        sa.Column(
            "care_types",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="关爱类型 codes of care",
        ),
        sa.Column(
            "retention_until",
            sa.Date(),
            nullable=True,
            comment="保存期限 day on which the row is to be erased",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=True,
            comment="位置 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POINT", srid=3857, dimension=2, spatial_index=False
            ),
            sa.Computed("st_transform(geom, 3857)", persisted=True),
            nullable=True,
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
            "person_type IN ('01', '02', '03')",
            name=op.f("residents_person_type_check"),
        ),
        sa.CheckConstraint(
            "relation BETWEEN 0 AND 8", name=op.f("residents_relation_check")
        ),
        sa.CheckConstraint("sex IN (0, 1, 2, 9)", name=op.f("residents_sex_check")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("residents_pkey")),
        schema="people",
    )
    op.create_index(
        "residents_grid_code_idx",
        "residents",
        ["grid_code"],
        unique=False,
        schema="people",
    )
    op.create_index(
        "residents_household_id_idx",
        "residents",
        ["household_id"],
        unique=False,
        schema="people",
    )
    op.create_index(
        "residents_id_number_index_key",
        "residents",
        ["county_code", "id_number_index"],
        unique=True,
        schema="people",
    )
    op.create_table_comment(
        "density", "人口密度 kept pyramid of counts", schema="people"
    )
    op.create_table_comment("households", "户 households", schema="people")
    op.create_table_comment("residents", "居民 residents", schema="people")
