"""Let the service see which migration its database is at: it tells when asked."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Open the one row that Alembic keeps."""
    op.execute("GRANT SELECT ON public.alembic_version TO grid_login")
