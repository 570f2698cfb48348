"""Second factors, named sessions, scoped tokens, and single sign-on of accounts.

A token made before opens layers, as it did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0027"
down_revision = "0026"

MOMENT = sa.DateTime(timezone=True)

TOLD = {
    "sessions": "UPDATE OF expires_at, account_id, token_hash, has_second_factor "
    "OR DELETE",
    # A token that was merely used changes nothing for the workers.
    "tokens": "UPDATE OF expires_at, account_id, token_hash, scopes OR DELETE",
    "second_factors": "UPDATE OF confirmed_at OR DELETE",
}


def upgrade() -> None:
    """Complete the tables of accounts, sessions and tokens, and make two more."""
    _complete_accounts()
    _complete_sessions()
    _complete_tokens()
    _make_second_factors()
    for table, events in TOLD.items():
        op.execute(f"DROP TRIGGER IF EXISTS tell_change ON access.{table}")
        op.execute(
            f"CREATE TRIGGER tell_change AFTER {events} ON access.{table} "
            "FOR EACH ROW EXECUTE FUNCTION access.tell_change()"
        )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON access.second_factors TO grid_login"
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON access.recovery_codes TO grid_login")


def _complete_accounts() -> None:
    for column in (
        sa.Column(
            "needs_second_factor",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="须二次验证 sees what a visitor sees until one is enrolled",
        ),
        sa.Column(
            "oidc_subject",
            sa.Text(),
            nullable=True,
            comment="统一身份 subject at the single sign-on, set at the first one",
        ),
    ):
        op.add_column("accounts", column, schema="access")
    op.create_index(
        "accounts_oidc_subject_key",
        "accounts",
        ["oidc_subject"],
        unique=True,
        schema="access",
    )


def _complete_sessions() -> None:
    for column in (
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 by which its owner names it",
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="来源地址"),
        sa.Column("agent", sa.Text(), nullable=True, comment="浏览器 and system"),
        sa.Column(
            "has_second_factor",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="已二次验证 a second factor was shown",
        ),
    ):
        op.add_column("sessions", column, schema="access")
    op.create_index("sessions_id_key", "sessions", ["id"], unique=True, schema="access")


def _complete_tokens() -> None:
    for column in (
        sa.Column(
            "scopes",
            ARRAY(sa.Text()),
            server_default=sa.text("'{read:layers}'"),
            nullable=False,
            comment="用途范围 what it opens of what its account may",
        ),
        sa.Column("used_at", MOMENT, nullable=True, comment="最近使用"),
    ):
        op.add_column("tokens", column, schema="access")


def _make_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column(
            "account_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="账号",
        ),
        sa.Column(
            "secret_sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="密钥 sealed with the master key",
        ),
        sa.Column(
            "begun_at",
            MOMENT,
            server_default=sa.text("now()"),
            nullable=False,
            comment="发起时间",
        ),
        sa.Column(
            "confirmed_at",
            MOMENT,
            nullable=True,
            comment="启用时间 of the first right code; none: not in force yet",
        ),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="时间步 of the newest code used; none is taken twice",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["access.accounts.id"],
            name="second_factors_account_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name="second_factors_pkey"),
        schema="access",
        comment="二次验证 second factors (TOTP)",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="账号"),
        sa.Column(
            "code_hash", sa.LargeBinary(), nullable=False, comment="散列 SHA-256"
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
            ["access.second_factors.account_id"],
            name="recovery_codes_account_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="recovery_codes_pkey"),
        schema="access",
        comment="恢复码 recovery codes of second factors",
    )
    op.create_index(
        "recovery_codes_account_id_key",
        "recovery_codes",
        ["account_id", "code_hash"],
        unique=True,
        schema="access",
    )
