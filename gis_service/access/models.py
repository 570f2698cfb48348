"""Tables of access: accounts, sessions, tokens and sign-in attempts."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import Base, Numbered, is_in

ROLES = "officer lead supervisor handler planner editor administrator auditor"

MOMENT = DateTime(timezone=True)
NOW = text("now()")


class Account(Numbered, Base):
    """An account (账号): who signs in, with which role, for which branches."""

    __tablename__ = "accounts"
    __table_args__ = (
        Index("accounts_login_key", "login", unique=True),
        Index("accounts_oidc_subject_key", "oidc_subject", unique=True),
        CheckConstraint(is_in("role", ROLES), name="role"),
        {"schema": "access", "comment": "账号 accounts"},
    )

    login: Mapped[str] = mapped_column(Text, comment="登录名")
    name: Mapped[str] = mapped_column(Text, comment="显示名")
    password_hash: Mapped[str] = mapped_column(Text, comment="口令散列 argon2id")
    role: Mapped[str] = mapped_column(Text, comment="角色")
    branches: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="职权范围 leading digits of codes open to the account"
    )
    department: Mapped[str | None] = mapped_column(Text, comment="部门 of a handler")
    created_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=NOW, comment="建立时间"
    )
    disabled_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="停用时间")
    needs_second_factor: Mapped[bool] = mapped_column(
        server_default=text("false"),
        comment="须二次验证 sees what a visitor sees until one is enrolled",
    )
    oidc_subject: Mapped[str | None] = mapped_column(
        Text, comment="统一身份 subject at the single sign-on, set at the first one"
    )


class Session(Base):
    """A signed-in browser (会话)."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_account_id_idx", "account_id"),
        Index("sessions_id_key", "id", unique=True),
        {"schema": "access", "comment": "会话 sessions"},
    )

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="令牌散列 SHA-256 of the cookie"
    )
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("access.accounts.id", ondelete="CASCADE"), comment="账号"
    )
    created_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=NOW, comment="登录时间"
    )
    seen_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=NOW, comment="最近活动"
    )
    expires_at: Mapped[datetime] = mapped_column(MOMENT, comment="最迟失效时间")
    idle_hours: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("8"),
        comment="空闲时限 hours without a request that end it",
    )
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="编号 by which its owner names it"
    )
    address: Mapped[str | None] = mapped_column(Text, comment="来源地址")
    agent: Mapped[str | None] = mapped_column(Text, comment="浏览器 and system")
    has_second_factor: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="已二次验证 a second factor was shown"
    )


class Token(Numbered, Base):
    """A personal access token (访问令牌) for notebooks, QGIS and GDAL."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index("tokens_token_hash_key", "token_hash", unique=True),
        {"schema": "access", "comment": "访问令牌 personal access tokens"},
    )

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("access.accounts.id", ondelete="CASCADE"), comment="账号"
    )
    name: Mapped[str] = mapped_column(Text, comment="用途")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, comment="令牌散列 SHA-256")
    created_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=NOW, comment="签发时间"
    )
    expires_at: Mapped[datetime] = mapped_column(MOMENT, comment="失效时间")
    scopes: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{read:layers}'"),
        comment="用途范围 what it opens of what its account may",
    )
    used_at: Mapped[datetime | None] = mapped_column(MOMENT, comment="最近使用")


class SignInAttempt(Numbered, Base):
    """A try to sign in (登录尝试), counted for throttling."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("sign_in_attempts_login_idx", "login", "at"),
        Index("sign_in_attempts_address_idx", "address", "at"),
        {"schema": "access", "comment": "登录尝试 sign-in attempts"},
    )

    login: Mapped[str] = mapped_column(
        Text, comment="登录名散列 HMAC-SHA-256 of what was typed"
    )
    address: Mapped[str] = mapped_column(Text, comment="来源地址")
    at: Mapped[datetime] = mapped_column(MOMENT, server_default=NOW, comment="时间")
    is_success: Mapped[bool] = mapped_column(comment="成功")
