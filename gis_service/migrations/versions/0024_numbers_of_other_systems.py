"""Keep the number a matter has in the system it came from."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column, and find matters by it."""
    op.add_column(
        "matters",
        sa.Column(
            "source_number",
            sa.String(collation="C"),
            nullable=True,
            comment="原编号 number in the system it came from; # and a digest of its content where it had none",
        ),
        schema="matters",
    )
    op.create_index(
        "matters_source_number_idx",
        "matters",
        ["county_code", "source_number"],
        schema="matters",
        postgresql_where=sa.text("source_number IS NOT NULL"),
    )
