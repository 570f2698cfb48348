"""Density squares and reaches are kept anew only where geometry really changed.

Attaching residents to redrawn cells changes their codes, and renewing generalised
bands changes columns that nothing here is kept from: neither moves anything.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

KEEP_DENSITY = """
CREATE OR REPLACE FUNCTION people.keep_density() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
-- Old and new rows are as many as the statement wrote: a loop in a loop never pays.
SET enable_nestloop = off AS $$
DECLARE
    changed text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT geom_web, 1 AS difference FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT geom_web, -1 AS difference FROM old_rows'
        ELSE
            'SELECT place.geom_web, place.difference '
            'FROM old_rows INNER JOIN new_rows USING (county_code, id), '
            'LATERAL (VALUES (old_rows.geom_web, -1), (new_rows.geom_web, 1)) '
            'AS place (geom_web, difference) '
            'WHERE old_rows.geom_web IS DISTINCT FROM new_rows.geom_web'
    END;
BEGIN
    EXECUTE format(
        'INSERT INTO people.density AS kept '
        '(zoom, tile_x, tile_y, square, residents, geom, geom_web) '
        'SELECT zoom, tile_x, tile_y, square, sum(difference), '
        '    ST_Transform(center, 4490), center '
        'FROM (%s) AS changed, people.density_squares(changed.geom_web) '
        'GROUP BY zoom, tile_x, tile_y, square, center HAVING sum(difference) <> 0 '
        'ORDER BY zoom, tile_x, tile_y, square '
        'ON CONFLICT (zoom, tile_x, tile_y, square) '
        'DO UPDATE SET residents = kept.residents + excluded.residents',
        changed
    );
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM people.density WHERE residents = 0;
    END IF;
    RETURN NULL;
END
$$
"""

KEEP_REACH = """
CREATE OR REPLACE FUNCTION grid.keep_reach() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
-- Old and new rows are as many as the statement wrote: a loop in a loop never pays.
SET enable_nestloop = off AS $$
-- Argument: how far beyond the area its rows may lie, in Web Mercator metres.
BEGIN
    -- The conditions stand apart, since an INSERT has no old rows to ask about.
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT FROM old_rows INNER JOIN new_rows USING (id)
            WHERE old_rows.code <> new_rows.code
                OR old_rows.valid_to IS DISTINCT FROM new_rows.valid_to
                OR old_rows.geom_web IS DISTINCT FROM new_rows.geom_web
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        DELETE FROM grid.reaches
        WHERE code IN (SELECT old_rows.code FROM old_rows WHERE valid_to IS NULL);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO grid.reaches (code, geom_web)
        SELECT
            new_rows.code,
            CASE
                WHEN TG_ARGV[0]::integer = 0 THEN new_rows.geom_web
                ELSE ST_Multi(ST_Buffer(new_rows.geom_web, TG_ARGV[0]::integer))
            END
        FROM new_rows
        WHERE valid_to IS NULL;
    END IF;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Replace the two functions."""
    op.execute(KEEP_DENSITY)
    op.execute(KEEP_REACH)
