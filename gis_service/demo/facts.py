"""The facts sheet: what the demo county holds, counted and hashed table by table.

A hash covers what the seed decides: not the sealed values, which carry random numbers,
nor what the database computes itself. The same seed gives the same sheet.
"""

from typing import Any

import psycopg

from gis_service.demo import county
from gis_service.demo.scale import Scale
from gis_service.demo.storage import FILLED

UNDECIDED = ("batch_id", "client_id", "account_id")
SEALED = ("id_number_sealed", "id_number_index", "phone_sealed", "phone_index")
BANDS = ("geom_web_z8", "geom_web_z10", "geom_web_z12")

COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
FROM pg_attribute
WHERE
    attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '' AND attname <> ALL(%s)
"""

# Hashes of rows in order, so that the order of storing does not matter.
SHEET = """
SELECT
    count(*),
    encode(sha256(convert_to(coalesce(string_agg(row_hash, '' ORDER BY row_hash), ''),
        'UTF8')), 'hex')
FROM (
    SELECT encode(sha256(convert_to(ROW({columns})::text, 'UTF8')), 'hex') AS row_hash
    FROM {table}
) AS hashed
"""

PEOPLE = """
SELECT
    count(*) FILTER (WHERE is_registered_here),
    count(*) FILTER (WHERE is_living_here),
    count(*) FILTER (WHERE care_types <> '{}')
FROM people.residents
"""

MATTERS = """
SELECT
    round(avg((closed_at IS NULL)::int), 4)::float,
    round(avg((coalesce(closed_at, %s) > due_at)::int), 4)::float,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY hours),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)
FROM
    matters.matters,
    LATERAL (
        SELECT extract(EPOCH FROM closed_at - reported_at) / 3600 AS hours
    ) AS length
"""


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return the rows of each table, without the hashes that take their time."""
    query = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table}"  # noqa: S608 - names from the list
        for table in FILLED
    )
    return dict(connection.execute(query).fetchall())


def sheet(
    connection: psycopg.Connection[Any], *, scale: Scale, seed: int
) -> dict[str, Any]:
    """Return the facts sheet of what is stored."""
    connection.execute("SET LOCAL timezone = 'UTC'")
    registered, living, care = connection.execute(PEOPLE).fetchone() or (0, 0, 0)
    now = f"{county.TODAY} 00:00:00+00"
    shares = connection.execute(MATTERS, [now]).fetchone() or (None,) * 4
    names = ("open_share", "late_share", "median_hours_to_close", "p90_hours_to_close")
    return {
        "label": county.LABEL,
        "label_en": county.LABEL_EN,
        "county": county.CODE,
        "scale": str(scale),
        "seed": seed,
        "today": county.TODAY.isoformat(),
        "people": {"registered": registered, "living": living, "in_care": care},
        "matters": {
            name: None if value is None else round(float(value), 4)
            for name, value in zip(names, shares, strict=True)
        },
        "tables": {table: _table(connection, table) for table in FILLED},
    }


def _table(connection: psycopg.Connection[Any], table: str) -> dict[str, Any]:
    without = [*UNDECIDED, *SEALED, *BANDS]
    columns = (connection.execute(COLUMNS, [table, without]).fetchone() or ("",))[0]
    query = SHEET.format(columns=columns, table=table)
    count, digest = connection.execute(query).fetchone() or (0, "")
    return {"rows": count, "sha256": digest}
