"""Who sees no people learns nothing of one to four of them, however it is asked.

Everything told is a function of what is told of cells: two counties that differ only
in counts from one to four, anywhere, give the same answers to every question. What is
the same whatever it stands for cannot be solved for, by subtraction or by bounds.
"""

import random

import pytest
from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.publish import statements
from gis_service.publish.catalog import Catalog
from gis_service.queries.inside import PERSONAL, in_polygon
from gis_service.queries.polygons import read_polygon
from gis_service.queries.summary import per_area
from tests import village
from tests.queries.test_within import drawn

CODES = (*village.CELLS, village.WEST, village.NORTH, village.NEAR_TOWNSHIP)
COUNTY = Scope((village.COUNTY,))
POLYGONS = [
    read_polygon(drawn(bounds))
    for bounds in (
        (-500, -500, 6500, 4500),
        (-500, -500, 2000, 2000),
        (-500, -500, 1000, 1000),
        (400, 400, 600, 700),
        (-500, -500, 1450, 1200),
        (900, -500, 4200, 2500),
    )
]
PUBLICATIONS = 100
FEW_AND_MANY = (0, 0, 1, 2, 3, 4, 5, 6, 9, 40)


def _write(connection: Connection, counts: dict[str, dict[str, int]]) -> None:
    connection.execute(text("DELETE FROM grid.summaries"))
    connection.execute(
        text(
            "INSERT INTO grid.summaries (grid_code, households, residents, "
            "care_residents) VALUES (:code, :households, :residents, :care_residents)"
        ),
        [{"code": code, **values} for code, values in counts.items()],
    )


def _told(connection: Connection, catalog: Catalog) -> list[object]:
    """Return all that a planner and a visitor can ask about counts of people."""
    answers: list[object] = []
    for by in ("cell", "village", "township"):
        asked = per_area(COUNTY, by, sees_people=False)  # type: ignore[arg-type] # of the list
        answers.extend(
            connection.execute(asked, {"within": within}).scalar_one()
            for within in (village.COUNTY, village.NEAR_TOWNSHIP, village.EAST)
        )
    polygon = in_polygon(COUNTY, sees_people=False)
    for each in POLYGONS:
        values = {"polygon": each.wkb}
        answers.append(connection.execute(polygon, values).scalar_one())
    for audiences in (frozenset({"public"}), frozenset({"public", "staff"})):
        layer = catalog["grid_cells"].seen_by(audiences, None)
        frame = connection.execute(statements.frame(layer, COUNTY))
        answers.append([tuple(map(str, row)) for row in frame])
    return answers


def _random_counts(chance: random.Random) -> dict[str, dict[str, int]]:
    return {
        code: {name: chance.choice(FEW_AND_MANY) for name in PERSONAL}
        for code in CODES
        if chance.random() > 0.1
    }


def _otherwise(
    counts: dict[str, dict[str, int]], chance: random.Random
) -> dict[str, dict[str, int]]:
    return {
        code: {
            name: chance.randint(1, 4) if 0 < count < 5 else count
            for name, count in values.items()
        }
        for code, values in counts.items()
    }


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load(definitions.folder("layers"))


def test_counts_from_one_to_four_change_no_answer(
    connection: Connection, catalog: Catalog
) -> None:
    chance = random.Random(4)  # noqa: S311 - invented counts
    for _ in range(PUBLICATIONS):
        counts = _random_counts(chance)
        _write(connection, counts)
        told = _told(connection, catalog)
        _write(connection, _otherwise(counts, chance))
        assert _told(connection, catalog) == told


def test_five_and_more_and_nobody_are_told(
    connection: Connection, catalog: Catalog
) -> None:
    counts = {code: dict.fromkeys(PERSONAL, 5) for code in CODES}
    _write(connection, counts)
    told = _told(connection, catalog)
    counts[village.FIRST_CELL] = dict.fromkeys(PERSONAL, 0)
    _write(connection, counts)
    assert _told(connection, catalog) != told
