"""Divisions, cells and centers by name, pinyin or code: on every map, for everybody."""

import asyncpg

from gis_service.queries.search_words import Words

# strpos and starts_with know no wildcards: % and _ are characters like others.
_CALLED = """
    (starts_with({0}.code, $1) OR strpos({0}.name, $1) > 0
    OR strpos({0}.spelling, $2) > 0)
"""

AS_RESULT = """
    json_build_object(
        'kind', found.kind, 'code', found.code,
        'title', found.title, 'subtitle', found.subtitle,
        'center', CASE WHEN found.geom IS NOT NULL THEN json_build_array(
            round(ST_X(ST_PointOnSurface(found.geom))::numeric, 6),
            round(ST_Y(ST_PointOnSurface(found.geom))::numeric, 6)) END,
        'bounds', CASE WHEN found.geom IS NOT NULL THEN json_build_array(
            round(ST_XMin(found.geom)::numeric, 6),
            round(ST_YMin(found.geom)::numeric, 6),
            round(ST_XMax(found.geom)::numeric, 6),
            round(ST_YMax(found.geom)::numeric, 6)) END
    )::text
"""
"""A row ``found`` as the answer shows it: a person without a place has no center."""

_PLACES = f"""
WITH called AS (
    SELECT 1 AS position, 'township' AS kind, township.code, township.name,
        township.spelling, township.geom, NULL AS above, township.kind AS subtitle
    FROM divisions.townships AS township
    WHERE township.valid_to IS NULL AND {_CALLED.format("township")}
    UNION ALL
    SELECT 2, 'village', village.code, village.name, village.spelling, village.geom,
        left(village.code, 9), NULL
    FROM divisions.villages AS village
    WHERE village.valid_to IS NULL AND {_CALLED.format("village")}
    UNION ALL
    SELECT 3, 'cell', cell.code, cell.name, cell.spelling, cell.geom,
        cell.village_code, NULL
    FROM grid.cells AS cell
    WHERE cell.valid_to IS NULL AND {_CALLED.format("cell")}
    UNION ALL
    SELECT 4, 'center', center.code, center.name, center.spelling, center.geom,
        center.village_code, NULL
    FROM sites.centers AS center WHERE {_CALLED.format("center")}
),
ranked AS (
    SELECT
        called.*,
        CASE
            WHEN called.code = $1 OR called.name = $1 THEN 0
            WHEN starts_with(called.name, $1) OR starts_with(called.code, $1)
                OR starts_with(called.spelling, $2)
                OR strpos(called.spelling, ' ' || $2) > 0 THEN 1
            WHEN strpos(called.name, $1) > 0
                OR strpos(split_part(called.spelling, ' ', 1), $2) > 0 THEN 2
        END AS rank
    FROM called
),
best AS (
    -- A syllable in the middle of the whole pinyin has no rank.
    SELECT * FROM ranked WHERE rank IS NOT NULL
    ORDER BY rank, position, char_length(name), code LIMIT $3
),
found AS (
    SELECT
        best.rank, best.position, best.kind, best.code, best.name AS title, best.geom,
        coalesce(best.subtitle, village.name, township.name) AS subtitle
    FROM best
    LEFT JOIN divisions.townships AS township
        ON best.kind = 'village' AND township.code = best.above
        AND township.valid_to IS NULL
    LEFT JOIN divisions.villages AS village
        ON best.kind <> 'village' AND village.code = best.above
        AND village.valid_to IS NULL
)
SELECT {AS_RESULT}
FROM found ORDER BY found.rank, found.position, char_length(found.title), found.code
"""  # noqa: S608 - put together from the constants above


async def places(reader: asyncpg.Connection, words: Words, limit: int) -> list[str]:
    """Return the best places as JSON: codes and whole names, beginnings, parts."""
    rows = await reader.fetch(_PLACES, words.text, words.pinyin, limit)
    return [row[0] for row in rows]
