"""Routes of reveals: what they may be for, and the values themselves."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from gis_service.access import alerts
from gis_service.access.reader import Reader
from gis_service.access.rules import need
from gis_service.errors import ForbiddenError
from gis_service.people import sealing
from gis_service.people.purposes import checked_reason, purposes
from gis_service.people.revealing import Limits, RevealLimitError, Wanted, reveal
from gis_service.people.sealing import sealer_of

router = APIRouter()

REVEALERS = ("officer", "lead", "supervisor")
"""Who answers for a cell or branch; editors and planners work with masked values."""

RevealedField = Literal["name", "id_number", "phone"]
Revealer = Annotated[Reader, Depends(need(*REVEALERS))]


class PurposeAnswer(BaseModel):
    """A purpose to choose."""

    id: str
    title: str
    title_en: str


class RevealWanted(BaseModel):
    """Which values, for what purpose and why; the last two are checked by hand."""

    purpose: Annotated[str, Field(max_length=60)] | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = None
    fields: Annotated[list[RevealedField], Field(min_length=1, max_length=3)]


class Revealed(BaseModel):
    """The values asked for, in full; those not asked for are absent."""

    name: str | None = None
    id_number: str | None = None
    phone: str | None = None
    revealed_at: datetime


@router.get("/purposes")
async def list_purposes(_: Revealer) -> list[PurposeAnswer]:
    """List what a reveal may be for."""
    return [
        PurposeAnswer(id=each.id, title=each.title, title_en=each.title_en)
        for each in purposes().values()
    ]


@router.post("/residents/{resident_id}/reveal", response_model_exclude_unset=True)
def reveal_resident(
    resident_id: Annotated[int, Path(ge=1, lt=2**63)],
    wanted: RevealWanted,
    request: Request,
    response: Response,
    reader: Revealer,
) -> Revealed:
    """Show name, number or phone of a resident in full; the trail has it first."""
    if "authorization" in request.headers:
        # A token lies about in scripts: nobody could say who saw the values.
        message = "请在网页登录后查看原文 (sign in on the page to reveal)"
        raise ForbiddenError(message)
    state = request.app.state
    settings = state.settings
    asked = Wanted(
        county_code=settings.county_code,
        resident_id=resident_id,
        fields=tuple(sorted(set(wanted.fields))),
        purpose=wanted.purpose or "",
        reason=checked_reason(wanted.purpose, wanted.reason),
    )
    limits = Limits(settings.reveals_per_hour, settings.reveals_per_day)
    try:
        row, at = reveal(state.engine, reader, asked, limits)
    except RevealLimitError:
        _alert(state.engine, reader, limits)
        raise
    sealer = sealer_of(settings)
    (id_number,) = sealer.open([row.id_number_sealed], sealing.ID_NUMBER)
    (phone,) = sealer.open([row.phone_sealed], sealing.PHONE)
    values = {"name": row.name, "id_number": id_number, "phone": phone}
    response.headers["Cache-Control"] = "private, no-store"
    return Revealed(**{name: values[name] for name in asked.fields}, revealed_at=at)


def _alert(engine: Engine, reader: Reader, limits: Limits) -> None:
    facts = {"per_hour": limits.per_hour, "per_day": limits.per_day}
    # A transaction of its own: that of the reveal is undone with it.
    with engine.begin() as connection:
        alerts.raise_alert(connection, "reveal_limit", reader, facts=facts)
