"""Lists of matters and the directory of people are read by their indexes."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, event

from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.database import engine, role_settings
from gis_service.matters import listing
from gis_service.queries import search_people
from tests.layers import crowd

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SCOPES = {
    "county": (crowd.COUNTY,),
    "township": (crowd.CELL[:9],),
    "cell": (crowd.CELL,),
}
ASKED = {
    "open": listing.Asked(),
    "closed": listing.Asked(is_open=False),
    "next page": listing.Asked(is_open=False, after="20260101431322500"),
    "of a cell": listing.Asked(grid_code=crowd.CELL),
    "in a state": listing.Asked(state="reported"),
}
PEOPLE = ("matters", "residents", "households", "directory", "steps")


@pytest.fixture
def plans(crowded_database: str) -> tuple[Engine, list[str]]:
    """Return an engine that keeps the plan of what it runs, and the plans."""
    owner, kept = engine(crowded_database), []

    @event.listens_for(owner, "before_cursor_execute")
    def explain(*ran: object) -> None:
        _, cursor, statement, values, *_ = ran
        if str(statement).lstrip().startswith("SELECT") and "EXPLAIN" not in statement:
            cursor.execute(f"EXPLAIN {statement}", values)
            kept.append("\n".join(row[0] for row in cursor.fetchall()))

    return owner, kept


def _reads_whole_tables(plan: str) -> bool:
    return any(f"Seq Scan on {table}" in plan for table in PEOPLE)


@pytest.mark.parametrize("extent", SCOPES)
@pytest.mark.parametrize("case", [*ASKED, "alike"])
def test_list_of_matters_reads_no_table_whole(
    plans: tuple[Engine, list[str]], extent: str, case: str
) -> None:
    owner, kept = plans
    reader = Reader(1, "x", "x", "supervisor", Scope(SCOPES[extent]), None)
    if case == "alike":
        place = ("C01", crowd.CORNER_LON + 0.005, crowd.CORNER_LAT + 0.005)
        listing.alike(owner, reader, crowd.COUNTY, place, NOW)
    else:
        listing.listed(owner, reader, crowd.COUNTY, ASKED[case], NOW)
    owner.dispose()
    assert len(kept) == 1
    assert not _reads_whole_tables(kept[0]), kept[0]


@pytest.mark.parametrize("extent", SCOPES)
@pytest.mark.parametrize("kind", ["NAMES", "INITIALS", "ADDRESSES", "CODES"])
def test_directory_is_read_by_its_index(
    crowded: Connection, extent: str, kind: str
) -> None:
    statement = getattr(search_people, kind)
    for command in (
        *role_settings(Scope(SCOPES[extent])),
        *search_people.IN_ORDER.split("; "),
        f"PREPARE asked AS {statement}",
    ):
        crowded.exec_driver_sql(command.replace("%", "%%"))
    low = SCOPES[extent][0]
    words = ", ".join(["'王一'"] * 6)
    asked = f"EXPLAIN EXECUTE asked('{{{low}}}', '{{{low}~}}', {words}, 10)"
    plan = "\n".join(crowded.exec_driver_sql(asked).scalars())
    crowded.exec_driver_sql("DEALLOCATE asked")
    assert "directory_pkey" in plan
    assert not _reads_whole_tables(plan), plan
