# ruff: noqa: S608 - every part of the statements is written in this file
"""A county of squares, crowded enough to be planned for like a real one.

1,600 cells of a hundredth of a degree, ten to a village, a hundred to a township.
"""

from math import asinh, pi, radians, tan

from sqlalchemy import Connection, text

CORNER_LON, CORNER_LAT = 111.0, 27.5
SIDE = 40
"""Cells along each side of the county."""

COUNTY = "431322"
CELL = f"{COUNTY}001001001"
"""The cell at the corner."""

_PLACES = """
CREATE TEMP TABLE squares AS
SELECT
    cx,
    cy,
    :county || to_char((cy / 10) * 4 + cx / 10 + 1, 'FM000') AS township,
    to_char(cy % 10 + 1, 'FM000') AS village_no,
    to_char(cx % 10 + 1, 'FM000') AS cell_no
FROM generate_series(0, :side - 1) AS cy, generate_series(0, :side - 1) AS cx
"""
_AREA = (
    "ST_Multi(ST_MakeEnvelope(:lon + {x}, :lat + {y}, :lon + {x2}, :lat + {y2}, 4490))"
)
_POINT = (
    "ST_SetSRID(ST_MakePoint(:lon + (cx + random()) * 0.01, "
    ":lat + (cy + random()) * 0.01), 4490)"
)
_CODE = "township || village_no || cell_no"
_MANY = "FROM squares, generate_series(1, :each) AS number ORDER BY cy, cx"


def _area(x: str, y: str, width: str, height: str) -> str:
    return _AREA.format(x=x, y=y, x2=f"{x} + {width}", y2=f"{y} + {height}")


_AREAS = (
    f"""INSERT INTO divisions.counties (code, name, geom)
    SELECT :county, '方县', {_area("0", "0", "0.4", "0.4")}""",
    f"""INSERT INTO divisions.townships (code, name, kind, geom)
    SELECT township, township, '镇',
        {_area("min(cx) * 0.01", "min(cy) * 0.01", "0.1", "0.1")}
    FROM squares GROUP BY township""",
    f"""INSERT INTO divisions.villages (code, name, kind, geom)
    SELECT township || village_no, village_no, '村',
        {_area("min(cx) * 0.01", "min(cy) * 0.01", "0.1", "0.01")}
    FROM squares GROUP BY township, village_no""",
    f"""INSERT INTO grid.cells (code, name, village_code, geom)
    SELECT {_CODE}, cell_no, township || village_no,
        {_area("cx * 0.01", "cy * 0.01", "0.01", "0.01")}
    FROM squares ORDER BY cy, cx""",
    f"""INSERT INTO grid.duties (grid_code, officer_name, role, valid_from)
    SELECT {_CODE}, '网格员', 'officer', '2020-01-01' FROM squares""",
)
_THINGS = (
    f"""INSERT INTO divisions.villager_groups (code, name, village_code, geom)
    SELECT {_CODE} || number, '组', township || village_no, {_POINT} {_MANY}""",
    f"""INSERT INTO people.households (code, village_code, grid_code, geom)
    SELECT {_CODE} || number, township || village_no, {_CODE}, {_POINT} {_MANY}""",
    """INSERT INTO people.residents (household_id, name, birth_on, care_types,
        grid_code, geom)
    SELECT id, '王一', '1950-01-01',
        CASE WHEN id % 7 = 0 THEN '{01}'::text[] ELSE '{}' END, grid_code, geom
    FROM people.households, generate_series(1, 3) ORDER BY id""",
    f"""INSERT INTO matters.matters (number, class_code, source, title, state,
        grid_code, reported_at, closed_at, due_at, geom)
    SELECT '20260101' || :county || row_number() OVER (ORDER BY cy, cx), 'C01',
        'officer', '事', CASE WHEN number = 1 THEN 'reported' ELSE 'closed' END,
        {_CODE}, now() - interval '9 days',
        CASE WHEN number > 1 THEN now() END, now(), {_POINT} {_MANY}""",
    f"""INSERT INTO land.parcels (code, scheme, kind, village_code, grid_code, geom)
    SELECT {_CODE} || number, 'local', '承包地', township || village_no, {_CODE},
        ST_Multi(ST_Expand({_POINT}, 0.0003)) {_MANY}""",
    f"""INSERT INTO land.buildings (code, use, village_code, grid_code, geom)
    SELECT {_CODE} || number, '农房', township || village_no, {_CODE},
        ST_Expand({_POINT}, 0.0001) {_MANY}""",
    f"""INSERT INTO land.roads (code, class, geom)
    SELECT {_CODE} || number, '村道', ST_Multi(ST_MakeLine({_POINT}, {_POINT}))
    {_MANY}""",
    f"""INSERT INTO land.waters (kind, geom) SELECT '山塘', {_POINT} {_MANY}""",
    f"""INSERT INTO objects.objects (code, category, name, grid_code, geom)
    SELECT :county || to_char(row_number() OVER (ORDER BY cy, cx), 'FM0000000000'),
        '0118', '路灯', {_CODE}, {_POINT} {_MANY}""",
    f"""INSERT INTO sites.centers (code, name, kind, status, village_code, grid_code,
        geom)
    SELECT {_CODE}, '中心', '村级', 'open', township || village_no, {_CODE}, {_POINT}
    FROM squares""",
    """INSERT INTO sites.center_functions (center_id, function)
    SELECT id, function FROM sites.centers, generate_series(1, 3) AS function""",
    f"""INSERT INTO sites.candidates (code, name, village_code, grid_code, geom)
    SELECT {_CODE}, '候选', township || village_no, {_CODE}, {_POINT} FROM squares""",
)
_BANDS = ("divisions.townships", "divisions.villages", "grid.cells")


def fill(connection: Connection, each: int) -> None:
    """Fill a migrated, empty database with ``each`` of everything per cell."""
    values = {
        "county": COUNTY,
        "side": SIDE,
        "lon": CORNER_LON,
        "lat": CORNER_LAT,
        "each": each,
    }
    connection.execute(text("SELECT setseed(0.5)"))
    for statement in (_PLACES, *_AREAS, *_THINGS):
        connection.execute(text(statement.replace("::text", r"\:\:text")), values)
    for table in _BANDS:
        connection.execute(
            text(
                f"UPDATE {table} SET geom_web_z8 = geom_web, "
                "geom_web_z10 = geom_web, geom_web_z12 = geom_web"
            )
        )


def tile_at(zoom: int, lon: float, lat: float) -> tuple[int, int, int]:
    """Return zoom, column and row of the tile over a place."""
    column = int((lon + 180) / 360 * 2**zoom)
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)
    return zoom, column, row
