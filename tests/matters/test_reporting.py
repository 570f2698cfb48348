"""Reports: taken in exactly once, wherever they lie, whoever sends them again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from gis_service.access.reader import Reader
from gis_service.matters.acting import act_on
from gis_service.matters.effects import Wanted
from gis_service.matters.reporting import (
    ClassNotAdmittedError,
    OtherBodyError,
    OutsideCountyError,
    Received,
    Report,
    WithdrawnError,
    receive,
)
from tests import village
from tests.matters.conftest import value

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LON, LAT = village.place(300, 400)
CLASS = "0102"


def _report(client_id: UUID | None = None, **others: object) -> Report:
    first = Report(client_id=client_id or uuid4(), class_code=CLASS, lon=LON, lat=LAT)
    return replace(first, **others)


def _send(service: Engine, reader: Reader, report: Report) -> Received:
    return receive(service, reader, report, village.COUNTY, NOW)


def test_report_lies_in_its_cell_with_its_first_step_and_a_line_of_the_trail(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    received = _send(service, people["officer"], _report())
    assert received.is_new
    row = value(
        owner,
        "SELECT concat_ws(' ', grid_code, village_code, state, level, title) "
        "FROM matters.matters WHERE number = :number",
        number=received.number,
    )
    cell = f"{village.FIRST_CELL} {village.EAST} reported cell"
    assert str(row).startswith(cell)
    assert str(row).endswith("暴露垃圾")
    steps = (
        "SELECT string_agg(act, ' ') FROM matters.steps JOIN matters.matters AS matter "
        "ON matter.id = matter_id WHERE number = :number"
    )
    assert value(owner, steps, number=received.number) == "report"
    lines = "SELECT count(*) FROM access.trail WHERE subject = 'matter ' || :number"
    assert value(owner, lines, number=received.number) == 1


def test_numbers_of_persons_are_hidden_before_the_text_is_kept(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    texts = {
        "title": "王某990101198001010019",
        "description": "请打13812345678",
        "address": "3组 138 1234 5678 家",
    }
    report = _report(**texts)
    first = _send(service, people["officer"], report)
    assert _send(service, people["officer"], report).number == first.number
    kept = value(
        owner,
        "SELECT concat_ws('|', title, description, address) FROM matters.matters "
        "WHERE number = :number",
        number=first.number,
    )
    assert kept == "王某990101********0019|请打138****5678|3组 138 **** 5678 家"


def test_same_report_again_is_the_same_matter(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    report = _report(description="同一件")
    first = _send(service, people["officer"], report)
    again = _send(service, people["officer"], report)
    assert (again.number, again.is_new) == (first.number, False)
    count = "SELECT count(*) FROM matters.matters WHERE client_id = :client_id"
    assert value(owner, count, client_id=report.client_id) == 1


def test_sixteen_at_once_make_one_matter(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    report = _report(description="连点")
    with ThreadPoolExecutor(16) as many:
        answers = list(
            many.map(lambda _: _send(service, people["officer"], report), range(16))
        )
    assert len({answer.number for answer in answers}) == 1
    assert sum(answer.is_new for answer in answers) == 1
    count = "SELECT count(*) FROM matters.matters WHERE client_id = :client_id"
    assert value(owner, count, client_id=report.client_id) == 1


def test_id_of_another_report_is_refused(
    service: Engine, people: dict[str, Reader]
) -> None:
    report = _report()
    _send(service, people["officer"], report)
    with pytest.raises(OtherBodyError):
        _send(service, people["officer"], replace(report, class_code="0103"))
    with pytest.raises(OtherBodyError):
        _send(service, people["lead"], report)


def test_withdrawn_report_is_not_made_again(
    service: Engine, people: dict[str, Reader]
) -> None:
    report = _report()
    received = _send(service, people["officer"], report)
    withdrawal = Wanted(act="void", version=1, opinion="误报")
    act_on(service, people["officer"], village.COUNTY, received.number, withdrawal, NOW)
    with pytest.raises(WithdrawnError):
        _send(service, people["officer"], report)


def test_what_lies_in_the_neighbours_cell_is_taken_and_answered_alike(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    lon, lat = village.place(2500, 500)
    report = _report(lon=lon, lat=lat)
    first = _send(service, people["officer"], report)
    again = _send(service, people["officer"], report)
    assert first.number == again.number
    code = "SELECT grid_code FROM matters.matters WHERE number = :number"
    assert value(owner, code, number=first.number) == f"{village.WEST}001"


@pytest.mark.parametrize("code", ["01", "9999", "0102x"])
def test_class_that_is_not_admitted_is_refused(
    service: Engine, owner: Engine, people: dict[str, Reader], code: str
) -> None:
    report = _report(class_code=code)
    with pytest.raises(ClassNotAdmittedError):
        _send(service, people["officer"], report)
    count = "SELECT count(*) FROM matters.receipts WHERE client_id = :client_id"
    assert value(owner, count, client_id=report.client_id) == 0


def test_class_whose_time_is_over_is_refused(
    service: Engine, owner: Engine, people: dict[str, Reader]
) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE matters.classes SET admitted_until = '2026-11-23' "
            "WHERE code = '0104'"
        )
    with pytest.raises(ClassNotAdmittedError):
        _send(service, people["officer"], _report(class_code="0104"))


def test_place_beyond_the_county_is_refused(
    service: Engine, people: dict[str, Reader]
) -> None:
    lon, lat = village.place(60_000, 400)
    with pytest.raises(OutsideCountyError):
        _send(service, people["officer"], _report(lon=lon, lat=lat))
