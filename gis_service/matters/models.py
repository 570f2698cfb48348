"""Tables of matters (事). Matters and their steps are under row-level security."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import (
    CODE,
    Base,
    CountyNumbered,
    Imported,
    Placed,
    drawn_from_stored,
    geometry,
    is_in,
)

STATES = (
    "reported accepted assigned answered checking suspended "
    "closed self_closed rejected merged void archived"
)
SOURCES = "officer public iot leader transfer superior"
LIMIT_TYPES = "urgent_hour work_hour work_day natural_day"

MOMENT = DateTime(timezone=True)


class MatterClass(Base):
    """A class of matters (事项类别) with its limit and the time it is admitted."""

    __tablename__ = "classes"
    __table_args__ = (
        CheckConstraint(is_in("limit_type", LIMIT_TYPES), name="limit_type"),
        CheckConstraint("limit_value > 0", name="limit_value"),
        {"schema": "matters", "comment": "事项类别 classes of matters"},
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True, comment="代码")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    parent: Mapped[str | None] = mapped_column(CODE, comment="大类")
    limit_type: Mapped[str] = mapped_column(Text, comment="时限类型")
    limit_value: Mapped[int] = mapped_column(comment="时限值")
    department: Mapped[str | None] = mapped_column(Text, comment="责任部门")
    is_photo_required: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="须拍照"
    )
    admitted_from: Mapped[date | None] = mapped_column(Date, comment="准入开始")
    admitted_until: Mapped[date | None] = mapped_column(Date, comment="准入截止")
    edition: Mapped[str] = mapped_column(Text, comment="版本")
    source: Mapped[str] = mapped_column(Text, comment="来源")


class Matter(CountyNumbered, Placed, Imported, Base):
    """A matter (事项): something reported that somebody has to see to."""

    __tablename__ = "matters"
    __table_args__ = (
        Index("matters_number_key", "county_code", "number", unique=True),
        Index("matters_public_id_key", "county_code", "public_id", unique=True),
        Index("matters_client_id_key", "county_code", "client_id", unique=True),
        Index(
            "matters_source_number_idx",
            "county_code",
            "source_number",
            postgresql_where=text("source_number IS NOT NULL"),
        ),
        Index("matters_grid_code_idx", "grid_code"),
        Index("matters_id_idx", "id"),
        Index(
            "matters_open_grid_code_idx",
            "grid_code",
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint(is_in("state", STATES), name="state"),
        CheckConstraint(is_in("source", SOURCES), name="source"),
        CheckConstraint(is_in("level", "cell village township county"), name="level"),
        CheckConstraint("closed_at IS NULL OR closed_at >= reported_at", name="order"),
        CheckConstraint(
            "(closed_at IS NOT NULL) = (state IN "
            "('closed', 'self_closed', 'rejected', 'merged', 'void', 'archived'))",
            name="closed",
        ),
        {"schema": "matters", "comment": "事项 matters"},
    )

    number: Mapped[str] = mapped_column(
        CODE, comment="事项编号 20 digits: date 8, county 6, serial 6"
    )
    source_number: Mapped[str | None] = mapped_column(
        CODE,
        comment="原编号 number in the system it came from; "
        "# and a digest of its content where it had none",
    )
    public_id: Mapped[str] = mapped_column(
        CODE,
        server_default=text("encode(sha256(uuid_send(gen_random_uuid())), 'hex')"),
        comment="公开编号 random, tells nothing",
    )
    client_id: Mapped[Any | None] = mapped_column(
        Uuid, comment="客户端编号 made by the reporting device, for exactly once"
    )
    class_code: Mapped[str] = mapped_column(CODE, comment="类别 code of its class")
    source: Mapped[str] = mapped_column(Text, comment="来源")
    title: Mapped[str] = mapped_column(Text, comment="标题")
    description: Mapped[str | None] = mapped_column(Text, comment="描述")
    state: Mapped[str] = mapped_column(
        Text, server_default="reported", comment="状态 as the steps leave it"
    )
    level: Mapped[str] = mapped_column(
        Text, server_default="cell", comment="处置层级 cell, village, township, county"
    )
    is_urgent: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="紧急"
    )
    department: Mapped[str | None] = mapped_column(Text, comment="承办单位")
    village_code: Mapped[str | None] = mapped_column(
        CODE, comment="所属村 village code"
    )
    address: Mapped[str | None] = mapped_column(Text, comment="地址")
    accuracy_m: Mapped[float | None] = mapped_column(Double, comment="定位精度 metres")
    reported_at: Mapped[datetime] = mapped_column(MOMENT, comment="上报时间")
    accepted_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="受理时间")
    assigned_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="派遣时间")
    answered_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="反馈时间")
    closed_at: Mapped[datetime | None] = mapped_column(
        MOMENT, comment="结案时间 empty while the matter is open"
    )
    due_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="办结时限")
    limit_type: Mapped[str | None] = mapped_column(
        Text, comment="时限类型 as fixed when it was assigned"
    )
    limit_value: Mapped[int | None] = mapped_column(comment="时限值 as fixed")
    stage_due_at: Mapped[datetime | None] = mapped_column(
        MOMENT, comment="环节时限 end of the clock of its present stage"
    )
    left_s: Mapped[int | None] = mapped_column(
        comment="剩余时限 seconds left while it is suspended"
    )
    asked_until: Mapped[datetime | None] = mapped_column(
        MOMENT, comment="申请延期至 more time asked for and not yet answered"
    )
    seen_at: Mapped[datetime | None] = mapped_column(
        MOMENT, comment="发现时间 by the clock of the reporting device"
    )
    reporter_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="上报账号 account"
    )
    assignee_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="承办账号 account, when a person handles it"
    )
    rework_count: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="返工次数"
    )
    duplicate_of: Mapped[int | None] = mapped_column(BigInteger, comment="并入事项")
    satisfaction: Mapped[int | None] = mapped_column(
        SmallInteger, comment="满意度 1 to 5"
    )
    row_version: Mapped[int] = mapped_column(server_default=text("1"), comment="版本")
    geom: Mapped[Any | None] = mapped_column(
        geometry("POINT"), comment="位置 EPSG:4490"
    )
    geom_web: Mapped[Any | None] = drawn_from_stored("POINT")


class Step(CountyNumbered, Placed, Base):
    """One act on a matter (流转记录); steps are only ever added."""

    __tablename__ = "steps"
    __table_args__ = (
        Index("steps_matter_id_key", "county_code", "matter_id", "seq", unique=True),
        Index("steps_grid_code_idx", "grid_code"),
        {"schema": "matters", "comment": "流转记录 acts on matters, append-only"},
    )

    matter_id: Mapped[int] = mapped_column(BigInteger, comment="事项")
    seq: Mapped[int] = mapped_column(SmallInteger, comment="序号 from 1")
    act: Mapped[str] = mapped_column(
        Text, comment="动作 report, accept, assign, return …"
    )
    from_state: Mapped[str | None] = mapped_column(Text, comment="原状态")
    to_state: Mapped[str] = mapped_column(Text, comment="新状态")
    actor: Mapped[str] = mapped_column(Text, comment="经办人 role or account")
    role: Mapped[str | None] = mapped_column(Text, comment="经办角色")
    account_id: Mapped[int | None] = mapped_column(BigInteger, comment="经办账号")
    receiver: Mapped[str | None] = mapped_column(Text, comment="接收人")
    opinion: Mapped[str | None] = mapped_column(Text, comment="意见")
    at: Mapped[datetime] = mapped_column(MOMENT, comment="时间")
    used_s: Mapped[int | None] = mapped_column(
        comment="用时 working seconds since the last step"
    )
    is_late: Mapped[bool] = mapped_column(server_default=text("false"), comment="超时")
    geom: Mapped[Any | None] = mapped_column(
        geometry("POINT"), comment="操作位置 where the actor stood, EPSG:4490"
    )


class Receipt(Base):
    """A report that was received (回执): its device's id can be used only once.

    The unique key is the promise; it holds for reports that were withdrawn too, and
    for those whose reporter may not see the cell they lie in.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        {"schema": "matters", "comment": "回执 reports received, each once"},
    )

    client_id: Mapped[Any] = mapped_column(
        Uuid, primary_key=True, comment="客户端编号 made by the reporting device"
    )
    body_hash: Mapped[bytes] = mapped_column(
        LargeBinary, comment="内容散列 SHA-256 of what was reported"
    )
    account_id: Mapped[int | None] = mapped_column(BigInteger, comment="上报账号")
    number: Mapped[str | None] = mapped_column(CODE, comment="事项编号")
    received_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=text("now()"), comment="收到时间"
    )
    withdrawn_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="撤销时间")


class DaySerial(Base):
    """The last serial number given out on a day."""

    __tablename__ = "day_serials"
    __table_args__ = (
        {"schema": "matters", "comment": "日序号 last serial of each day"},
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True, comment="日期")
    last: Mapped[int] = mapped_column(comment="最后序号")


class CalendarDay(Base):
    """A day off on a weekday, or a day worked at a weekend (节假日与调休)."""

    __tablename__ = "calendar_days"
    __table_args__ = (
        {"schema": "matters", "comment": "节假日与调休 exceptional days"},
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True, comment="日期")
    is_worked: Mapped[bool] = mapped_column(comment="上班")
    name: Mapped[str] = mapped_column(Text, comment="名称")
    source: Mapped[str] = mapped_column(Text, comment="来源")


class WorkingHours(Base):
    """A span of working time of every working day (工作时间)."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="order"),
        {"schema": "matters", "comment": "工作时间 spans of a working day"},
    )

    opens_at: Mapped[time] = mapped_column(Time, primary_key=True, comment="开始")
    closes_at: Mapped[time] = mapped_column(Time, comment="结束")
