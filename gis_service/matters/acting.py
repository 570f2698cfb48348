"""Acts on matters: one wins, the others are told; every act is a step that stays."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, select, text

from gis_service import free_text
from gis_service.access import trail
from gis_service.access.models import Account
from gis_service.access.reader import Reader
from gis_service.access.roles import only_department
from gis_service.database import enter_scope
from gis_service.errors import (
    ConflictError,
    ForbiddenError,
    GridError,
    NotFoundError,
    UnprocessableError,
)
from gis_service.matters import calendars, effects
from gis_service.matters.clocks import Limit, stage_of
from gis_service.matters.due import working_seconds
from gis_service.matters.effects import ImpossibleError, Moment, Wanted
from gis_service.matters.flow import DEFAULT_LIMIT, Act, Situation, acts, refusal

_FIND = """
    SELECT matter.*, class.limit_type AS class_limit_type,
        class.limit_value AS class_limit_value, class.department AS class_department
    FROM matters.matters AS matter
    LEFT JOIN matters.classes AS class ON class.code = matter.class_code
    WHERE matter.county_code = :county AND matter.number = :number
        AND matter.grid_code ^@ ANY(CAST(:branches AS text[]))
        AND (CAST(:department AS text) IS NULL OR matter.department = :department)
"""
_LOCKED = text(_FIND + " FOR UPDATE OF matter")
_LAST = text("""
    SELECT seq, at FROM matters.steps
    WHERE county_code = :county AND matter_id = :id ORDER BY seq DESC LIMIT 1
""")
_STEP = text("""
    INSERT INTO matters.steps (
        county_code, matter_id, seq, act, from_state, to_state, actor, role,
        account_id, receiver, opinion, at, used_s, is_late, grid_code, geom
    ) VALUES (
        :county, :id, :seq, :act, :from_state, :to_state, :actor, :role,
        :account_id, :receiver, :opinion, :now, :used_s, :is_late, :grid_code,
        ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)
    )
""")
_WITHDRAWN = text("""
    UPDATE matters.receipts SET withdrawn_at = :now WHERE client_id = :client_id
""")


ASSIGNEES = frozenset({"officer", "lead"})
"""Roles of persons a matter may be assigned to; others are departments."""


class MatterChangedError(GridError):
    """Somebody acted in between; the parameters say how the matter stands now."""

    status = 412
    code = "matter_changed"
    title = "事项已被他人处理 (somebody acted in between)"


class ActRefusedError(ConflictError):
    """The flow does not allow the act in this state or at this level."""

    code = "act_refused"
    title = "当前不能进行此操作 (act not possible now)"


class WantingError(UnprocessableError):
    """The act wants more than was given; the parameter ``field`` names it."""

    code = "field_wanted"
    title = "缺少必填内容 (something is missing)"


def act_on(  # noqa: PLR0913, PLR0917 - who does what, on what, where, when
    engine: Engine,
    reader: Reader,
    county_code: str,
    number: str,
    wanted: Wanted,
    now: datetime,
) -> int:
    """Do an act and return the new version of the matter.

    Raises
    ------
    NotFoundError
        When there is no such matter, in the reader's scope or department.
    MatterChangedError
        When the version is not the present one.
    ActRefusedError, ForbiddenError, WantingError
        When the flow, the role or missing fields do not allow it.
    """
    with engine.begin() as connection:
        # Accounts are not for the scoped roles, so they are asked first.
        assignee = _account(connection, wanted.assignee)
        enter_scope(connection, reader.scope)
        matter = found(connection, reader, county_code, number, lock=True)
        act = acts().get(wanted.act)
        _refuse(act, matter, reader, wanted)
        done = cast("Act", act)
        moment = Moment(
            now,
            calendars.load(connection),
            _assignee_id(assignee, wanted, matter),
            _duplicate_id(connection, reader, matter, wanted),
        )
        _write(
            connection, matter, effects.change(done, situation(matter), wanted, moment)
        )
        _add_step(connection, reader, matter, done, wanted, moment)
        if done.to_state == "void":
            receipt = {"now": now, "client_id": matter.client_id}
            connection.execute(_WITHDRAWN, receipt)
        facts = {"act": done.name, "version": matter.row_version + 1}
        trail.record(
            connection, reader, "acted_on_matter", f"matter {number}", facts=facts
        )
        return int(matter.row_version) + 1


def found(
    connection: Connection,
    reader: Reader,
    county_code: str,
    number: str,
    *,
    lock: bool = False,
) -> Row[Any]:
    """Return the row of a matter the reader may see, with the limit of its class.

    Raises
    ------
    NotFoundError
        When there is none, or it lies outside scope or department: alike.
    """
    values = {
        "county": county_code,
        "number": number,
        "branches": list(reader.scope.branches),
        "department": only_department(reader),
    }
    row = connection.execute(_LOCKED if lock else text(_FIND), values).one_or_none()
    if row is None:
        message = "没有这个事项 (there is no such matter)"
        raise NotFoundError(message)
    return row


def situation(matter: Row[Any]) -> Situation:
    """Return how a matter stands."""
    limit_type = matter.limit_type or matter.class_limit_type
    value = matter.limit_value or matter.class_limit_value
    return Situation(
        state=matter.state,
        level=matter.level,
        department=matter.department,
        assignee_id=matter.assignee_id,
        reporter_id=matter.reporter_id,
        limit=Limit(limit_type, value) if limit_type else DEFAULT_LIMIT,
        due_at=matter.due_at,
        left_s=matter.left_s,
        closed_at=matter.closed_at,
        rework_count=matter.rework_count,
    )


def _refuse(act: Act | None, matter: Row[Any], reader: Reader, wanted: Wanted) -> None:
    if act is None or act.name == "report":
        message = "没有这种操作 (there is no such act)"
        raise UnprocessableError(message, act=wanted.act[:40])
    stands = {"state": matter.state, "version": matter.row_version}
    if wanted.version != matter.row_version:
        message = "事项已被他人处理，请按最新状态操作 (look at it again)"
        raise MatterChangedError(message, **stands)
    reason = refusal(act, situation(matter), reader)
    if reason is not None:
        kind = ForbiddenError if reader.role not in act.roles else ActRefusedError
        raise kind(reason, act=act.name, **stands)
    for field in act.wants:
        value = getattr(wanted, field)
        if field == "receiver":
            value = value or wanted.assignee
        if value is None or (isinstance(value, str) and not value.strip()):
            message = f"“{act.title}”须填写 (this act wants): {field}"
            raise WantingError(message, field=field)


def _account(
    connection: Connection, login: str | None
) -> Row[int, str, list[str]] | None:
    if login is None:
        return None
    columns = (Account.id, Account.role, Account.branches)
    is_open = Account.disabled_at.is_(None)
    return connection.execute(
        select(*columns).where(Account.login == login, is_open)
    ).one_or_none()


def _assignee_id(
    account: Row[int, str, list[str]] | None, wanted: Wanted, matter: Row[Any]
) -> int | None:
    if wanted.assignee is None:
        return None
    is_fit = (
        account is not None
        and account.role in ASSIGNEES
        and any(matter.grid_code.startswith(branch) for branch in account.branches)
    )
    if account is None or not is_fit:
        message = "承办人须为负责该网格的网格员或网格长 (not an officer of this cell)"
        raise ImpossibleError(message, field="assignee")
    return int(account.id)


def _duplicate_id(
    connection: Connection, reader: Reader, matter: Row[Any], wanted: Wanted
) -> int | None:
    if wanted.duplicate_of is None:
        return None
    if wanted.duplicate_of == matter.number:
        message = "不能并入自身 (it cannot be merged into itself)"
        raise ImpossibleError(message, field="duplicate_of")
    other = found(connection, reader, matter.county_code, wanted.duplicate_of)
    return int(other.id)


def _write(connection: Connection, matter: Row[Any], change: dict[str, Any]) -> None:
    values = {**change, "row_version": matter.row_version + 1}
    columns = ", ".join(f"{name} = :{name}" for name in values)
    statement = text(
        f"UPDATE matters.matters SET {columns} "  # noqa: S608 - columns named in effects.py
        "WHERE county_code = :_county AND id = :_id"
    )
    keys = {"_county": matter.county_code, "_id": matter.id}
    connection.execute(statement, {**values, **keys})


def _add_step(  # noqa: PLR0913, PLR0917 - a step has these parts
    connection: Connection,
    reader: Reader,
    matter: Row[Any],
    act: Act,
    wanted: Wanted,
    moment: Moment,
) -> None:
    keys = {"county": matter.county_code, "id": matter.id}
    last = connection.execute(_LAST, keys).one_or_none()
    used_s = 0
    if last is not None and stage_of(matter.state) is not None:
        used_s = working_seconds(last.at, moment.now, moment.calendar)
    limits = (matter.stage_due_at, matter.due_at)
    step = {
        **keys,
        "seq": 1 if last is None else last.seq + 1,
        "act": act.name,
        "from_state": matter.state,
        "to_state": act.state_after(matter.state),
        "actor": reader.name,
        "role": reader.role,
        "account_id": reader.account_id,
        "receiver": wanted.assignee
        or free_text.masked(wanted.receiver or wanted.leader)
        or wanted.duplicate_of,
        "opinion": free_text.masked(wanted.opinion),
        "now": moment.now,
        "used_s": used_s,
        "is_late": any(limit is not None and limit < moment.now for limit in limits),
        "grid_code": matter.grid_code,
        "lon": wanted.lon,
        "lat": wanted.lat,
    }
    connection.execute(_STEP, step)
