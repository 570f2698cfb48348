"""Matters reported and acted on: receipts, clocks, the working calendar.

Reports may lie outside the scope of who makes them: an officer sees the neighbour's
broken lamp too. So the policy for inserting asks nothing, while reading and changing
stay with the branches; the receipt answers a repeated report instead of the row.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0023"
down_revision = "0022"

MOMENT = sa.DateTime(timezone=True)

NEXT_SERIAL = """
CREATE FUNCTION matters.next_serial(on_day date, county text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
-- Tells no row: whoever reports must get a number that others, unseen, do not have.
DECLARE
    serial integer;
BEGIN
    LOOP
        INSERT INTO matters.day_serials AS kept (day, last) VALUES (on_day, 1)
        ON CONFLICT (day) DO UPDATE SET last = kept.last + 1
        RETURNING last INTO serial;
        EXIT WHEN NOT EXISTS (
            SELECT FROM matters.matters
            WHERE county_code = county COLLATE "C" AND number =
                (to_char(on_day, 'YYYYMMDD') || county || lpad(serial::text, 6, '0'))
                COLLATE "C"
        );
    END LOOP;
    RETURN serial;
END
$$
"""


def upgrade() -> None:
    """Add columns and tables, and let roles report and act inside their scope."""
    _extend()
    _create()
    op.execute(NEXT_SERIAL)
    op.execute("REVOKE ALL ON FUNCTION matters.next_serial(date, text) FROM PUBLIC")
    op.execute(
        "GRANT EXECUTE ON FUNCTION matters.next_serial(date, text) "
        "TO grid_all, grid_scoped"
    )
    op.execute("GRANT INSERT, UPDATE ON matters.matters TO grid_all, grid_scoped")
    op.execute("GRANT INSERT ON matters.steps TO grid_all, grid_scoped")
    op.execute(
        "GRANT USAGE ON SEQUENCE matters.matters_id_seq TO grid_all, grid_scoped"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE ON matters.receipts TO grid_all, grid_scoped"
    )
    for table in ("matters", "steps"):
        op.execute(
            f"CREATE POLICY reports ON matters.{table} "
            "FOR INSERT TO grid_scoped WITH CHECK (true)"
        )
    for table in ("calendar_days", "working_hours"):
        op.execute(
            f"GRANT SELECT ON matters.{table} TO grid_login, grid_all, grid_scoped"
        )
    op.execute(
        "INSERT INTO matters.working_hours VALUES ('08:00', '12:00'), "
        "('14:00', '18:00')"
    )


def _extend() -> None:
    for name, kind, comment in (
        ("limit_type", sa.Text(), "时限类型 as fixed when it was assigned"),
        ("limit_value", sa.Integer(), "时限值 as fixed"),
        ("stage_due_at", MOMENT, "环节时限 end of the clock of its present stage"),
        ("left_s", sa.Integer(), "剩余时限 seconds left while it is suspended"),
        ("asked_until", MOMENT, "申请延期至 more time asked for and not yet answered"),
        ("seen_at", MOMENT, "发现时间 by the clock of the reporting device"),
        ("reporter_id", sa.BigInteger(), "上报账号 account"),
        ("assignee_id", sa.BigInteger(), "承办账号 account, when a person handles it"),
    ):
        column = sa.Column(name, kind, nullable=True, comment=comment)
        op.add_column("matters", column, schema="matters")
    for name, kind, comment in (
        ("role", sa.Text(), "经办角色"),
        ("account_id", sa.BigInteger(), "经办账号"),
    ):
        column = sa.Column(name, kind, nullable=True, comment=comment)
        op.add_column("steps", column, schema="matters")
    place = Geometry("POINT", srid=4490, dimension=2, spatial_index=False)
    column = sa.Column("geom", place, nullable=True)
    op.add_geospatial_column("steps", column, schema="matters")
    op.execute(
        "COMMENT ON COLUMN matters.steps.geom IS "
        "'操作位置 where the actor stood, EPSG:4490'"
    )


def _create() -> None:
    op.create_table(
        "receipts",
        sa.Column(
            "client_id",
            sa.Uuid(),
            nullable=False,
            comment="客户端编号 made by the reporting device",
        ),
        sa.Column(
            "body_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="内容散列 SHA-256 of what was reported",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="上报账号"),
        sa.Column(
            "number", sa.String(collation="C"), nullable=True, comment="事项编号"
        ),
        sa.Column(
            "received_at",
            MOMENT,
            server_default=sa.text("now()"),
            nullable=False,
            comment="收到时间",
        ),
        sa.Column("withdrawn_at", MOMENT, nullable=True, comment="撤销时间"),
        sa.PrimaryKeyConstraint("client_id", name=op.f("receipts_pkey")),
        schema="matters",
        comment="回执 reports received, each once",
    )
    op.create_table(
        "day_serials",
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        sa.Column("last", sa.Integer(), nullable=False, comment="最后序号"),
        sa.PrimaryKeyConstraint("day", name=op.f("day_serials_pkey")),
        schema="matters",
        comment="日序号 last serial of each day",
    )
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        sa.Column("is_worked", sa.Boolean(), nullable=False, comment="上班"),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源"),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_days_pkey")),
        schema="matters",
        comment="节假日与调休 exceptional days",
    )
    op.create_table(
        "working_hours",
        sa.Column("opens_at", sa.Time(), nullable=False, comment="开始"),
        sa.Column("closes_at", sa.Time(), nullable=False, comment="结束"),
        sa.CheckConstraint(
            "opens_at < closes_at", name=op.f("working_hours_order_check")
        ),
        sa.PrimaryKeyConstraint("opens_at", name=op.f("working_hours_pkey")),
        schema="matters",
        comment="工作时间 spans of a working day",
    )
