"""Whether rows lie where their code says, without which no map would find them."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

FOUND_BY_REACH = ("people.households", "people.residents", "matters.matters")
MOST_ROWS = 200_000
"""Rows of a table looked at; of a larger one, about as many, on pages by chance."""

# A metre, since a place on the edge may be rounded to either side of it.
_OUTSIDE = """
    SELECT
        count(*) AS seen,
        count(*) FILTER (
            WHERE row.geom_web IS NOT NULL AND (
                reach.code IS NULL
                OR NOT ST_Intersects(reach.geom_web, row.geom_web)
                AND NOT ST_DWithin(reach.geom_web, row.geom_web, 1)
            )
        ) AS outside
    FROM {table} AS row TABLESAMPLE SYSTEM (:percent)
    LEFT JOIN grid.reaches AS reach ON row.grid_code = reach.code
"""


@dataclass(frozen=True, slots=True)
class Places:
    """How many rows of a table were looked at, and how many lie outside."""

    table: str
    seen: int
    outside: int
    is_sample: bool


def count(connection: Connection, most: int = MOST_ROWS) -> list[Places]:
    """Count rows outside the reach of their code, in each table found by reach."""
    return [_counted(connection, table, most) for table in FOUND_BY_REACH]


def _counted(connection: Connection, table: str, most: int) -> Places:
    rows = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:table)")
    known = connection.execute(rows, {"table": table}).scalar_one()
    percent = 100 if known <= most else 100 * most / known
    statement = text(_OUTSIDE.format(table=table))
    found = connection.execute(statement, {"percent": percent}).one()
    return Places(table, found.seen, found.outside, percent < 100)  # noqa: PLR2004 - all of it
