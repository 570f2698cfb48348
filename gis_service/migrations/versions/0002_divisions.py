"""Divisions: counties, townships, villages, villager groups, aliases."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_table(
        "aliases",
        sa.Column(
            "scheme",
            sa.Text(),
            nullable=False,
            comment="体系 nbs, mca, police15, local",
        ),
        sa.Column(
            "alias", sa.Text(), nullable=False, comment="别名 the other name or code"
        ),
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 our division code",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("aliases_pkey")),
        schema="divisions",
        comment="别名 other names and codes of divisions",
    )
    op.create_index(
        "aliases_scheme_alias_key",
        "aliases",
        ["scheme", "alias"],
        unique=True,
        schema="divisions",
    )
    op.create_geospatial_table(
        "counties",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 6 digits, GB/T 2260",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称 official name"),
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
        sa.CheckConstraint("code ~ '^[0-9]{6}$'", name=op.f("counties_code_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("counties_pkey")),
        schema="divisions",
    )
    op.create_index(
        "counties_code_key",
        "counties",
        ["code"],
        unique=True,
        schema="divisions",
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_geospatial_index(
        "counties_geom_idx",
        "counties",
        ["geom"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "counties_geom_web_idx",
        "counties",
        ["geom_web"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "counties_geom_web_z10_idx",
        "counties",
        ["geom_web_z10"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "counties_geom_web_z12_idx",
        "counties",
        ["geom_web_z12"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "counties_geom_web_z8_idx",
        "counties",
        ["geom_web_z8"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "townships",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 9 digits, GB/T 10114",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称 official name"),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="类别 街道, 镇, 乡, 林场 …"
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
        sa.CheckConstraint("code ~ '^[0-9]{9}$'", name=op.f("townships_code_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("townships_pkey")),
        schema="divisions",
    )
    op.create_index(
        "townships_code_key",
        "townships",
        ["code"],
        unique=True,
        schema="divisions",
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_geospatial_index(
        "townships_geom_idx",
        "townships",
        ["geom"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "townships_geom_web_idx",
        "townships",
        ["geom_web"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "townships_geom_web_z10_idx",
        "townships",
        ["geom_web_z10"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "townships_geom_web_z12_idx",
        "townships",
        ["geom_web_z12"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "townships_geom_web_z8_idx",
        "townships",
        ["geom_web_z8"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "villager_groups",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 village code and 2 digits",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称 name"),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=False,
            comment="所属村 village code",
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
            "batch_id",
            sa.BigInteger(),
            nullable=True,
            comment="导入批次 intake batch that wrote the row last",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("villager_groups_pkey")),
        schema="divisions",
    )
    op.create_index(
        "villager_groups_code_key",
        "villager_groups",
        ["code"],
        unique=True,
        schema="divisions",
    )
    op.create_geospatial_index(
        "villager_groups_geom_web_idx",
        "villager_groups",
        ["geom_web"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "villages",
        sa.Column(
            "code",
            sa.String(collation="C"),
            nullable=False,
            comment="代码 12 digits, NBS",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="名称 official name"),
        sa.Column("kind", sa.Text(), nullable=False, comment="类别 村 or 社区"),
        sa.Column(
            "urban_rural",
            sa.Text(),
            nullable=True,
            comment="城乡分类 NBS class 111 to 220",
        ),
        sa.Column(
            "is_demonstration",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="示范点 model site of the county",
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
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name=op.f("villages_code_check")),
        sa.CheckConstraint("kind IN ('村', '社区')", name=op.f("villages_kind_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("villages_pkey")),
        schema="divisions",
    )
    op.create_index(
        "villages_code_key",
        "villages",
        ["code"],
        unique=True,
        schema="divisions",
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_geospatial_index(
        "villages_geom_idx",
        "villages",
        ["geom"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "villages_geom_web_idx",
        "villages",
        ["geom_web"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "villages_geom_web_z10_idx",
        "villages",
        ["geom_web_z10"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "villages_geom_web_z12_idx",
        "villages",
        ["geom_web_z12"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "villages_geom_web_z8_idx",
        "villages",
        ["geom_web_z8"],
        unique=False,
        schema="divisions",
        postgresql_using="gist",
    )
    op.create_table_comment("counties", "县 counties", schema="divisions")
    op.create_table_comment(
        "townships", "乡镇 townships, subdistricts, forest farms", schema="divisions"
    )
    op.create_table_comment(
        "villager_groups", "村民小组 villager groups", schema="divisions"
    )
    op.create_table_comment(
        "villages", "行政村 villages and communities", schema="divisions"
    )
