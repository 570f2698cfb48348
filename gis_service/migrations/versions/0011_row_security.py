"""Grants per role, and row-level security under persons and matters.

The county-wide role gets a policy of its own that is constantly true: PostgreSQL
folds it away and the spatial index stays usable. The scoped role gets a range, which
the index on ``grid_code`` serves, and the exact branches behind it. A setting that
was never made, or was left empty on a pooled connection, shows nothing.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

PROTECTED = (
    "people.households",
    "people.residents",
    "matters.matters",
    "matters.steps",
)
OPEN_SCHEMAS = "divisions, grid, land, objects, sites"
READERS = "grid_login, grid_all, grid_scoped"

IN_BRANCHES = """
    grid_code >= (SELECT nullif(current_setting('app.scope', true), '')) COLLATE "C"
    AND grid_code
        < (SELECT nullif(current_setting('app.scope', true), '') || '~') COLLATE "C"
    AND ARRAY[
        left(grid_code, 6), left(grid_code, 9), left(grid_code, 12), grid_code
    ]::text[] && (
        SELECT string_to_array(nullif(current_setting('app.branches', true), ''), ',')
    )
"""


def upgrade() -> None:
    """Open what is open, close what is not."""
    op.execute(f"GRANT USAGE ON SCHEMA {OPEN_SCHEMAS}, people, matters TO {READERS}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {OPEN_SCHEMAS} TO {READERS}")
    op.execute(f"GRANT SELECT ON people.density, matters.classes TO {READERS}")
    for table in PROTECTED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY county_wide ON {table} TO grid_all "
            "USING (true) WITH CHECK (true)"
        )
        op.execute(
            f"CREATE POLICY branches ON {table} TO grid_scoped USING ({IN_BRANCHES})"
        )
        op.execute(f"GRANT SELECT ON {table} TO grid_all, grid_scoped")
    op.execute("GRANT USAGE ON SCHEMA access TO grid_login")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON access.accounts, access.sessions, "
        "access.tokens TO grid_login"
    )
    op.execute(
        "GRANT SELECT, INSERT ON access.sign_in_attempts, access.trail TO grid_login"
    )
