"""Routes of the trail, for the auditor alone, and of alerts."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import Engine
from starlette.background import BackgroundTask

from gis_service.access import acts, alerts, trail, trail_check, trail_file
from gis_service.access import trail_reading as lines_of
from gis_service.access.reader import Reader
from gis_service.access.rules import need
from gis_service.access.trail_reading import TrailQuestion
from gis_service.errors import UnprocessableError
from gis_service.spreadsheets import XLSX_ROWS

router = APIRouter(prefix="/api", tags=["trail"])

AUDITOR = Depends(need("auditor"))
WATCHER = Depends(need("auditor", "administrator"))
Auditor = Annotated[Reader, AUDITOR]
Watcher = Annotated[Reader, WATCHER]
BIGGEST = 2**63

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Line(BaseModel):
    """A line of the trail; ``facts`` are as they were recorded."""

    id: int
    at: datetime
    actor: str
    role: str | None
    act: str
    act_title: str
    subject: str | None
    reason: str | None
    address: str | None
    request_id: str | None
    facts: dict[str, Any]


class LinePage(BaseModel):
    """Lines, the newest first; ``next`` is the cursor of what follows."""

    lines: list[Line]
    next: str | None


class PageQuestion(TrailQuestion):
    """Which lines, and how many of them."""

    limit: int = Field(100, ge=1, le=1000)
    cursor: int | None = Field(None, ge=1, lt=BIGGEST)


class FileQuestion(TrailQuestion):
    """Which lines, and in which kind of file."""

    format: Literal["csv", "xlsx"] = "csv"


class VerdictAnswer(BaseModel):
    """Whether the chain is whole."""

    is_whole: bool
    lines: int
    first_broken: int | None
    head: str
    checked_at: datetime


class ActAnswer(BaseModel):
    """An act that may stand on the trail."""

    id: str
    title: str
    title_en: str


class AlertAnswer(BaseModel):
    """Something to look at; ``seen_at`` is when somebody did."""

    id: int
    at: datetime
    kind: str
    title: str
    title_en: str
    actor: str
    facts: dict[str, Any]
    seen_at: datetime | None


@router.get("/trail", dependencies=[AUDITOR])
def list_lines(request: Request, asked: Annotated[PageQuestion, Query()]) -> LinePage:
    """List lines of the trail, the newest first."""
    with request.app.state.engine.connect() as connection:
        found, cursor = lines_of.page(connection, asked, asked.limit, asked.cursor)
    shown = [
        Line(
            **{name: getattr(row, name) for name in Line.model_fields.keys() & _ROW},
            act_title=acts.title(row.act),
        )
        for row in found
    ]
    return LinePage(lines=shown, next=None if cursor is None else str(cursor))


_ROW = Line.model_fields.keys() - {"act_title"}


@router.get("/trail/file", response_class=Response)
def file_of_lines(
    request: Request, reader: Auditor, asked: Annotated[FileQuestion, Query()]
) -> Response:
    """Give the lines as a file; that it was given stands on the trail first."""
    engine: Engine = request.app.state.engine
    with engine.begin() as connection:
        rows = lines_of.count(connection, asked)
        if asked.format == "xlsx" and rows > XLSX_ROWS:
            message = "工作表放不下，请缩小范围或用 csv (too many for a sheet: use csv)"
            raise UnprocessableError(message, rows=rows, limit=XLSX_ROWS)
        asked_for = asked.model_dump(mode="json", by_alias=True, exclude_none=True)
        facts = {"rows": rows, **asked_for}
        trail.record(connection, reader, "exported_trail", "trail", facts=facts)
    name = f"trail.{asked.format}"
    if asked.format == "csv":
        head = {"Content-Disposition": f'attachment; filename="{name}"'}
        body = trail_file.csv_lines(_lines(engine, asked))
        return StreamingResponse(body, headers=head, media_type="text/csv")
    folder = tempfile.TemporaryDirectory(prefix="gis-trail-")
    path = Path(folder.name) / name
    trail_file.write_xlsx(_lines(engine, asked), path)
    done = BackgroundTask(folder.cleanup)
    return FileResponse(path, filename=name, media_type=XLSX, background=done)


def _lines(engine: Engine, asked: TrailQuestion) -> Iterator[trail_file.Line]:
    with engine.connect() as connection:
        yield from lines_of.all_lines(connection, asked)


@router.get("/trail/check")
def check_chain(request: Request, reader: Auditor) -> VerdictAnswer:
    """Work the whole chain out anew; a broken one raises an alert."""
    engine: Engine = request.app.state.engine
    one_state = engine.execution_options(isolation_level="REPEATABLE READ")
    with one_state.connect() as connection:
        verdict = trail_check.check(connection)
    if not verdict.is_whole:
        with engine.begin() as connection:
            facts = {"line": verdict.first_broken}
            alerts.raise_alert(connection, "broken_chain", reader, facts=facts)
    return VerdictAnswer.model_validate(verdict, from_attributes=True)


@router.get("/trail/acts", dependencies=[AUDITOR])
def list_acts() -> list[ActAnswer]:
    """List the acts that may stand on the trail."""
    return [
        ActAnswer(id=act, title=title, title_en=title_en)
        for act, (title, title_en) in acts.TITLES.items()
    ]


@router.get("/alerts", dependencies=[WATCHER])
def list_alerts(request: Request) -> list[AlertAnswer]:
    """List alerts, those that nobody has looked at first."""
    with request.app.state.engine.connect() as connection:
        rows = alerts.listed(connection)
    return [
        AlertAnswer(
            **{name: getattr(row, name) for name in _ALERT},
            title=alerts.KINDS[row.kind][0],
            title_en=alerts.KINDS[row.kind][1],
        )
        for row in rows
    ]


_ALERT = AlertAnswer.model_fields.keys() - {"title", "title_en"}


@router.post("/alerts/{alert_id}/seen", status_code=204)
def see_alert(
    alert_id: Annotated[int, InPath(ge=1, lt=BIGGEST)],
    request: Request,
    reader: Watcher,
) -> None:
    """Note that somebody has looked at an alert."""
    with request.app.state.engine.begin() as connection:
        kind = alerts.mark_seen(connection, alert_id, reader)
        facts = {"kind": kind}
        trail.record(connection, reader, "saw_alert", f"alert {alert_id}", facts=facts)
