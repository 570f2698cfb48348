"""The world of the tests: a small invented county, built in metres from its corner.

::

    y 4000 +---------------------------+-------------+
           |  北村 (no cells)          |             |
      2000 +------+------+------+------+   乙镇      |
           | c003 | c004 |      |      |   远村      |
      1000 +------+------+ c001 | none |   c001      |
           | c001 | c002 |      |      |             |
         0 +------+------+------+------+-------------+
           0    1000   2000   3000   4000          6000 x

    甲街道 (x 0-4000): 东村 (x 0-2000), 西村 (x 2000-4000, half of it in no cell)
"""

from datetime import UTC, datetime

from shapely import box, points, to_wkt, transform
from shapely.affinity import translate
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from gis_service import crs

CORNER_EAST_M = 529_000
CORNER_NORTH_M = 3_065_000
CORNER = (CORNER_EAST_M, CORNER_NORTH_M)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

COUNTY = "431322"
NEAR_TOWNSHIP, FAR_TOWNSHIP = "431322001", "431322101"
EAST, WEST, NORTH, FAR = (
    "431322001201",
    "431322001202",
    "431322001203",
    "431322101201",
)
CELLS = {
    f"{EAST}001": (0, 0, 1000, 1000),
    f"{EAST}002": (1000, 0, 2000, 1000),
    f"{EAST}003": (0, 1000, 1000, 2000),
    f"{EAST}004": (1000, 1000, 2000, 2000),
    f"{WEST}001": (2000, 0, 3000, 2000),
    f"{FAR}001": (4000, 0, 6000, 4000),
}
FIRST_CELL = f"{EAST}001"

Box = tuple[int, int, int, int]


def stored(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape drawn in metres from the corner in stored coordinates."""
    to_degrees = crs.transformer(crs.METRIC, crs.STORED)
    moved = translate(shape, CORNER_EAST_M, CORNER_NORTH_M)
    return transform(moved, to_degrees.transform, interleaved=False)


def place(x_m: float, y_m: float) -> tuple[float, float]:
    """Return longitude and latitude of a place given in metres from the corner."""
    point = stored(points(x_m, y_m))
    return point.x, point.y


def build(connection: Connection) -> None:
    """Fill a migrated, empty database with the whole world."""
    _add_areas(connection)
    _add_people(connection)
    _add_land(connection)
    _add_objects(connection)
    _add_matters(connection)
    _add_sites(connection)
    # What is added later gets a number of its own.
    connection.execute(
        text("SELECT setval('matters.matters_id_seq', max(id)) FROM matters.matters")
    )


def _shape(shape: BaseGeometry, kind: str = "ST_Multi") -> str:
    wkt = to_wkt(stored(shape), rounding_precision=12)
    return f"{kind}(ST_GeomFromText('{wkt}', {crs.STORED}))"


def _area(bounds: Box) -> str:
    return _shape(box(*bounds))


def _point(x_m: float, y_m: float) -> str:
    return _shape(points(x_m, y_m), "")


def _add_areas(connection: Connection) -> None:
    whole = _area((0, 0, 6000, 4000))
    _run(
        connection,
        f"divisions.counties (code, name, geom) VALUES ('{COUNTY}', '试验县', {whole})",
    )
    townships = (
        (NEAR_TOWNSHIP, "甲街道", "街道", (0, 0, 4000, 4000)),
        (FAR_TOWNSHIP, "乙镇", "镇", (4000, 0, 6000, 4000)),
    )
    for code, name, kind, bounds in townships:
        values = f"('{code}', '{name}', '{kind}', {_area(bounds)})"
        _run(
            connection, f"divisions.townships (code, name, kind, geom) VALUES {values}"
        )
    villages = (
        (EAST, "东村", (0, 0, 2000, 2000)),
        (WEST, "西村", (2000, 0, 4000, 2000)),
        (NORTH, "北村", (0, 2000, 4000, 4000)),
        (FAR, "远村", (4000, 0, 6000, 4000)),
    )
    for code, name, bounds in villages:
        values = f"('{code}', '{name}', '村', {_area(bounds)})"
        _run(connection, f"divisions.villages (code, name, kind, geom) VALUES {values}")
    names = {code: name for code, name, _ in villages}
    for code, bounds in CELLS.items():
        name = f"{names[code[:12]]}{int(code[12:])}网格"
        values = f"('{code}', '{name}', '{code[:12]}', {_area(bounds)})"
        _run(connection, f"grid.cells (code, name, village_code, geom) VALUES {values}")
    _run(
        connection,
        "grid.duties (grid_code, officer_name, role, public_phone, valid_from) "
        f"VALUES ('{FIRST_CELL}', '曾网格员', 'officer', '0738-0000001', '2024-01-01'), "
        f"('{FIRST_CELL}', '曾网格长', 'lead', '0738-0000002', '2024-01-01')",
    )


def _add_people(connection: Connection) -> None:
    homes = (
        ("H1", FIRST_CELL, EAST, 500, 500),
        ("H2", f"{EAST}002", EAST, 1500, 500),
        ("H3", f"{EAST}004", EAST, 1500, 1500),
        ("H4", WEST, WEST, 3500, 500),
        ("H5", f"{FAR}001", FAR, 5000, 2000),
    )
    for number, (code, grid_code, village, x, y) in enumerate(homes, 1):
        _run(
            connection,
            "people.households (id, code, grid_code, village_code, group_no, address, geom) "
            f"VALUES ({number}, '{code}', '{grid_code}', '{village}', 1, '1组{number}号', {_point(x, y)})",
        )
        for member, (name, care) in enumerate((("赵一一", "{01}"), ("钱二", "{}"))):
            _run(
                connection,
                "people.residents (id, household_id, name, birth_on, sex, relation, "
                "care_types, grid_code, geom) VALUES "
                f"({number * 10 + member}, {number}, '{name}', '19{40 + number * 5}-01-01', "
                f"{member + 1}, {member}, '{care}', '{grid_code}', {_point(x, y)})",
            )


def _add_land(connection: Connection) -> None:
    for number, code in enumerate(CELLS, 1):
        x, y, *_ = CELLS[code]
        parcel = _area((x + 100, y + 100, x + 200, y + 200))
        _run(
            connection,
            "land.parcels (id, code, scheme, kind, land_use, land_use_edition, "
            "area_contract_mu, village_code, grid_code, geom) VALUES "
            f"({number}, '{code[:12]}0000{number:03}', 'cbd19', '承包地', '0101', '2017', "
            f"15.00, '{code[:12]}', '{code}', {parcel})",
        )
    _run(
        connection,
        "land.buildings (id, code, use, floors, village_code, grid_code, geom) VALUES "
        f"(1, 'B1', '农房', 2, '{EAST}', '{FIRST_CELL}', "
        f"{_shape(box(490, 490, 510, 510), '')})",
    )
    road = _shape(LineString([(0, 500), (6000, 500)]))
    _run(
        connection,
        f"land.roads (code, name, class, geom) VALUES ('R1', '村道一', '村道', {road})",
    )
    river = _shape(LineString([(0, 3000), (6000, 3000)]), "")
    _run(connection, f"land.waters (name, kind, geom) VALUES ('小河', '河流', {river})")


def _add_objects(connection: Connection) -> None:
    lamps = (
        (FIRST_CELL, 400, 400),
        (f"{EAST}002", 1400, 400),
        (f"{FAR}001", 4500, 500),
    )
    for number, (code, x, y) in enumerate(lamps, 1):
        _run(
            connection,
            "objects.objects (id, code, category, name, state, village_code, grid_code, geom) "
            f"VALUES ({number}, '4313220118{number:06}', '0118', '路灯{number}', 'ok', "
            f"'{code[:12]}', '{code}', {_point(x, y)})",
        )


def _add_matters(connection: Connection) -> None:
    rows = (
        (1, FIRST_CELL, "reported", "NULL", "2026-12-01", 600, 600),
        (2, f"{EAST}002", "assigned", "NULL", "2026-11-01", 1600, 600),
        (3, WEST, "reported", "NULL", "2026-12-01", 3600, 600),
        (4, FIRST_CELL, "closed", "'2026-10-20 10:00+08'", "2026-10-25", 700, 700),
        (5, f"{FAR}001", "assigned", "NULL", "2026-12-01", 5100, 2100),
    )
    for number, code, state, closed_at, due_on, x, y in rows:
        _run(
            connection,
            "matters.matters (id, number, class_code, source, title, state, village_code, "
            "grid_code, reported_at, closed_at, due_at, geom) VALUES "
            f"({number}, '20261020431322{number:06}', 'C01', 'officer', '事项{number}', "
            f"'{state}', '{code[:12]}', '{code}', '2026-10-20 09:00+08', {closed_at}, "
            f"'{due_on} 18:00+08', {_point(x, y)})",
        )
        _run(
            connection,
            "matters.steps (matter_id, seq, act, to_state, actor, at, grid_code) VALUES "
            f"({number}, 1, 'report', 'reported', 'officer', '2026-10-20 09:00+08', '{code}')",
        )


def _add_sites(connection: Connection) -> None:
    _run(
        connection,
        "sites.centers (id, code, name, kind, status, village_code, floor_m2, grid_code, geom) "
        f"VALUES (1, '{EAST}01', '东村便民服务中心', '村级', 'open', '{EAST}', 260, "
        f"'{FIRST_CELL}', {_point(300, 300)}), (2, '{FAR}01', '远村便民服务中心', '村级', "
        f"'building', '{FAR}', 180, '{FAR}001', {_point(5500, 500)})",
    )
    _run(
        connection, "sites.center_functions (center_id, function) VALUES (1, 1), (1, 4)"
    )
    _run(
        connection,
        "sites.candidates (code, name, village_code, grid_code, area_m2, geom) VALUES "
        f"('{WEST}C1', '西村候选点', '{WEST}', '{WEST}001', 800, {_point(2500, 1000)})",
    )


def _run(connection: Connection, insert: str) -> None:
    connection.execute(text(f"INSERT INTO {insert}".replace(":", r"\:")))
