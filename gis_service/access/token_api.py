"""Routes of one's own tokens; a token itself may do none of this."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints

from gis_service.access import recent, tokens
from gis_service.access.account_api import own_id
from gis_service.access.reader import Reader
from gis_service.access.rules import need
from gis_service.access.token_scopes import READ_LAYERS

router = APIRouter()

Words = StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=200)
# A token that leaked must not be able to make others that outlive it.
Signed = Annotated[Reader, Depends(need(reads=None))]


class NewTokenWanted(BaseModel):
    """What the token is for, for how many days, and what it opens."""

    name: Annotated[str, Words]
    days: int = Field(90, ge=1, le=tokens.LONGEST_DAYS)
    scopes: list[str] = Field([READ_LAYERS], max_length=10)


class TokenAnswer(BaseModel):
    """A token of one's own; ``token`` is shown once, when it is made."""

    id: int
    name: str
    scopes: list[str]
    created_at: datetime | None = None
    expires_at: datetime
    used_at: datetime | None = None
    token: str | None = None


@router.get("/api/tokens")
def list_tokens(request: Request, reader: Signed) -> list[TokenAnswer]:
    """List one's own tokens, without their secrets."""
    with request.app.state.engine.begin() as connection:
        rows = tokens.listed(connection, own_id(reader))
    return [TokenAnswer(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


@router.post("/api/tokens", status_code=201)
def make_token(wanted: NewTokenWanted, request: Request, reader: Signed) -> TokenAnswer:
    """Make a token; its secret is in this answer and nowhere else."""
    with request.app.state.engine.begin() as connection:
        made = tokens.add(
            connection,
            own_id(reader),
            wanted.name,
            wanted.days,
            reader,
            scopes=wanted.scopes,
        )
    return TokenAnswer(
        id=made.id,
        name=wanted.name,
        scopes=made.scopes,
        expires_at=made.expires_at,
        token=made.secret,
    )


@router.delete("/api/tokens/{token_id}", status_code=204)
def remove_token(
    token_id: Annotated[int, Path(ge=1, lt=2**63)], request: Request, reader: Signed
) -> None:
    """Make one's own token worthless."""
    with request.app.state.engine.begin() as connection:
        tokens.remove(connection, reader, token_id)
    recent.of(request.app.state.pool).forget()
