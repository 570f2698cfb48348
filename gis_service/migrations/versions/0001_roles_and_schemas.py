"""Roles of the service, one schema per domain folder, and PostGIS itself."""

from alembic import op

revision = "0001"
down_revision = None

SCHEMAS = {
    "divisions": "行政区划 counties, townships, villages",
    "grid": "网格 cells, duties, kept counts",
    "people": "人 households and residents, under row-level security",
    "land": "地 parcels, buildings, roads, water",
    "objects": "物 managed objects",
    "matters": "事 matters and their steps, under row-level security",
    "sites": "服务中心 centers, functions, candidate sites",
    "access": "访问 accounts, sessions, trail",
    "intake": "导入 batches and their findings",
}

ROLES = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_login') THEN
        CREATE ROLE grid_login LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_all') THEN
        CREATE ROLE grid_all NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_scoped') THEN
        CREATE ROLE grid_scoped NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Two databases of one server are migrated at once: the other one made them.
    NULL;
END
$$
"""


def upgrade() -> None:
    """Create what every later migration stands on."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(ROLES)
    op.execute("GRANT grid_all, grid_scoped TO grid_login")
    for schema, comment in SCHEMAS.items():
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{comment}'")
