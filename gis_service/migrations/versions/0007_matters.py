"""Matters, their steps and classes."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_table(
        "classes",
        sa.Column("code", sa.String(collation="C"), nullable=False, comment="代码"),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column("parent", sa.String(collation="C"), nullable=True, comment="大类"),
        sa.Column("limit_type", sa.Text(), nullable=False, comment="时限类型"),
        sa.Column("limit_value", sa.Integer(), nullable=False, comment="时限值"),
        sa.Column("department", sa.Text(), nullable=True, comment="责任部门"),
        sa.Column(
            "is_photo_required",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="须拍照",
        ),
        sa.Column("admitted_from", sa.Date(), nullable=True, comment="准入开始"),
        sa.Column("admitted_until", sa.Date(), nullable=True, comment="准入截止"),
        sa.Column("edition", sa.Text(), nullable=False, comment="版本"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源"),
        sa.CheckConstraint(
            "limit_type IN ('urgent_hour', 'work_hour', 'work_day', 'natural_day')",
            name=op.f("classes_limit_type_check"),
        ),
        sa.CheckConstraint("limit_value > 0", name=op.f("classes_limit_value_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("classes_pkey")),
        schema="matters",
        comment="事项类别 classes of matters",
    )
    op.create_geospatial_table(
        "matters",
        sa.Column(
            "number",
            sa.String(collation="C"),
            nullable=False,
            comment="事项编号 20 digits: date 8, county 6, serial 6",
        ),
        sa.Column(
            "public_id",
            sa.String(collation="C"),
            server_default=sa.text(
                "encode(sha256(uuid_send(gen_random_uuid())), 'hex')"
            ),
            nullable=False,
            comment="公开编号 random, tells nothing",
        ),
        sa.Column(
            "client_id",
            sa.Uuid(),
            nullable=True,
            comment="客户端编号 made by the reporting device, for exactly once",
        ),
        sa.Column(
            "class_code",
            sa.String(collation="C"),
            nullable=False,
            comment="类别 code of its class",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="来源"),
        sa.Column("title", sa.Text(), nullable=False, comment="标题"),
        sa.Column("description", sa.Text(), nullable=True, comment="描述"),
        sa.Column(
            "state",
            sa.Text(),
            server_default="reported",
            nullable=False,
            comment="状态 as the steps leave it",
        ),
        sa.Column(
            "level",
            sa.Text(),
            server_default="cell",
            nullable=False,
            comment="处置层级 cell, village, township, county",
        ),
        sa.Column(
            "is_urgent",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="紧急",
        ),
        sa.Column("department", sa.Text(), nullable=True, comment="承办单位"),
        sa.Column(
            "village_code",
            sa.String(collation="C"),
            nullable=True,
            comment="所属村 village code",
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="地址"),
        sa.Column("accuracy_m", sa.Double(), nullable=True, comment="定位精度 metres"),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="上报时间",
        ),
        sa.Column(
            "accepted_at", sa.DateTime(timezone=True), nullable=True, comment="受理时间"
        ),
        sa.Column(
            "assigned_at", sa.DateTime(timezone=True), nullable=True, comment="派遣时间"
        ),
        sa.Column(
            "answered_at", sa.DateTime(timezone=True), nullable=True, comment="反馈时间"
        ),
        sa.Column(
            "closed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="结案时间 empty while the matter is open",
        ),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=True, comment="办结时限"
        ),
        sa.Column(
            "rework_count",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="返工次数",
        ),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True, comment="并入事项"),
        sa.Column(
            "satisfaction", sa.SmallInteger(), nullable=True, comment="满意度 1 to 5"
        ),
        sa.Column(
            "row_version",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="版本",
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
            "(closed_at IS NOT NULL) = (state IN ('closed', 'self_closed', 'rejected', 'merged', 'void', 'archived'))",
            name=op.f("matters_closed_check"),
        ),
        sa.CheckConstraint(
            "level IN ('cell', 'village', 'township', 'county')",
            name=op.f("matters_level_check"),
        ),
        sa.CheckConstraint(
            "source IN ('officer', 'public', 'iot', 'leader', 'transfer', 'superior')",
            name=op.f("matters_source_check"),
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'accepted', 'assigned', 'answered', 'checking', 'suspended', 'closed', 'self_closed', 'rejected', 'merged', 'void', 'archived')",
            name=op.f("matters_state_check"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= reported_at",
            name=op.f("matters_order_check"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("matters_pkey")),
        schema="matters",
    )
    op.create_index(
        "matters_client_id_key",
        "matters",
        ["county_code", "client_id"],
        unique=True,
        schema="matters",
    )
    op.create_index(
        "matters_grid_code_idx",
        "matters",
        ["grid_code"],
        unique=False,
        schema="matters",
    )
    op.create_index(
        "matters_number_key",
        "matters",
        ["county_code", "number"],
        unique=True,
        schema="matters",
    )
    op.create_index(
        "matters_open_grid_code_idx",
        "matters",
        ["grid_code"],
        unique=False,
        schema="matters",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "matters_public_id_key",
        "matters",
        ["county_code", "public_id"],
        unique=True,
        schema="matters",
    )
    op.create_table(
        "steps",
        sa.Column("matter_id", sa.BigInteger(), nullable=False, comment="事项"),
        sa.Column("seq", sa.SmallInteger(), nullable=False, comment="序号 from 1"),
        sa.Column(
            "act",
            sa.Text(),
            nullable=False,
            comment="动作 report, accept, assign, return …",
        ),
        sa.Column("from_state", sa.Text(), nullable=True, comment="原状态"),
        sa.Column("to_state", sa.Text(), nullable=False, comment="新状态"),
        sa.Column("actor", sa.Text(), nullable=False, comment="经办人 role or account"),
        sa.Column("receiver", sa.Text(), nullable=True, comment="接收人"),
        sa.Column("opinion", sa.Text(), nullable=True, comment="意见"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="时间"),
        sa.Column(
            "used_s",
            sa.Integer(),
            nullable=True,
            comment="用时 working seconds since the last step",
        ),
        sa.Column(
            "is_late",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="超时",
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
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("steps_pkey")),
        schema="matters",
        comment="流转记录 acts on matters, append-only",
    )
    op.create_index(
        "steps_grid_code_idx", "steps", ["grid_code"], unique=False, schema="matters"
    )
    op.create_index(
        "steps_matter_id_key",
        "steps",
        ["county_code", "matter_id", "seq"],
        unique=True,
        schema="matters",
    )
    op.create_table_comment("matters", "事项 matters", schema="matters")
