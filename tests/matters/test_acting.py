"""Acts on matters: a whole course, and two people at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from gis_service.access.reader import Reader
from gis_service.errors import ForbiddenError, GridError, NotFoundError
from gis_service.matters.acting import (
    ActRefusedError,
    MatterChangedError,
    WantingError,
    act_on,
)
from gis_service.matters.dossier import dossier
from gis_service.matters.effects import ImpossibleError, Wanted
from gis_service.matters.reporting import Report, receive
from tests import village
from tests.matters.conftest import ROOFS, value

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine o'clock in the county."""

People = dict[str, Reader]


@pytest.fixture
def number(service: Engine, people: People) -> str:
    """Return the number of a matter just reported."""
    lon, lat = village.place(300, 400)
    report = Report(client_id=uuid4(), class_code="0102", lon=lon, lat=lat)
    return receive(service, people["officer"], report, village.COUNTY, MONDAY).number


def _act(  # noqa: PLR0913, PLR0917 - who does what to what, when
    service: Engine,
    reader: Reader,
    number: str,
    act: str,
    version: int,
    hours: float = 1,
    **others: object,
) -> int:
    wanted = Wanted(act=act, version=version, **others)  # type: ignore[arg-type] # fields by name
    now = MONDAY + timedelta(hours=hours)
    return act_on(service, reader, village.COUNTY, number, wanted, now)


def test_matter_goes_from_report_to_archive_and_every_step_stays(
    service: Engine, owner: Engine, people: People, number: str
) -> None:
    lead, handler, county = people["lead"], people["handler"], people["county"]
    course = (
        (lead, "accept", {}),
        (lead, "assign", {"receiver": ROOFS}),
        (handler, "answer", {"opinion": "已清运"}),
        (people["officer"], "rework", {"opinion": "未清完"}),
        (handler, "answer", {"opinion": "已清完，问13812345678"}),
        (people["officer"], "check", {}),
        (lead, "close", {}),
        (county, "archive", {}),
    )
    for version, (reader, act, others) in enumerate(course, start=1):
        after = _act(service, reader, number, act, version, version, **others)
        assert after == version + 1
    now = MONDAY + timedelta(hours=12)
    found = dossier(service, lead, village.COUNTY, number, now)
    assert found["state"] == "archived"
    assert found["rework_count"] == 1
    assert [step["act"] for step in found["steps"]] == [
        "report",
        *(act for _, act, _ in course),
    ]
    assert found["steps"][5]["opinion"] == "已清完，问138****5678"
    # Nine to eleven, and nothing over noon: one hour each, of which one is no work.
    assert [step["used_s"] for step in found["steps"][1:4]] == [3600, 3600, 3600]
    used = {clock["stage"]: clock["used_s"] for clock in found["clocks"]}
    assert used["dispatch"] == 7200
    assert used["total"] == used["dispatch"] + used["handle"] + used["check"]
    lines = "SELECT count(*) FROM access.trail WHERE subject = 'matter ' || :number"
    assert value(owner, lines, number=number) == len(course) + 1


def test_limit_is_fixed_when_assigned_and_stands_while_suspended(
    service: Engine, owner: Engine, people: People, number: str
) -> None:
    _act(service, people["lead"], number, "assign", 1, receiver=ROOFS)
    due = "SELECT due_at FROM matters.matters WHERE number = :number"
    first = value(owner, due, number=number)
    # Four working hours from ten o'clock are up at four.
    assert first == MONDAY + timedelta(hours=7)
    county = people["county"]
    _act(service, county, number, "suspend", 2, 2, opinion="等待材料")
    assert value(owner, due, number=number) is None
    _act(service, county, number, "resume", 3, 24)
    # Three hours were left at eleven; from nine the next day they are up at noon.
    assert value(owner, due, number=number) == MONDAY + timedelta(hours=27)


def test_eight_at_once_have_one_winner_and_everybody_else_is_told(
    service: Engine, people: People
) -> None:
    lon, lat = village.place(300, 400)
    county = people["county"]
    for _ in range(5):
        report = Report(client_id=uuid4(), class_code="0102", lon=lon, lat=lat)
        number = receive(service, county, report, village.COUNTY, MONDAY).number

        def once(_: int, number: str = number) -> str:
            try:
                _act(service, county, number, "accept", 1)
            except MatterChangedError as told:
                return "told {state} {version}".format(**told.parameters)
            return "won"

        with ThreadPoolExecutor(8) as many:
            answers = sorted(many.map(once, range(8)))
        assert answers == ["told accepted 2"] * 7 + ["won"]


@pytest.mark.parametrize(
    ("who", "act", "others", "error"),
    [
        ("officer", "accept", {}, ForbiddenError),
        ("lead", "close", {}, ActRefusedError),
        ("lead", "assign", {}, WantingError),
        ("lead", "reject", {"opinion": "  "}, WantingError),
        ("lead", "assign", {"assignee": "neighbour"}, ImpossibleError),
        ("lead", "assign", {"assignee": "nobody"}, ImpossibleError),
        ("lead", "merge", {"duplicate_of": "20200101431322000001"}, NotFoundError),
        ("neighbour", "self_close", {"opinion": "好了"}, NotFoundError),
        ("stranger", "answer", {"opinion": "好了"}, NotFoundError),
    ],
)
def test_what_may_not_be_is_refused_and_changes_nothing(  # noqa: PLR0913, PLR0917 - the fixtures and the case
    service: Engine,
    owner: Engine,
    people: People,
    number: str,
    who: str,
    act: str,
    others: dict[str, object],
    error: type[GridError],
) -> None:
    with pytest.raises(error):
        _act(service, people[who], number, act, 1, **others)
    row = "SELECT state || row_version FROM matters.matters WHERE number = :number"
    assert value(owner, row, number=number) == "reported1"


def test_matter_assigned_to_an_officer_is_answered_by_that_officer_alone(
    service: Engine, people: People, number: str
) -> None:
    _act(service, people["lead"], number, "assign", 1, assignee="officer")
    with pytest.raises(ActRefusedError):
        _act(service, people["lead"], number, "answer", 2, opinion="好了")
    assert _act(service, people["officer"], number, "answer", 2, opinion="好了") == 3


def test_steps_cannot_be_changed_by_the_service(service: Engine, number: str) -> None:
    assert number
    with service.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE grid_all")
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("UPDATE matters.steps SET opinion = 'x'")
