"""Keep what was typed as a login as a keyed hash: it may have been a password."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Forget what was written in clear; nobody may be paused by it any more."""
    op.execute("DELETE FROM access.sign_in_attempts")
    op.alter_column(
        "sign_in_attempts",
        "login",
        schema="access",
        existing_type=sa.Text(),
        existing_nullable=False,
        comment="登录名散列 HMAC-SHA-256 of what was typed",
        existing_comment="登录名 as typed",
    )
