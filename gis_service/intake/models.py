"""Tables of the intake: batches, what was wrong with them, how to undo them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import Base, Numbered, is_in

MOMENT = DateTime(timezone=True)


class Batch(Numbered, Base):
    """One file taken in (导入批次)."""

    __tablename__ = "batches"
    __table_args__ = ({"schema": "intake", "comment": "导入批次 files taken in"},)

    what: Mapped[str] = mapped_column(Text, comment="内容 villages, cells, residents …")
    file_name: Mapped[str] = mapped_column(Text, comment="文件名")
    file_sha256: Mapped[str] = mapped_column(Text, comment="文件散列")
    options: Mapped[dict[str, Any]] = mapped_column(
        JSONB, comment="选项 crs, encoding, columns as declared and as found"
    )
    rows_total: Mapped[int] = mapped_column(comment="总行数")
    rows_new: Mapped[int] = mapped_column(comment="新增行数")
    rows_changed: Mapped[int] = mapped_column(comment="更新行数")
    rows_same: Mapped[int] = mapped_column(comment="未变行数")
    rows_refused: Mapped[int] = mapped_column(comment="拒收行数")
    actor: Mapped[str] = mapped_column(Text, comment="操作人")
    at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=text("now()"), comment="时间"
    )
    undone_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="撤销时间")


class Issue(Numbered, Base):
    """Something found in one row of a batch (导入问题)."""

    __tablename__ = "issues"
    __table_args__ = (
        CheckConstraint(is_in("severity", "refused warned fixed"), name="severity"),
        Index("issues_batch_id_idx", "batch_id"),
        {"schema": "intake", "comment": "导入问题 findings, row by row"},
    )

    batch_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("intake.batches.id", ondelete="CASCADE"), comment="批次"
    )
    row_no: Mapped[int | None] = mapped_column(
        comment="行号 in the file, header is row 1"
    )
    column: Mapped[str | None] = mapped_column(Text, comment="列名 in the file")
    code: Mapped[str] = mapped_column(Text, comment="问题代码")
    severity: Mapped[str] = mapped_column(Text, comment="处理 refused, warned, fixed")
    value_masked: Mapped[str | None] = mapped_column(Text, comment="原值 masked")
    message: Mapped[str] = mapped_column(Text, comment="说明")
    advice: Mapped[str | None] = mapped_column(Text, comment="建议")
    fixed_to: Mapped[str | None] = mapped_column(Text, comment="改为 masked")


class Change(Numbered, Base):
    """What a row was before a batch changed it (变更前内容), to undo the batch."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("changes_batch_id_idx", "batch_id"),
        {"schema": "intake", "comment": "变更前内容 to undo a batch"},
    )

    batch_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("intake.batches.id", ondelete="CASCADE"), comment="批次"
    )
    table_name: Mapped[str] = mapped_column(Text, comment="表 schema.table")
    row_id: Mapped[int] = mapped_column(BigInteger, comment="行编号")
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="原内容 empty when the batch made the row"
    )
