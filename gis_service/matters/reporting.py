"""Reports: a matter made exactly once, however often its device sends it.

The device makes the id. What was received under it is kept as a hash: the same again
is answered like the first time, something else is refused, a withdrawn one stays
withdrawn. Receipt, matter, first step and line of the trail are one transaction.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from gis_service import free_text
from gis_service.access import trail
from gis_service.access.reader import Reader
from gis_service.database import enter_scope
from gis_service.errors import ConflictError, GridError, UnprocessableError
from gis_service.grid.locating import locate
from gis_service.matters import calendars, clocks
from gis_service.matters.due import COUNTY_TIME, due_at
from gis_service.matters.numbering import MatterNumber

_RECEIVE = text("""
    INSERT INTO matters.receipts (client_id, body_hash, account_id)
    VALUES (:client_id, :body_hash, :account_id)
    ON CONFLICT DO NOTHING RETURNING client_id
""")
_RECEIVED = text("""
    SELECT body_hash, account_id, number, withdrawn_at FROM matters.receipts
    WHERE client_id = :client_id
""")
_CLASS = text("""
    SELECT name, admitted_from, admitted_until FROM matters.classes
    WHERE code = :code AND parent IS NOT NULL
""")
_SERIAL = text("SELECT matters.next_serial(:day, :county)")
_MATTER = text("""
    INSERT INTO matters.matters (
        county_code, number, client_id, class_code, source, title, description,
        state, level, is_urgent, village_code, grid_code, address, accuracy_m,
        reported_at, seen_at, stage_due_at, reporter_id, geom
    ) VALUES (
        :county, :number, :client_id, :class_code, :source, :title, :description,
        'reported', 'cell', :is_urgent, :village_code, :grid_code, :address,
        :accuracy_m, :now, :seen_at, :stage_due_at, :account_id,
        ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)
    )
""")
# The row just made may lie outside the reporter's scope, so its number is asked of
# the sequence and not of the row.
_STEP = text("""
    INSERT INTO matters.steps (
        county_code, matter_id, seq, act, to_state, actor, role, account_id, at,
        grid_code, geom
    ) VALUES (
        :county, currval(pg_get_serial_sequence('matters.matters', 'id')), 1,
        'report', 'reported', :actor, :role, :account_id, :now, :grid_code,
        ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)
    )
""")
_NUMBERED = text(
    "UPDATE matters.receipts SET number = :number WHERE client_id = :client_id"
)


class ClassNotAdmittedError(UnprocessableError):
    """The class is not among those officers may be given (准入清单)."""

    code = "class_not_admitted"
    title = "事项类别未准入 (class not admitted)"


class OutsideCountyError(UnprocessableError):
    """The place lies further outside the county than anything is kept."""

    code = "outside_county"
    title = "位置不在本县 (outside the county)"


class OtherBodyError(ConflictError):
    """The id was used for a report that said something else."""

    code = "other_body"
    title = "编号已用于另一份上报 (id used for another report)"


class WithdrawnError(GridError):
    """The report was withdrawn; sending it again does not bring it back."""

    status = 410
    code = "withdrawn"
    title = "该上报已撤销 (report was withdrawn)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported; places are EPSG:4490."""

    client_id: UUID
    class_code: str
    lon: float
    lat: float
    accuracy_m: float | None = None
    title: str | None = None
    description: str | None = None
    address: str | None = None
    is_urgent: bool = False
    source: str = "officer"
    seen_at: datetime | None = None

    def body_hash(self) -> bytes:
        """Return what tells this report from another under the same id."""
        parts = (
            self.class_code,
            self.lon,
            self.lat,
            self.accuracy_m,
            self.title,
            self.description,
            self.address,
            self.is_urgent,
            self.source,
            self.seen_at and self.seen_at.astimezone(COUNTY_TIME).isoformat(),
        )
        return hashlib.sha256(repr(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a report; ``is_new`` is false when it had come before."""

    number: str
    is_new: bool


def receive(
    engine: Engine, reader: Reader, report: Report, county_code: str, now: datetime
) -> Received:
    """Take a report in, once.

    Raises
    ------
    OtherBodyError, WithdrawnError
        When the id was used for something else, or the report was withdrawn.
    ClassNotAdmittedError, OutsideCountyError
        When the class or the place is refused.
    """
    with engine.begin() as connection:
        enter_scope(connection, reader.scope)
        receipt = {
            "client_id": report.client_id,
            "body_hash": report.body_hash(),
            "account_id": reader.account_id,
        }
        if connection.execute(_RECEIVE, receipt).one_or_none() is None:
            return _again(connection, report, reader)
        number = _make(connection, reader, report, county_code, now)
        connection.execute(_NUMBERED, {"client_id": report.client_id, "number": number})
        facts = {"class": report.class_code, "source": report.source}
        trail.record(
            connection, reader, "reported_matter", f"matter {number}", facts=facts
        )
        return Received(number, is_new=True)


def _again(connection: Connection, report: Report, reader: Reader) -> Received:
    kept = connection.execute(_RECEIVED, {"client_id": report.client_id}).one()
    if kept.account_id != reader.account_id or kept.body_hash != report.body_hash():
        message = "该编号已用于另一份上报，请换新编号 (id used for another report)"
        raise OtherBodyError(message)
    if kept.withdrawn_at is not None:
        message = "该上报已撤销，不会重新建立 (it was withdrawn and stays so)"
        raise WithdrawnError(message, number=kept.number)
    return Received(kept.number, is_new=False)


def _make(
    connection: Connection,
    reader: Reader,
    report: Report,
    county_code: str,
    now: datetime,
) -> str:
    name = admitted_name(connection, report.class_code, now)
    place = locate(connection, report.lon, report.lat)
    if place is None:
        message = "位置在县界5公里以外，请检查定位 (more than 5 km outside the county)"
        raise OutsideCountyError(message)
    calendar = calendars.load(connection)
    dispatch = clocks.stages()["dispatch"].limit
    day = now.astimezone(COUNTY_TIME).date()
    # Last before the row: whoever takes a number makes others of the day wait.
    serial = connection.execute(
        _SERIAL, {"day": day, "county": county_code}
    ).scalar_one()
    number = str(MatterNumber(day, county_code, serial))
    row: dict[str, Any] = {
        "county": county_code,
        "number": number,
        "client_id": report.client_id,
        "class_code": report.class_code,
        "source": report.source,
        "title": free_text.masked(report.title) or f"{place.name}{name}",
        "description": free_text.masked(report.description),
        "is_urgent": report.is_urgent,
        "village_code": place.village_code,
        "grid_code": place.grid_code,
        "address": free_text.masked(report.address),
        "accuracy_m": report.accuracy_m,
        "now": now,
        "seen_at": report.seen_at,
        "stage_due_at": dispatch
        and due_at(now, dispatch.type, dispatch.value, calendar),
        "account_id": reader.account_id,
        "actor": reader.name,
        "role": reader.role,
        "lon": report.lon,
        "lat": report.lat,
    }
    connection.execute(_MATTER, row)
    connection.execute(_STEP, row)
    return number


def admitted_name(connection: Connection, class_code: str, now: datetime) -> str:
    """Return the name of a class if it may be reported now.

    Raises
    ------
    ClassNotAdmittedError
        When there is none, it is only a heading, or it is not admitted today.
    """
    found = connection.execute(_CLASS, {"code": class_code}).one_or_none()
    day = now.astimezone(COUNTY_TIME).date()
    is_admitted = (
        found is not None
        and (found.admitted_from is None or found.admitted_from <= day)
        and (found.admitted_until is None or day <= found.admitted_until)
    )
    if found is None or not is_admitted:
        message = "该事项类别不在准入清单内或已停用 (class not admitted)"
        raise ClassNotAdmittedError(message, class_code=class_code)
    return str(found.name)
