"""Access: changes are told to every worker, and the trail can only grow.

Workers remember for a moment who a session or token belongs to; a change of
accounts, sessions or tokens makes them forget. The trail refuses change and removal
from everybody, its owner included.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TELL = """
CREATE FUNCTION access.tell_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('access_changed', TG_TABLE_NAME);
    RETURN NULL;
END
$$
"""

REFUSE = """
CREATE FUNCTION access.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'the trail is only ever added to'
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""

TOLD = {
    "accounts": "UPDATE OR DELETE",
    # A session that was merely seen again changes nothing for the workers.
    "sessions": "UPDATE OF expires_at, account_id OR DELETE",
    "tokens": "UPDATE OR DELETE",
}


def upgrade() -> None:
    """Add the triggers, the idle limit of a session, and room for tidying."""
    op.execute(TELL)
    # Per row, since a statement that touches none tells nothing; PostgreSQL folds equal
    # notices of a transaction into one.
    for table, events in TOLD.items():
        op.execute(
            f"CREATE TRIGGER tell_change AFTER {events} ON access.{table} "
            "FOR EACH ROW EXECUTE FUNCTION access.tell_change()"
        )
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON access.trail FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change()"
    )
    op.add_column(
        "sessions",
        sa.Column(
            "idle_hours",
            sa.SmallInteger(),
            server_default=sa.text("8"),
            nullable=False,
            comment="空闲时限 hours without a request that end it",
        ),
        schema="access",
    )
    # Tries are counted over a quarter of an hour; older ones need not be kept.
    op.execute("GRANT DELETE ON access.sign_in_attempts TO grid_login")
