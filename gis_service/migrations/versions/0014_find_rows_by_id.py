"""An index on the number alone: an address of a feature names no county.

The keys lead with the county, so that without it the whole index would be read.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = (
    ("people", "households"),
    ("people", "residents"),
    ("land", "parcels"),
    ("land", "buildings"),
    ("objects", "objects"),
    ("matters", "matters"),
)


def upgrade() -> None:
    """Create the indexes."""
    for schema, table in TABLES:
        op.create_index(f"{table}_id_idx", table, ["id"], schema=schema)
