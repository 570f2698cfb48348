"""Sum the density of lower zooms from the squares that are shown at the highest.

A square of one to four is told to nobody. Its parent's count less the siblings shown
would give it back; so what is told of a parent is the sum of what is told of its squares.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

TOLD = "CASE WHEN residents >= 5 THEN residents ELSE 0 END"

TELL_DENSITY = f"""
CREATE FUNCTION people.tell_density() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public
-- What is stale is always a sliver, which the planner cannot know.
SET enable_seqscan = off AS $$
INSERT INTO people.density AS kept
(zoom, tile_x, tile_y, square, residents, told, geom, geom_web)
SELECT
    square.zoom, square.tile_x, square.tile_y, square.square, 0,
    sum(stale.difference), ST_Transform(square.center, 4490), square.center
FROM (
    SELECT geom_web, {TOLD} - told AS difference FROM people.density
    WHERE zoom = 14 AND told <> {TOLD}
) AS stale, people.density_squares(stale.geom_web) AS square
GROUP BY square.zoom, square.tile_x, square.tile_y, square.square, square.center
ORDER BY square.zoom, square.tile_x, square.tile_y, square.square
ON CONFLICT (zoom, tile_x, tile_y, square)
DO UPDATE SET told = kept.told + excluded.told
$$
"""

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
            'SELECT moved.geom_web, moved.difference '
            'FROM old_rows INNER JOIN new_rows USING (county_code, id), '
            'LATERAL (VALUES (old_rows.geom_web, -1), (new_rows.geom_web, 1)) '
            'AS moved (geom_web, difference) '
            'WHERE old_rows.geom_web IS DISTINCT FROM new_rows.geom_web'
    END;
BEGIN
    -- Squares that gain as many as they lose are written too: what is told of them may
    -- change, and every row is locked here in one order, so that writers never deadlock.
    EXECUTE format(
        'INSERT INTO people.density AS kept '
        '(zoom, tile_x, tile_y, square, residents, geom, geom_web) '
        'SELECT zoom, tile_x, tile_y, square, sum(difference), '
        '    ST_Transform(center, 4490), center '
        'FROM (SELECT geom_web, sum(difference) AS difference FROM (%s) AS changed '
        '    WHERE geom_web IS NOT NULL GROUP BY geom_web '
        '    HAVING sum(difference) <> 0 OFFSET 0) AS place, '
        '    people.density_squares(place.geom_web) '
        'GROUP BY zoom, tile_x, tile_y, square, center '
        'ORDER BY zoom, tile_x, tile_y, square '
        'ON CONFLICT (zoom, tile_x, tile_y, square) '
        'DO UPDATE SET residents = kept.residents + excluded.residents',
        changed
    );
    PERFORM people.tell_density();
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM people.density WHERE residents = 0;
    END IF;
    RETURN NULL;
END
$$
"""

FILL_DENSITY = """
CREATE OR REPLACE FUNCTION people.fill_density() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public AS $$
DELETE FROM people.density;
INSERT INTO people.density
(zoom, tile_x, tile_y, square, residents, told, geom, geom_web)
SELECT
    square.zoom, square.tile_x, square.tile_y, square.square,
    sum(ground.n), coalesce(sum(ground.n) FILTER (WHERE ground.n >= 5), 0),
    ST_Transform(square.center, 4490), square.center
FROM (
    SELECT leaf.center, sum(place.n) AS n
    FROM (
        -- Members of a household share its point: far fewer points than people.
        SELECT geom_web, count(*) AS n FROM people.residents
        WHERE geom_web IS NOT NULL GROUP BY geom_web
    ) AS place, people.density_squares(place.geom_web) AS leaf
    WHERE leaf.zoom = 14
    GROUP BY leaf.center
) AS ground, people.density_squares(ground.center) AS square
GROUP BY square.zoom, square.tile_x, square.tile_y, square.square, square.center
$$
"""


def upgrade() -> None:
    """Add the column, keep it by the trigger, find what is stale by an index."""
    op.add_column(
        "density",
        sa.Column(
            "told",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="公布人数 sum of the squares of zoom 14 with five or more",
        ),
        schema="people",
    )
    op.execute(TELL_DENSITY)
    op.execute(KEEP_DENSITY)
    op.execute(FILL_DENSITY)
    op.execute("SELECT people.fill_density()")
    op.create_index(
        "density_stale_idx",
        "density",
        ["zoom"],
        schema="people",
        postgresql_where=sa.text(f"zoom = 14 AND told <> {TOLD}"),
    )
