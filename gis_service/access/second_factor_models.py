"""Tables of the second factor: the sealed secret of each account, recovery codes."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.tables import Base, Numbered

MOMENT = DateTime(timezone=True)


class SecondFactor(Base):
    """The second factor of an account (二次验证): codes of a time-based secret."""

    __tablename__ = "second_factors"
    __table_args__ = (
        {"schema": "access", "comment": "二次验证 second factors (TOTP)"},
    )

    account_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("access.accounts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="账号",
    )
    secret_sealed: Mapped[bytes] = mapped_column(
        LargeBinary, comment="密钥 sealed with the master key"
    )
    begun_at: Mapped[datetime] = mapped_column(
        MOMENT, server_default=text("now()"), comment="发起时间"
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(
        MOMENT, comment="启用时间 of the first right code; none: not in force yet"
    )
    last_step: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        comment="时间步 of the newest code used; none is taken twice",
    )


class RecoveryCode(Numbered, Base):
    """A code for whoever lost the device (恢复码); good once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        Index("recovery_codes_account_id_key", "account_id", "code_hash", unique=True),
        {"schema": "access", "comment": "恢复码 recovery codes of second factors"},
    )

    account_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("access.second_factors.account_id", ondelete="CASCADE"),
        comment="账号",
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, comment="散列 SHA-256")
