"""What the database keeps by itself: counts per cell, density squares, reaches.

These are triggers because whoever writes (intake, the service, QGIS, psql) must keep
them alike. They work once per statement on its transition tables.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

COUNTED = (
    ("people.households", "households", "true"),
    ("people.residents", "residents", "true"),
    ("people.residents", "care_residents", "care_types <> '{}'"),
    ("land.parcels", "parcels", "true"),
    ("objects.objects", "objects", "true"),
    ("matters.matters", "open_matters", "closed_at IS NULL"),
)

KEEP_COUNT = """
CREATE FUNCTION grid.keep_count() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
-- First argument: the column of grid.summaries; second: which rows count.
DECLARE
    gained text := format(
        'SELECT grid_code, 1 AS difference FROM new_rows WHERE %s', TG_ARGV[1]
    );
    lost text := format(
        'SELECT grid_code, -1 AS difference FROM old_rows WHERE %s', TG_ARGV[1]
    );
    changed text := CASE TG_OP
        WHEN 'INSERT' THEN gained
        WHEN 'DELETE' THEN lost
        ELSE gained || ' UNION ALL ' || lost
    END;
BEGIN
    -- Rows are locked in the order of their code, so that two writers never deadlock.
    EXECUTE format(
        'INSERT INTO grid.summaries AS kept (grid_code, %1$I) '
        'SELECT grid_code, sum(difference) FROM (%2$s) AS changed '
        'GROUP BY grid_code HAVING sum(difference) <> 0 ORDER BY grid_code '
        'ON CONFLICT (grid_code) DO UPDATE SET %1$I = kept.%1$I + excluded.%1$I',
        TG_ARGV[0], changed
    );
    RETURN NULL;
END
$$
"""

FILL_SUMMARIES = """
CREATE FUNCTION grid.fill_summaries() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public AS $$
-- Counts everything anew, after a bulk load or when the doctor asks for it.
DELETE FROM grid.summaries;
INSERT INTO grid.summaries (
    grid_code, households, residents, care_residents, parcels, objects, open_matters
)
SELECT
    grid_code,
    coalesce(sum(n) FILTER (WHERE what = 'households'), 0),
    coalesce(sum(n) FILTER (WHERE what = 'residents'), 0),
    coalesce(sum(n) FILTER (WHERE what = 'care_residents'), 0),
    coalesce(sum(n) FILTER (WHERE what = 'parcels'), 0),
    coalesce(sum(n) FILTER (WHERE what = 'objects'), 0),
    coalesce(sum(n) FILTER (WHERE what = 'open_matters'), 0)
FROM (
    SELECT 'households' AS what, grid_code, count(*) AS n
    FROM people.households GROUP BY grid_code
    UNION ALL
    SELECT 'residents', grid_code, count(*) FROM people.residents GROUP BY grid_code
    UNION ALL
    SELECT 'care_residents', grid_code, count(*)
    FROM people.residents WHERE care_types <> '{}' GROUP BY grid_code
    UNION ALL
    SELECT 'parcels', grid_code, count(*) FROM land.parcels GROUP BY grid_code
    UNION ALL
    SELECT 'objects', grid_code, count(*) FROM objects.objects GROUP BY grid_code
    UNION ALL
    SELECT 'open_matters', grid_code, count(*)
    FROM matters.matters WHERE closed_at IS NULL GROUP BY grid_code
) AS counted
GROUP BY grid_code
$$
"""

DENSITY_SQUARES = """
CREATE FUNCTION people.density_squares(place public.geometry)
RETURNS TABLE (
    zoom smallint, tile_x integer, tile_y integer, square smallint,
    center public.geometry
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, public AS $$
-- The square of each zoom 8 to 14 that a point in EPSG:3857 lies in.
SELECT
    level::smallint,
    column_no / 64,
    row_no / 64,
    ((row_no % 64) * 64 + column_no % 64)::smallint,
    ST_SetSRID(
        ST_MakePoint(
            (column_no + 0.5) * side - 20037508.342789244,
            20037508.342789244 - (row_no + 0.5) * side
        ),
        3857
    )
FROM
    generate_series(8, 14) AS level,
    LATERAL (SELECT 40075016.685578488 / (64 * 2 ^ level) AS side) AS square_size,
    LATERAL (
        SELECT
            floor((ST_X(place) + 20037508.342789244) / side)::integer AS column_no,
            floor((20037508.342789244 - ST_Y(place)) / side)::integer AS row_no
    ) AS position
$$
"""

KEEP_DENSITY = """
CREATE FUNCTION people.keep_density() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    gained text := 'SELECT geom_web, 1 AS difference FROM new_rows';
    lost text := 'SELECT geom_web, -1 AS difference FROM old_rows';
    changed text := CASE TG_OP
        WHEN 'INSERT' THEN gained
        WHEN 'DELETE' THEN lost
        ELSE gained || ' UNION ALL ' || lost
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
    DELETE FROM people.density WHERE residents = 0;
    RETURN NULL;
END
$$
"""

FILL_DENSITY = """
CREATE FUNCTION people.fill_density() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public AS $$
DELETE FROM people.density;
INSERT INTO people.density
(zoom, tile_x, tile_y, square, residents, geom, geom_web)
SELECT zoom, tile_x, tile_y, square, sum(n), ST_Transform(center, 4490), center
FROM (
    -- Members of a household share its point: far fewer points than people.
    SELECT geom_web, count(*) AS n FROM people.residents
    WHERE geom_web IS NOT NULL GROUP BY geom_web
) AS place, people.density_squares(place.geom_web)
GROUP BY zoom, tile_x, tile_y, square, center
$$
"""

KEEP_REACH = """
CREATE FUNCTION grid.keep_reach() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
-- Argument: how far beyond the area its rows may lie, in Web Mercator metres.
BEGIN
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

EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def _watch(table: str, name: str, call: str) -> None:
    for event, transition in EVENTS.items():
        op.execute(
            f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table} "
            f"{transition} FOR EACH STATEMENT EXECUTE FUNCTION {call}"
        )


def upgrade() -> None:
    """Create the functions, then a trigger per table and event."""
    for function in (
        KEEP_COUNT,
        FILL_SUMMARIES,
        DENSITY_SQUARES,
        KEEP_DENSITY,
        FILL_DENSITY,
        KEEP_REACH,
    ):
        op.execute(function)
    for table, column, condition in COUNTED:
        quoted = condition.replace("'", "''")
        _watch(table, f"keep_{column}", f"grid.keep_count('{column}', '{quoted}')")
    _watch("people.residents", "keep_density", "people.keep_density()")
    for table in ("divisions.townships", "divisions.villages", "grid.cells"):
        _watch(table, "keep_reach", "grid.keep_reach('0')")
    # A matter up to 5 km outside is kept under the county's own code; 5 km on the
    # ground are less than 6 km of Web Mercator up to 33 degrees of latitude.
    _watch("divisions.counties", "keep_reach", "grid.keep_reach('6000')")
