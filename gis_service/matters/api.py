"""Routes of matters: report, look at, act on; for staff, each in their own scope."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gis_service import free_text, occasion
from gis_service.access.reader import Reader
from gis_service.access.rules import need, within_budget
from gis_service.access.token_scopes import WRITE_MATTERS
from gis_service.errors import GridError
from gis_service.matters import acting, dossier, flow, listing, reporting
from gis_service.matters.effects import Wanted

router = APIRouter(prefix="/api/matters", tags=["matters"])

REPORTERS = ("officer", "lead", "supervisor")

Clerk = Annotated[Reader, Depends(need("matters", writes=WRITE_MATTERS))]
Reporter = Annotated[Reader, Depends(need(*REPORTERS, writes=WRITE_MATTERS))]
Number = Annotated[str, Path(pattern=r"^[0-9]{20}$")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{2,12}$")]
Counted = [Depends(within_budget)]
"""Matters say what people reported and where: they count like rows about people."""
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


class VersionWantedError(GridError):
    """An act must say which version of the matter its actor saw."""

    status = 428
    code = "version_wanted"
    title = "缺少版本 (version wanted)"


class ReportBody(BaseModel):
    """A report; the place is EPSG:4490, longitude first."""

    model_config = ConfigDict(extra="forbid")

    class_code: Code
    lon: Longitude
    lat: Latitude
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    title: Words | None = None
    description: Annotated[Words, Field(max_length=500)] | None = None
    address: Words | None = None
    is_urgent: bool = False
    seen_at: AwareDatetime | None = None


class ReportAnswer(BaseModel):
    """The receipt of a report: the same however often it is sent."""

    id: UUID
    number: str
    notice: str | None = None


class ActBody(BaseModel):
    """An act; ``version`` may also come as ``If-Match``."""

    model_config = ConfigDict(extra="forbid")

    act: Annotated[str, Field(max_length=40)]
    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    opinion: Words | None = None
    receiver: Words | None = None
    assignee: Annotated[Words, Field(max_length=64)] | None = None
    leader: Words | None = None
    duplicate_of: Annotated[str, Field(pattern=r"^[0-9]{20}$")] | None = None
    until: AwareDatetime | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


class MatterPage(BaseModel):
    """Matters newest first; ``next`` is the cursor of what follows."""

    matters: list[dict[str, Any]]
    next: str | None


@router.put("/{client_id}", status_code=201)
def report_matter(
    client_id: UUID,
    body: ReportBody,
    request: Request,
    response: Response,
    reader: Reporter,
) -> ReportAnswer:
    """Report a matter under an id its device made: 201 at first, 200 again."""
    report = reporting.Report(client_id=client_id, **body.model_dump())
    state = request.app.state
    received = reporting.receive(
        state.engine, reader, report, state.settings.county_code, datetime.now(UTC)
    )
    if not received.is_new:
        response.status_code = 200
    notice = free_text.notice(body.title, body.description, body.address)
    return ReportAnswer(id=client_id, number=received.number, notice=notice)


@router.get("", dependencies=Counted)
def list_matters(  # noqa: PLR0913, PLR0917 - a parameter per question
    request: Request,
    reader: Clerk,
    is_open: Annotated[bool, Query(alias="open")] = True,  # noqa: FBT002 - a query parameter
    state: Annotated[str, Query(pattern=r"^[a-z_]{4,20}$")] | None = None,
    grid_code: Annotated[str, Query(pattern=r"^[0-9]{6,17}$")] | None = None,
    mine: bool = False,  # noqa: FBT001, FBT002 - as above
    overdue: bool = False,  # noqa: FBT001, FBT002 - as above
    cursor: Annotated[str, Query(pattern=r"^[0-9]{20}$")] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> MatterPage:
    """List matters in the reader's scope, newest first."""
    asked = listing.Asked(
        is_open=is_open,
        state=state,
        grid_code=grid_code,
        is_mine=mine,
        is_overdue=overdue,
        after=cursor,
        limit=limit,
    )
    app = request.app.state
    rows = listing.listed(
        app.engine, reader, app.settings.county_code, asked, datetime.now(UTC)
    )
    page = rows[:limit]
    occasion.count_rows(len(page))
    return MatterPage(
        matters=page, next=page[-1]["number"] if len(rows) > limit else None
    )


@router.get("/alike", dependencies=Counted)
def list_alike(
    request: Request,
    reader: Reporter,
    class_code: Annotated[str, Query(pattern=r"^[0-9A-Za-z]{2,12}$")],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
) -> MatterPage:
    """List open matters that are probably the one about to be reported."""
    app = request.app.state
    wanted = (class_code, lon, lat)
    county = app.settings.county_code
    rows = listing.alike(app.engine, reader, county, wanted, datetime.now(UTC))
    occasion.count_rows(len(rows))
    return MatterPage(matters=rows, next=None)


@router.get("/flow")
def show_flow(_: Clerk) -> list[dict[str, Any]]:
    """Show the table of acts: in which state who may do what."""
    return [
        {
            "act": act.name,
            "title": act.title,
            "title_en": act.title_en,
            "states": sorted(act.states),
            "to_state": act.to_state,
            "roles": sorted(act.roles),
            "wants": list(act.wants),
        }
        for act in flow.acts().values()
    ]


@router.get("/{number}", dependencies=Counted)
def show_matter(
    number: Number, request: Request, response: Response, reader: Clerk
) -> dict[str, Any]:
    """Show the dossier of a matter: steps, clocks, and every act with why not."""
    shown = _dossier(request, response, reader, number)
    occasion.count_rows(1)
    return shown


@router.post("/{number}/steps", status_code=201)
def act_on_matter(  # noqa: PLR0913, PLR0917 - a parameter per part of the request
    number: Number,
    body: ActBody,
    request: Request,
    response: Response,
    reader: Clerk,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
) -> dict[str, Any]:
    """Act on a matter as one saw it; 412 with its present state if it changed."""
    values = body.model_dump()
    values["version"] = _version(body.version, if_match)
    wanted = Wanted(**values)
    state = request.app.state
    county = state.settings.county_code
    now = datetime.now(UTC)
    acting.act_on(state.engine, reader, county, number, wanted, now)
    return _dossier(request, response, reader, number)


def _dossier(
    request: Request, response: Response, reader: Reader, number: str
) -> dict[str, Any]:
    state = request.app.state
    county = state.settings.county_code
    answer = dossier.dossier(state.engine, reader, county, number, datetime.now(UTC))
    response.headers["ETag"] = f'"{answer["version"]}"'
    return answer


def _version(given: int | None, if_match: str | None) -> int:
    if given is not None:
        return given
    found = _VERSION.fullmatch(if_match or "")
    if found is None:
        message = "请说明所见版本：version 或 If-Match (say which version you saw)"
        raise VersionWantedError(message)
    return int(found[1])
