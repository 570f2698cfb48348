"""Land: land uses, parcels, buildings, roads, waters."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_geospatial_table(
        "buildings",
        sa.Column("code", sa.String(collation="C"), nullable=False, comment="房屋编号"),
        sa.Column(
            "use", sa.Text(), nullable=False, comment="用途 住宅, 农房, 商业, 公共 …"
        ),
        sa.Column("floors", sa.SmallInteger(), nullable=True, comment="层数"),
        sa.Column("danger", sa.Text(), nullable=True, comment="危房等级 A to D"),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POLYGON", srid=4490, dimension=2, spatial_index=False
            ),
            nullable=False,
            comment="范围 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="POLYGON", srid=3857, dimension=2, spatial_index=False
            ),
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
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("buildings_pkey")),
        schema="land",
    )
    op.create_index(
        "buildings_code_key",
        "buildings",
        ["county_code", "code"],
        unique=True,
        schema="land",
    )
    op.create_geospatial_index(
        "buildings_geom_web_idx",
        "buildings",
        ["geom_web"],
        unique=False,
        schema="land",
        postgresql_using="gist",
    )
    op.create_index(
        "buildings_grid_code_idx",
        "buildings",
        ["grid_code"],
        unique=False,
        schema="land",
    )
    op.create_geospatial_table(
        "parcels",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="地块编码 in its scheme",
        ),
        sa.Column(
            "scheme", sa.Text(), nullable=False, comment="编码体系 cbd19, bdc28, local"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="类别"),
        sa.Column(
            "land_use",
            sa.String(collation="C"),
            nullable=True,
            comment="地类 GB/T 21010 code",
        ),
        sa.Column("land_use_edition", sa.Text(), nullable=True, comment="地类版本"),
        sa.Column(
            "tenure", sa.Text(), nullable=True, comment="权属 G 国有, J 集体, Z 争议"
        ),
        sa.Column(
            "area_contract_mu",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="合同面积 mu by record",
        ),
        sa.Column(
            "area_m2",
            sa.Double(),
            sa.Computed(
                "st_area(st_transform(geom, 4546))::double precision", persisted=True
            ),
            nullable=False,
            comment="实测面积 square metres by geometry",
        ),
        sa.Column(
            "holder_household_id", sa.BigInteger(), nullable=True, comment="承包户"
        ),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
        ),
        sa.Column("group_no", sa.SmallInteger(), nullable=True, comment="组别"),
        sa.Column("surveyed_on", sa.Date(), nullable=True, comment="测量日期"),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
            ),
            nullable=False,
            comment="范围 EPSG:4490",
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
            "kind IN ('承包地', '宅基地', '林地', '集体建设', '公共服务', '水面', '其他')",
            name=op.f("parcels_kind_check"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("parcels_pkey")),
        schema="land",
    )
    op.create_index(
        "parcels_code_key",
        "parcels",
        ["county_code", "code"],
        unique=True,
        schema="land",
    )
    op.create_geospatial_index(
        "parcels_geom_web_idx",
        "parcels",
        ["geom_web"],
        unique=False,
        schema="land",
        postgresql_using="gist",
    )
    op.create_index(
        "parcels_grid_code_idx", "parcels", ["grid_code"], unique=False, schema="land"
    )
    op.create_geospatial_table(
        "roads",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="编号 of the stretch",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="名称"),
        sa.Column("class", sa.Text(), nullable=False, comment="等级"),
        sa.Column(
            "length_m",
            sa.Double(),
            sa.Computed(
                "st_length(st_transform(geom, 4546))::double precision", persisted=True
            ),
            nullable=False,
            comment="长度 metres",
        ),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
                srid=4490,
                dimension=2,
                spatial_index=False,
            ),
            nullable=False,
            comment="走向 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(
                geometry_type="MULTILINESTRING",
                srid=3857,
                dimension=2,
                spatial_index=False,
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
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.CheckConstraint(
            "class IN ('国道', '省道', '县道', '乡道', '村道', '其他')",
            name=op.f("roads_class_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roads_pkey")),
        schema="land",
    )
    op.create_index("roads_code_key", "roads", ["code"], unique=True, schema="land")
    op.create_geospatial_index(
        "roads_geom_web_idx",
        "roads",
        ["geom_web"],
        unique=False,
        schema="land",
        postgresql_using="gist",
    )
    op.create_table(
        "uses",
        sa.Column("edition", sa.Text(), nullable=False, comment="版本 2007, 2017"),
        sa.Column("code", sa.String(collation="C"), nullable=False, comment="代码"),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column(
            "parent",
            sa.String(collation="C"),
            nullable=True,
            comment="上级 first class",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="来源"),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("uses_pkey")),
        schema="land",
        comment="土地利用分类 classes of GB/T 21010",
    )
    op.create_geospatial_table(
        "waters",
        sa.Column("name", sa.Text(), nullable=True, comment="名称"),
        sa.Column("kind", sa.Text(), nullable=False, comment="类别 河流, 水库, 山塘"),
        sa.Column(
            "geom",
            Geometry(srid=4490, dimension=2, spatial_index=False),
            nullable=False,
            comment="形状 EPSG:4490",
        ),
        sa.Column(
            "geom_web",
            Geometry(srid=3857, dimension=2, spatial_index=False),
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
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("waters_pkey")),
        schema="land",
    )
    op.create_geospatial_index(
        "waters_geom_web_idx",
        "waters",
        ["geom_web"],
        unique=False,
        schema="land",
        postgresql_using="gist",
    )
    op.create_table_comment("buildings", "房屋 buildings", schema="land")
    op.create_table_comment("parcels", "地块 parcels", schema="land")
    op.create_table_comment("roads", "道路 roads", schema="land")
    op.create_table_comment("waters", "水系 rivers and bodies of water", schema="land")
