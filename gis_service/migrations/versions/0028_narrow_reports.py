"""Outside one's scope only the beginning of a matter may be written.

A report may lie outside the scope of who makes it. What is written there can be
nothing but a report: nobody's answer, closed by nobody, and its own first step.
"""

from alembic import op

revision = "0028"
down_revision = "0027"

CHECKS = {
    "matters": """
        left(grid_code, 6) = county_code AND state = 'reported' AND row_version = 1
        AND closed_at IS NULL AND assignee_id IS NULL AND batch_id IS NULL
    """,
    "steps": """
        left(grid_code, 6) = county_code AND act = 'report' AND seq = 1
        AND from_state IS NULL AND to_state = 'reported'
    """,
}


def upgrade() -> None:
    """Say what a report is; inside the scope the branches decide as before."""
    for table, check in CHECKS.items():
        op.execute(f"ALTER POLICY reports ON matters.{table} WITH CHECK ({check})")
