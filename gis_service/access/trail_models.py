"""Tables of the trail: its lines and their chain, alerts, and rows read per day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import Base, Numbered

MOMENT = DateTime(timezone=True)
NOW = text("now()")
NO_FACTS = text("'{}'")


class Trail(Numbered, Base):
    """A line of the trail (日志): who did what; only ever added."""

    __tablename__ = "trail"
    __table_args__ = (
        Index("trail_at_idx", "at"),
        Index("trail_account_id_idx", "account_id"),
        {"schema": "access", "comment": "日志 who read or changed what, append-only"},
    )

    at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW, comment="时间")
    account_id: Mapped[int | None] = mapped_column(BigInteger, comment="账号")
    actor: Mapped[str] = mapped_column(Text, comment="操作人 login or command")
    act: Mapped[str] = mapped_column(Text, comment="动作")
    subject: Mapped[str | None] = mapped_column(Text, comment="对象")
    reason: Mapped[str | None] = mapped_column(Text, comment="事由")
    facts: Mapped[dict[str, object]] = mapped_column(
        JSONB, server_default=NO_FACTS, comment="详情 never personal values"
    )
    role: Mapped[str | None] = mapped_column(
        Text, comment="角色 of the actor at that time"
    )
    address: Mapped[str | None] = mapped_column(
        Text, comment="来源地址 where the request came from"
    )
    request_id: Mapped[str | None] = mapped_column(
        Text, comment="请求编号 as in the log and the answer"
    )


class TrailLink(Base):
    """A link of the chain (日志链): written by the database when a line commits."""

    __tablename__ = "trail_links"
    __table_args__ = (
        Index("trail_links_line_id_key", "line_id", unique=True),
        {
            "schema": "access",
            "comment": "日志链 chain of the trail, written at commit, append-only",
        },
    )

    number: Mapped[int] = mapped_column(
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="序号 place in the chain, without gaps",
    )
    line_id: Mapped[int] = mapped_column(BigInteger, comment="日志编号")
    hash: Mapped[bytes] = mapped_column(
        LargeBinary, comment="散列 SHA-256 over the hash before it and the line"
    )


class Alert(Numbered, Base):
    """Something the auditor should look at (告警); one per kind, actor and day."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("alerts_on_day_key", "on_day", "kind", "actor", unique=True),
        {"schema": "access", "comment": "告警 what the auditor should look at"},
    )

    at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW, comment="时间")
    on_day: Mapped[date] = mapped_column(Date, comment="日期 day of the county")
    kind: Mapped[str] = mapped_column(Text, comment="种类")
    actor: Mapped[str] = mapped_column(Text, comment="当事人 login or name")
    facts: Mapped[dict[str, object]] = mapped_column(
        JSONB, server_default=NO_FACTS, comment="详情 never personal values"
    )
    seen_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="查看时间")
    seen_by: Mapped[str | None] = mapped_column(Text, comment="查看人 login")


class RowsRead(Base):
    """Rows about people that an account has read in a day (每日读取行数)."""

    __tablename__ = "rows_read"
    __table_args__ = (
        {
            "schema": "access",
            "comment": "每日读取行数 rows about people each account has read",
        },
    )

    account_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="账号"
    )
    on_day: Mapped[date] = mapped_column(
        Date, primary_key=True, comment="日期 day of the county"
    )
    rows: Mapped[int] = mapped_column(BigInteger, comment="行数")
