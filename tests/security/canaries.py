# ruff: noqa: S608 - every part of the statements is written in this file
"""Canaries: invented people and things in four cells, each to be known again anywhere.

Names, id numbers and phones may be in no answer but a reveal. Surnames, titles and
codes are marks: whoever sees one saw a thing of that cell.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import asinh, pi, radians, tan
from typing import Self

from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.people import sealing
from gis_service.people.id_number import check_character
from gis_service.people.sealing import Sealer
from gis_service.publish.catalog import Catalog
from tests import village
from tests.security.table import LAYERS, NOWHERE, Asker, Place

FIRST_ID = 9_000
DEPARTMENT = "城管局"


@dataclass(frozen=True)
class Canary:
    """What was planted in one cell."""

    number: int
    cell: str
    x_m: float
    y_m: float
    surname: str
    department: str | None = None

    @property
    def name(self) -> str:
        """Return the full name: its given part is nobody else's."""
        return f"{self.surname}丝雀"

    @property
    def phone(self) -> str:
        """Return the phone number."""
        return f"1990735{self.number}642"

    @property
    def id_number(self) -> str:
        """Return an id number that no authority gives, with its check character."""
        body = f"99010119440{self.number}1771{self.number}"
        return body + check_character(body)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what only a reveal may tell, whole or in its hidden middle."""
        number = self.id_number
        door = f"暗巷{self.number}号"
        return (self.name, number, number[6:14], self.phone, self.phone[2:9], door)

    def marks(self) -> dict[str, str]:
        """Return marks by the kind of thing they are of."""
        return {
            self.surname: "people",
            f"HHD-{self.number}-CANARY": "people",
            f"鸟事{self.number}": "matters",
            f"灯标{self.number}": "staff",
            f"PCL-{self.number}-CANARY": "staff",
            f"BLD-{self.number}-CANARY": "staff",
        }


CANARIES = (
    Canary(1, village.FIRST_CELL, 520, 520, "龘"),
    Canary(2, f"{village.EAST}002", 1520, 520, "靐", DEPARTMENT),
    Canary(3, f"{village.EAST}004", 1520, 1520, "齉"),
    Canary(4, f"{village.FAR}001", 5020, 2020, "爩"),
)
SECRETS = re.compile(
    "|".join(re.escape(word) for each in CANARIES for word in each.secrets)
)


def plant(connection: Connection, sealer: Sealer) -> None:
    """Put all canaries into a village."""
    for canary in CANARIES:
        for statement in _STATEMENTS:
            connection.execute(text(statement), _values(canary, sealer))


def _values(canary: Canary, sealer: Sealer) -> dict[str, object]:
    lon, lat = village.place(canary.x_m, canary.y_m)
    index = sealer.index([canary.id_number], sealing.ID_NUMBER)[0]
    return {
        "id": FIRST_ID + canary.number,
        "cell": canary.cell,
        "village": canary.cell[:12],
        "number": canary.number,
        "name": canary.name,
        "department": canary.department,
        "id_number": sealer.seal([canary.id_number], sealing.ID_NUMBER)[0],
        "id_index": index,
        "phone": sealer.seal([canary.phone], sealing.PHONE)[0],
        "lon": lon,
        "lat": lat,
    }


_AT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)"
_STATEMENTS = (
    f"""INSERT INTO people.households (id, code, grid_code, village_code, group_no,
        address, geom)
    VALUES (:id, 'HHD-' || :number || '-CANARY', :cell, :village, 1,
        '暗巷' || :number || '号', {_AT})""",
    f"""INSERT INTO people.residents (id, household_id, name, birth_on, sex, relation,
        care_types, id_number_sealed, id_number_index, phone_sealed, grid_code, geom)
    VALUES (:id, :id, :name, '1944-01-17', 1, 1, ARRAY['01'], :id_number, :id_index,
        :phone, :cell, {_AT})""",
    f"""INSERT INTO matters.matters (id, number, class_code, source, title, description,
        state, department, village_code, grid_code, reported_at, closed_at, due_at,
        geom)
    SELECT :id + 100 * closed, '2026102143132299' || closed || '00' || :number, 'C01',
        'officer', '鸟事' || :number, '鸟事' || :number || '的经过',
        CASE closed WHEN 1 THEN 'closed' ELSE 'assigned' END, :department, :village,
        :cell, '2026-10-20 09:00+08',
        CASE closed WHEN 1 THEN timestamptz '2026-10-22 09:00+08' END,
        '2026-12-20 09:00+08', {_AT}
    FROM generate_series(0, 1) AS closed""",
    f"""INSERT INTO objects.objects (id, code, category, name, state, village_code,
        grid_code, geom)
    VALUES (:id, '4313220118' || to_char(90000 + :number, 'FM000000'), '0118',
        '灯标' || :number, 'ok', :village, :cell, {_AT})""",
    f"""INSERT INTO land.parcels (id, code, scheme, kind, village_code, grid_code, geom)
    VALUES (:id, 'PCL-' || :number || '-CANARY', 'local', '承包地', :village, :cell,
        ST_Multi(ST_Expand({_AT}, 0.0003)))""",
    f"""INSERT INTO land.buildings (id, code, use, floors, village_code, grid_code,
        geom)
    VALUES (:id, 'BLD-' || :number || '-CANARY', '农房', 2, :village, :cell,
        ST_Expand({_AT}, 0.0001))""",
)


class Watch:
    """What one asker may see of the canaries, and what it has seen of them."""

    def __init__(self, asker: Asker) -> None:
        self.allowed: set[str] = set()
        every: set[str] = set()
        for canary in CANARIES:
            for mark, kind in canary.marks().items():
                every.add(mark)
                if asker.may_see(kind, canary.cell, canary.department):
                    self.allowed.add(mark)
        self._marks = re.compile("|".join(map(re.escape, sorted(every))))
        self.seen: set[str] = set()

    def found_in(self, words: str) -> set[str]:
        """Return what must not be in an answer and is; remember what may be."""
        marks = set(self._marks.findall(words))
        self.seen |= marks
        return (marks - self.allowed) | set(SECRETS.findall(words))

    @classmethod
    def all(cls, askers: Iterable[Asker]) -> dict[str, Self]:
        """Return a watch for each asker by its name."""
        return {asker.name: cls(asker) for asker in askers}


def places(connection: Connection) -> list[Place]:
    """Return where canaries are, and a place where nothing is."""
    catalog = Catalog.load(definitions.folder("layers"))
    found = []
    for canary in CANARIES:
        blanks = _blanks(canary.x_m, canary.y_m, catalog)
        number = str(FIRST_ID + canary.number)
        blanks |= {"cell": canary.cell, "surname": canary.surname}
        blanks |= {"resident": number, "household": number}
        blanks |= {"code": f"HHD-{canary.number}-CANARY"}
        for layer in catalog.values():
            is_of_cells = "grid_code" in layer.yields
            row = _row(connection, layer.sql, canary.cell if is_of_cells else None)
            if row is not None:
                blanks[f"item {layer.id}"] = row
        found.append(Place(str(canary.number), canary.cell, canary.department, blanks))
    nothing = {"cell": "9" * 15, "surname": "槑", "code": "HHD-9"}
    nothing |= {"resident": NOWHERE, "household": NOWHERE}
    nothing |= _blanks(1000, 3800, catalog)
    return [*found, Place("nothing", "9" * 15, None, nothing)]


def _row(connection: Connection, sql: str, cell: str | None) -> str | None:
    """Return the last row of a layer, in a cell or anywhere."""
    escaped = sql.replace(":", r"\:")
    where = "" if cell is None else f"WHERE grid_code = '{cell}'"
    listed = f"SELECT max(id) FROM ({escaped}) AS layer {where}"
    row = connection.execute(text(listed)).scalar()
    return None if row is None else str(row)


def _blanks(x_m: float, y_m: float, catalog: Catalog) -> dict[str, str]:
    lon, lat = village.place(x_m, y_m)
    around = (lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3)
    west, south, east, north = (f"{side:.6f}" for side in around)
    ring = f"[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{south}]]"
    tiles = {
        f"tile {layer}": _tile(catalog[layer].zooms, lon, lat)
        for layer in LAYERS
        if layer in catalog
    }
    return tiles | {
        "lon": f"{lon:.6f}",
        "lat": f"{lat:.6f}",
        "bbox": f"{west},{south},{east},{north}",
        "polygon": f'{{"type": "Polygon", "coordinates": [{ring}]}}',
    }


def _tile(zooms: tuple[int, int], lon: float, lat: float) -> str:
    zoom = min(max(18, zooms[0]), zooms[1])
    column = int((lon + 180) / 360 * 2**zoom)
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)
    return f"{zoom}/{row}/{column}"
