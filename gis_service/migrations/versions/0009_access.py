"""Access: accounts, sessions, tokens, sign-in attempts, trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables of this domain."""
    op.create_table(
        "accounts",
        sa.Column("login", sa.Text(), nullable=False, comment="登录名"),
        sa.Column("name", sa.Text(), nullable=False, comment="显示名"),
        sa.Column(
            "password_hash", sa.Text(), nullable=False, comment="口令散列 argon2id"
        ),
        sa.Column("role", sa.Text(), nullable=False, comment="角色"),
        sa.Column(
            "branches",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="职权范围 leading digits of codes open to the account",
        ),
        sa.Column("department", sa.Text(), nullable=True, comment="部门 of a handler"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="建立时间",
        ),
        sa.Column(
            "disabled_at", sa.DateTime(timezone=True), nullable=True, comment="停用时间"
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.CheckConstraint(
            "role IN ('officer', 'lead', 'supervisor', 'handler', 'planner', 'editor', 'administrator', 'auditor')",
            name=op.f("accounts_role_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
        schema="access",
        comment="账号 accounts",
    )
    op.create_index(
        "accounts_login_key", "accounts", ["login"], unique=True, schema="access"
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("login", sa.Text(), nullable=False, comment="登录名 as typed"),
        sa.Column("address", sa.Text(), nullable=False, comment="来源地址"),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="时间",
        ),
        sa.Column("is_success", sa.Boolean(), nullable=False, comment="成功"),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_attempts_pkey")),
        schema="access",
        comment="登录尝试 sign-in attempts",
    )
    op.create_index(
        "sign_in_attempts_address_idx",
        "sign_in_attempts",
        ["address", "at"],
        unique=False,
        schema="access",
    )
    op.create_index(
        "sign_in_attempts_login_idx",
        "sign_in_attempts",
        ["login", "at"],
        unique=False,
        schema="access",
    )
    op.create_table(
        "trail",
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="时间",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="账号"),
        sa.Column(
            "actor", sa.Text(), nullable=False, comment="操作人 login or command"
        ),
        sa.Column("act", sa.Text(), nullable=False, comment="动作"),
        sa.Column("subject", sa.Text(), nullable=True, comment="对象"),
        sa.Column("reason", sa.Text(), nullable=True, comment="事由"),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="详情 never personal values",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("trail_pkey")),
        schema="access",
        comment="日志 who read or changed what, append-only",
    )
    op.create_index("trail_at_idx", "trail", ["at"], unique=False, schema="access")
    op.create_table(
        "sessions",
        sa.Column(
            "token_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="令牌散列 SHA-256 of the cookie",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="账号"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="登录时间",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="最近活动",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="最迟失效时间",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["access.accounts.id"],
            name=op.f("sessions_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sessions_pkey")),
        schema="access",
        comment="会话 sessions",
    )
    op.create_index(
        "sessions_account_id_idx",
        "sessions",
        ["account_id"],
        unique=False,
        schema="access",
    )
    op.create_table(
        "tokens",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="账号"),
        sa.Column("name", sa.Text(), nullable=False, comment="用途"),
        sa.Column(
            "token_hash", sa.LargeBinary(), nullable=False, comment="令牌散列 SHA-256"
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="签发时间",
        ),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=False, comment="失效时间"
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["access.accounts.id"],
            name=op.f("tokens_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tokens_pkey")),
        schema="access",
        comment="访问令牌 personal access tokens",
    )
    op.create_index(
        "tokens_token_hash_key", "tokens", ["token_hash"], unique=True, schema="access"
    )
