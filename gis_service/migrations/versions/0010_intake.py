"""Intake: batches, issues, changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_table(
        "batches",
        sa.Column(
            "what",
            sa.Text(),
            nullable=False,
            comment="内容 villages, cells, residents …",
        ),
        sa.Column("file_name", sa.Text(), nullable=False, comment="文件名"),
        sa.Column("file_sha256", sa.Text(), nullable=False, comment="文件散列"),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="选项 crs, encoding, columns as declared and as found",
        ),
        sa.Column("rows_total", sa.Integer(), nullable=False, comment="总行数"),
        sa.Column("rows_new", sa.Integer(), nullable=False, comment="新增行数"),
        sa.Column("rows_changed", sa.Integer(), nullable=False, comment="更新行数"),
        sa.Column("rows_same", sa.Integer(), nullable=False, comment="未变行数"),
        sa.Column("rows_refused", sa.Integer(), nullable=False, comment="拒收行数"),
        sa.Column("actor", sa.Text(), nullable=False, comment="操作人"),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="时间",
        ),
        sa.Column(
            "undone_at", sa.DateTime(timezone=True), nullable=True, comment="撤销时间"
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("batches_pkey")),
        schema="intake",
        comment="导入批次 files taken in",
    )
    op.create_table(
        "changes",
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="批次"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="表 schema.table"),
        sa.Column("row_id", sa.BigInteger(), nullable=False, comment="行编号"),
        sa.Column(
            "before",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="原内容 empty when the batch made the row",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["intake.batches.id"],
            name=op.f("changes_batch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("changes_pkey")),
        schema="intake",
        comment="变更前内容 to undo a batch",
    )
    op.create_index(
        "changes_batch_id_idx", "changes", ["batch_id"], unique=False, schema="intake"
    )
    op.create_table(
        "issues",
        sa.Column("batch_id", sa.BigInteger(), nullable=False, comment="批次"),
        sa.Column(
            "row_no",
            sa.Integer(),
            nullable=True,
            comment="行号 in the file, header is row 1",
        ),
        sa.Column("column", sa.Text(), nullable=True, comment="列名 in the file"),
        sa.Column("code", sa.Text(), nullable=False, comment="问题代码"),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="处理 refused, warned, fixed"
        ),
        sa.Column("value_masked", sa.Text(), nullable=True, comment="原值 masked"),
        sa.Column("message", sa.Text(), nullable=False, comment="说明"),
        sa.Column("advice", sa.Text(), nullable=True, comment="建议"),
        sa.Column("fixed_to", sa.Text(), nullable=True, comment="改为 masked"),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.CheckConstraint(
            "severity IN ('refused', 'warned', 'fixed')",
            name=op.f("issues_severity_check"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["intake.batches.id"],
            name=op.f("issues_batch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("issues_pkey")),
        schema="intake",
        comment="导入问题 findings, row by row",
    )
    op.create_index(
        "issues_batch_id_idx", "issues", ["batch_id"], unique=False, schema="intake"
    )
