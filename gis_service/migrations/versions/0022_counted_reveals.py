"""Count the reveals of each account, so that their limit holds for all workers."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the table; the login adds to it and forgets, and changes nothing."""
    op.create_table(
        "reveals",
        sa.Column(
            "account_id", sa.BigInteger(), nullable=False, comment="账号 account"
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="时间",
        ),
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reveals_pkey")),
        schema="people",
        comment="查看原文 reveals, counted for their limit",
    )
    op.create_index(
        "reveals_account_id_idx", "reveals", ["account_id", "at"], schema="people"
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON people.reveals TO grid_login")
