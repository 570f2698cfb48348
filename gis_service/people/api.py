"""Routes of people: residents and households, masked, under the reader's scope.

What lies outside the scope is answered exactly like what is not there.
"""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from gis_service import occasion
from gis_service.access import trail
from gis_service.access.reader import Reader
from gis_service.access.rules import need
from gis_service.database import reading
from gis_service.errors import MalformedRequestError, NotFoundError
from gis_service.people import reveal_api, sealing
from gis_service.people.masking import masked_address, masked_id, masked_phone
from gis_service.people.sealing import sealer_of

router = APIRouter(prefix="/api/people", tags=["people"])
router.include_router(reveal_api.router)

MOST_ROWS = 1000
SEXES = {1: "男", 2: "女"}
HERE = ZoneInfo("Asia/Shanghai")

_ROW = """
    resident.id, resident.grid_code, resident.sex, resident.birth_on,
    resident.care_types, resident.household_id, resident.relation,
    people.masked_name(resident.name) AS name
"""
# The scope stands in the statement and, as a policy, underneath it. Keyset on the
# index of grid_code: any page of any branch is as quick as the first, provided that
# the index is walked in its order. The planner cannot see into the policy, expects a
# handful of rows and would collect and sort a whole township (200 ms instead of 3).
_IN_ORDER = "SET LOCAL enable_bitmapscan = off"
_PAGE = f"""
    SELECT {_ROW}
    FROM people.residents AS resident
    WHERE resident.grid_code >= $1 AND resident.grid_code < $1 || '~'
        AND (resident.grid_code, resident.id) > ($2, $3)
        AND resident.grid_code ^@ ANY($4::text[])
    ORDER BY resident.grid_code, resident.id
    LIMIT $5
"""  # noqa: S608 - columns named above
_ONE = f"""
    SELECT {_ROW},
        resident.id_number_sealed, resident.phone_sealed, resident.person_type,
        resident.is_registered_here, resident.is_living_here,
        household.group_no, village.name AS village_name
    FROM people.residents AS resident
    LEFT JOIN people.households AS household
        ON household.county_code = resident.county_code
        AND household.id = resident.household_id
    LEFT JOIN divisions.villages AS village
        ON village.code = household.village_code AND village.valid_to IS NULL
    WHERE resident.county_code = $1 AND resident.id = $2
        AND resident.grid_code ^@ ANY($3::text[])
"""  # noqa: S608 - columns named above
_HOUSEHOLD = """
    SELECT household.id, household.code, household.grid_code, household.village_code,
        household.group_no, village.name AS village_name
    FROM people.households AS household
    LEFT JOIN divisions.villages AS village
        ON village.code = household.village_code AND village.valid_to IS NULL
    WHERE household.county_code = $1 AND household.id = $2
        AND household.grid_code ^@ ANY($3::text[])
"""
_MEMBERS = f"""
    SELECT {_ROW}
    FROM people.residents AS resident
    WHERE resident.county_code = $1 AND resident.household_id = $2
        AND resident.grid_code ^@ ANY($3::text[])
    ORDER BY resident.relation, resident.birth_on, resident.id
"""  # noqa: S608 - columns named above

_BY_NUMBER = f"""
    SELECT {_ROW}
    FROM people.residents AS resident
    WHERE resident.county_code = $1 AND resident.id_number_index = ANY($2::bytea[])
        AND resident.grid_code ^@ ANY($3::text[])
"""  # noqa: S608 - columns named above

Number = Annotated[int, Path(ge=1, lt=2**63)]
Insider = Annotated[Reader, Depends(need("people"))]


class ResidentRow(BaseModel):
    """A resident (居民) in a list, masked."""

    id: int
    name: str
    sex: str | None
    age: int | None
    care_types: list[str]
    household_id: int | None
    grid_code: str
    relation: int


class ResidentPage(BaseModel):
    """Residents in the order of their cells; ``next`` is the cursor of what follows."""

    residents: list[ResidentRow]
    next: str | None


class NumberWanted(BaseModel):
    """A whole identity number, as typed."""

    id_number: Annotated[str, Field(min_length=15, max_length=40)]


class ResidentAnswer(ResidentRow):
    """A resident, masked: enough to recognise, not enough to misuse."""

    id_number: str | None
    phone: str | None
    address: str | None
    person_type: str
    is_registered_here: bool
    is_living_here: bool


class HouseholdAnswer(BaseModel):
    """A household (户) with those of its members who are in the reader's scope."""

    id: int
    code: str
    grid_code: str
    village_code: str
    address: str | None
    members: list[ResidentRow]


@router.get("/residents")
async def list_residents(
    request: Request,
    reader: Insider,
    grid_code: Annotated[str, Query(pattern=r"^[0-9]{6,17}$")] | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    cursor: Annotated[str, Query(max_length=40)] | None = None,
) -> ResidentPage:
    """List residents of a cell or division, masked, a page at a time."""
    scope = reader.scope
    branch = grid_code if grid_code is not None else scope.prefix
    after_code, after_id = _after(cursor)
    await occasion.check_budget()
    values = (branch, after_code, after_id, list(scope.branches), limit + 1)
    async with reading(request.app.state.pool, scope) as connection:
        await connection.execute(_IN_ORDER)
        rows = await connection.fetch(_PAGE, *values)
    residents = [ResidentRow(**_masked(row)) for row in rows[:limit]]
    occasion.count_rows(len(residents))
    last = residents[-1] if len(rows) > limit else None
    return ResidentPage(
        residents=residents, next=f"{last.grid_code}-{last.id}" if last else None
    )


@router.post("/residents/find")
async def find_resident(
    wanted: NumberWanted, request: Request, reader: Insider
) -> ResidentPage:
    """Find the resident of a whole identity number; it is asked for in the body."""
    state = request.app.state
    await occasion.check_budget()
    hashes = sealer_of(state.settings).indexes(wanted.id_number)
    values = (_county(request), hashes, list(reader.scope.branches))
    async with reading(state.pool, reader.scope) as connection:
        rows = await connection.fetch(_BY_NUMBER, *values)
    found = [ResidentRow(**_masked(row)) for row in rows]
    occasion.count_rows(len(found))
    subject = f"resident {found[0].id}" if found else None
    await trail.record_reading(state.pool, reader, "looked_up", subject)
    return ResidentPage(residents=found, next=None)


@router.get("/residents/{resident_id}")
async def show_resident(
    resident_id: Number, request: Request, reader: Insider
) -> ResidentAnswer:
    """Show one resident, masked."""
    values = (_county(request), resident_id, list(reader.scope.branches))
    await occasion.check_budget()
    async with reading(request.app.state.pool, reader.scope) as connection:
        row = await connection.fetchrow(_ONE, *values)
    if row is None:
        message = "没有这位居民 (there is no such resident)"
        raise NotFoundError(message)
    occasion.count_rows(1)
    sealer = sealer_of(request.app.state.settings)
    (id_number,) = sealer.open([row["id_number_sealed"]], sealing.ID_NUMBER)
    (phone,) = sealer.open([row["phone_sealed"]], sealing.PHONE)
    return ResidentAnswer(
        **_masked(row),
        id_number=id_number and masked_id(id_number),
        phone=phone and masked_phone(phone),
        address=_address(row),
        person_type=row["person_type"],
        is_registered_here=row["is_registered_here"],
        is_living_here=row["is_living_here"],
    )


@router.get("/households/{household_id}")
async def show_household(
    household_id: Number, request: Request, reader: Insider
) -> HouseholdAnswer:
    """Show a household and its members, masked."""
    values = (_county(request), household_id, list(reader.scope.branches))
    await occasion.check_budget()
    async with reading(request.app.state.pool, reader.scope) as connection:
        household = await connection.fetchrow(_HOUSEHOLD, *values)
        if household is None:
            message = "没有这一户 (there is no such household)"
            raise NotFoundError(message)
        members = await connection.fetch(_MEMBERS, *values)
    occasion.count_rows(1 + len(members))
    return HouseholdAnswer(
        id=household["id"],
        code=household["code"],
        grid_code=household["grid_code"],
        village_code=household["village_code"],
        address=_address(household),
        members=[ResidentRow(**_masked(row)) for row in members],
    )


def age_on(today: date, birth_on: date) -> int:
    """Return full years of age (周岁) on a day."""
    had_birthday = (today.month, today.day) >= (birth_on.month, birth_on.day)
    return today.year - birth_on.year - (not had_birthday)


def _masked(row: asyncpg.Record) -> dict[str, object]:
    birth_on = row["birth_on"]
    today = datetime.now(HERE).date()
    return {
        "id": row["id"],
        "name": row["name"],
        "sex": SEXES.get(row["sex"]),
        "age": None if birth_on is None else age_on(today, birth_on),
        "care_types": row["care_types"],
        "household_id": row["household_id"],
        "grid_code": row["grid_code"],
        "relation": row["relation"],
    }


def _address(row: asyncpg.Record) -> str | None:
    village_name = row["village_name"]
    return village_name and masked_address(village_name, row["group_no"])


def _after(cursor: str | None) -> tuple[str, int]:
    """Return the place in the list that a cursor stands for."""
    if cursor is None:
        return "", 0
    code, _, number = cursor.partition("-")
    is_code = code.isascii() and code.isdecimal()
    if not (is_code and number.isascii() and number.isdecimal()) or int(number) >> 63:
        message = "翻页参数不正确，请从第一页开始 (cursor not ours: start again)"
        raise MalformedRequestError(message, parameter="cursor")
    return code, int(number)


def _county(request: Request) -> str:
    county: str = request.app.state.settings.county_code
    return county
