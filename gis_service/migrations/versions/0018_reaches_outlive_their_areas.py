"""A reach outlives the end of its area: closed matters keep the code they had.

A matter that is closed stays under its cell's code when the cell is redrawn, ended or
undone, and is found through that code's reach: so the reach must go on covering it.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

AREAS = {
    "divisions.townships": 0,
    "divisions.villages": 0,
    "grid.cells": 0,
    "divisions.counties": 6000,
}
"""Tables with a reach per code, and how far beyond the area it goes (0012)."""

KEEP_REACH = """
CREATE OR REPLACE FUNCTION grid.keep_reach() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
-- Old and new rows are as many as the statement wrote: a loop in a loop never pays.
SET enable_nestloop = off AS $$
-- Argument: how far beyond the area its rows may lie, in Web Mercator metres.
DECLARE
    changed text[];
BEGIN
    -- The conditions stand apart, since an INSERT has no old rows to ask about.
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(code) INTO changed FROM (
            SELECT unnest(ARRAY[old_rows.code, new_rows.code]) AS code
            FROM old_rows INNER JOIN new_rows USING (id)
            WHERE old_rows.code <> new_rows.code
                OR old_rows.valid_to IS DISTINCT FROM new_rows.valid_to
                OR old_rows.geom_web IS DISTINCT FROM new_rows.geom_web
        ) AS moved;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(code) INTO changed FROM new_rows;
    ELSE
        SELECT array_agg(code) INTO changed FROM old_rows;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    -- The area in force, or else the last one that was.
    EXECUTE format(
        'INSERT INTO grid.reaches AS kept (code, geom_web) '
        'SELECT DISTINCT ON (code) code, CASE '
        '    WHEN $2 = 0 THEN geom_web ELSE ST_Multi(ST_Buffer(geom_web, $2)) END '
        'FROM %I.%I WHERE code = ANY($1) '
        'ORDER BY code, valid_to DESC NULLS FIRST, id DESC '
        'ON CONFLICT (code) DO UPDATE SET geom_web = CASE '
        '    WHEN EXISTS (SELECT FROM matters.matters AS matter '
        '        WHERE matter.grid_code = excluded.code '
        '            AND matter.closed_at IS NOT NULL '
        '            AND NOT ST_Intersects(excluded.geom_web, matter.geom_web)) '
        '    THEN ST_Multi(ST_Union(kept.geom_web, excluded.geom_web)) '
        '    ELSE excluded.geom_web END',
        TG_TABLE_SCHEMA, TG_TABLE_NAME
    ) USING changed, TG_ARGV[0]::integer;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format(
            'DELETE FROM grid.reaches AS kept WHERE code = ANY($1) '
            'AND NOT EXISTS (SELECT FROM %I.%I AS area WHERE area.code = kept.code) '
            'AND NOT EXISTS ('
            '    SELECT FROM matters.matters WHERE grid_code = kept.code) '
            'AND NOT EXISTS ('
            '    SELECT FROM people.households WHERE grid_code = kept.code) '
            'AND NOT EXISTS ('
            '    SELECT FROM people.residents WHERE grid_code = kept.code)',
            TG_TABLE_SCHEMA, TG_TABLE_NAME
        ) USING changed;
    END IF;
    RETURN NULL;
END
$$
"""

FILL_ENDED = """
INSERT INTO grid.reaches (code, geom_web)
SELECT DISTINCT ON (code)
    code,
    CASE
        WHEN {beyond} = 0 THEN geom_web
        ELSE ST_Multi(ST_Buffer(geom_web, {beyond}))
    END
FROM {table} WHERE valid_to IS NOT NULL
ORDER BY code, valid_to DESC, id DESC
ON CONFLICT (code) DO NOTHING
"""


def upgrade() -> None:
    """Replace the function; give codes ended before a reach again."""
    op.execute(KEEP_REACH)
    for table, beyond in AREAS.items():
        op.execute(FILL_ENDED.format(table=table, beyond=beyond))
