"""Where one point lies, asked of the database in the transaction that stores it."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.grid.location import is_on_ground
from gis_service.grid.placement import COUNTY_MARGIN_M

# The rule of ``placement``: the cell with the smallest code, else the village, the
# township, or the county, which reaches a little beyond its border.
_LOCATE = text(f"""
    WITH place AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), {crs.STORED}) AS geom)
    SELECT found.grid_code, found.name, village.code AS village_code
    FROM place, LATERAL (
        (SELECT code AS grid_code, name, 1 AS rank FROM grid.cells
            WHERE valid_to IS NULL AND kind <> 'unit'
                AND ST_Intersects(geom, place.geom) ORDER BY code LIMIT 1)
        UNION ALL
        (SELECT code, name, 2 FROM divisions.villages
            WHERE valid_to IS NULL AND ST_Intersects(geom, place.geom)
            ORDER BY code LIMIT 1)
        UNION ALL
        (SELECT code, name, 3 FROM divisions.townships
            WHERE valid_to IS NULL AND ST_Intersects(geom, place.geom)
            ORDER BY code LIMIT 1)
        ORDER BY rank LIMIT 1
    ) AS found
    LEFT JOIN divisions.villages AS village
        ON village.code = left(found.grid_code, 12) AND village.valid_to IS NULL
""")  # noqa: S608 - numbers of this package
# Asked only when the first finds nothing: it turns the whole border into metres.
_NEAR_COUNTY = text(f"""
    SELECT code, name, NULL AS village_code FROM divisions.counties
    WHERE valid_to IS NULL AND ST_DWithin(
        ST_Transform(geom, {crs.METRIC}),
        ST_Transform(
            ST_SetSRID(ST_MakePoint(:lon, :lat), {crs.STORED}), {crs.METRIC}
        ),
        {COUNTY_MARGIN_M}
    )
    ORDER BY code LIMIT 1
""")  # noqa: S608 - numbers of this package


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies: its grid code, the name of that, and the village's code."""

    grid_code: str
    name: str
    village_code: str | None


def locate(connection: Connection, lon: float, lat: float) -> Place | None:
    """Return where a point (EPSG:4490) lies, None far outside the county."""
    if not is_on_ground(lon, lat):
        return None
    at = {"lon": lon, "lat": lat}
    for question in (_LOCATE, _NEAR_COUNTY):
        found = connection.execute(question, at).one_or_none()
        if found is not None:
            return Place(*found)
    return None
