"""Routes of questions: what lies in a polygon, what is near, how many, where is."""

import json
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Query, Request, Response

from gis_service import occasion
from gis_service.access.reader import Reader
from gis_service.access.roles import PEOPLE, STAFF, may_see, only_department
from gis_service.access.rules import need, open_to_all
from gis_service.access.scope import COUNTY_DIGITS
from gis_service.access.signing_in import current_reader
from gis_service.access.token_scopes import READ_LAYERS
from gis_service.access.trail import record_reading
from gis_service.errors import NotFoundError
from gis_service.people.sealing import sealer_of
from gis_service.publish.features import GEOJSON, collection
from gis_service.publish.filter_values import Geometry
from gis_service.publish.filters import Filter
from gis_service.publish.questions import Question
from gis_service.publish.readership import layer_for
from gis_service.publish.reading import Reading
from gis_service.publish.turns import Turns
from gis_service.queries.asked import (
    NearQuestion,
    PolygonQuestion,
    SearchQuestion,
    WithinQuestion,
    described,
    read_body,
)
from gis_service.queries.inside import MATTERS, NOTHING
from gis_service.queries.near import Nearness
from gis_service.queries.polygons import read_polygon
from gis_service.queries.search import MOST_RESULTS, Search
from gis_service.queries.search_words import LONGEST, read_words
from gis_service.queries.summary import By, Summaries

router = APIRouter(prefix="/api", tags=["queries"])

JSON = "application/json"
POLYGONS_AT_ONCE, POLYGONS_WAITING = 3, 24
PRIVATE = {"Cache-Control": "private, no-store"}

Someone = Annotated[Reader, Depends(current_reader)]
Staff = Annotated[Reader, Depends(need(STAFF, writes=READ_LAYERS))]


class Asking:
    """What answers questions, over the pool of the application."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.layers = Reading(pool)
        self.nearness = Nearness(self.layers)
        self.summaries = Summaries(pool)
        self.search = Search(pool)
        # A polygon of 5,000 corners takes a quarter of a second: forty at once would
        # keep the connections from everybody's map.
        self.polygon_turns = Turns(POLYGONS_AT_ONCE, POLYGONS_WAITING)


def asking(request: Request) -> Asking:
    """Return what answers questions; made at the first one."""
    state = request.app.state
    if getattr(state, "asking", None) is None:
        state.asking = Asking(state.pool)
    kept: Asking = state.asking
    return kept


Answering = Annotated[Asking, Depends(asking)]


@router.post(
    "/query/within",
    dependencies=[Depends(open_to_all)],
    openapi_extra=described(WithinQuestion),
)
async def within(request: Request, reader: Someone, answering: Answering) -> Response:
    """Return the features of a layer that touch a drawn polygon.

    ``numberMatched`` says how many there are when ``limit`` cut some off.
    """
    asked = await read_body(request, WithinQuestion)
    layer = layer_for(request.app.state.catalog, asked.layer, reader)
    polygon = read_polygon(asked.polygon)
    touches = Filter(
        ("s_intersects", 0, True), {}, (Geometry(polygon.wkb, polygon.bounds),)
    )
    question = Question(condition=touches, limit=asked.limit)
    async with answering.polygon_turns.take():
        row = await answering.layers.page(layer, reader.scope, question)
        matched = row["returned"]
        if row["found"] > matched:
            matched = await answering.layers.count(layer, reader.scope, question)
    return Response(collection(row, [], matched=matched), 200, PRIVATE, GEOJSON)


@router.get("/query/near", dependencies=[Depends(open_to_all)])
async def near(
    request: Request,
    reader: Someone,
    answering: Answering,
    asked: Annotated[NearQuestion, Query()],
) -> Response:
    """Return the features of a layer around a place, nearest first."""
    layer = layer_for(request.app.state.catalog, asked.layer, reader)
    body = await answering.nearness.features(layer, reader.scope, asked)
    return Response(body, 200, PRIVATE, GEOJSON)


@router.get("/query/summary")
async def summary(
    reader: Staff,
    answering: Answering,
    by: By = "village",
    within: Annotated[
        str | None, Query(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$")
    ] = None,
) -> Response:
    """Return counts of 人地物事 per cell, village or township of the reader's scope."""
    code = within or reader.scope.prefix[:COUNTY_DIGITS]
    if not _meet(reader, code):
        message = "没有这个区划 (there is no such division)"
        raise NotFoundError(message)
    body = await answering.summaries.per_area(
        reader.scope,
        by,
        code,
        sees_people=may_see(reader, PEOPLE),
        blank=_blank(reader),
    )
    return Response(body, 200, PRIVATE, JSON)


@router.post("/query/summary", openapi_extra=described(PolygonQuestion))
async def summary_of_polygon(
    request: Request, reader: Staff, answering: Answering
) -> Response:
    """Return counts of 人地物事 in a drawn polygon, under the reader's scope."""
    asked = await read_body(request, PolygonQuestion)
    polygon = read_polygon(asked.polygon)
    async with answering.polygon_turns.take():
        body = await answering.summaries.in_polygon(
            reader.scope,
            polygon,
            sees_people=may_see(reader, PEOPLE),
            blank=_blank(reader),
        )
    return Response(body, 200, PRIVATE, JSON)


@router.get("/search", dependencies=[Depends(open_to_all)])
async def search(
    request: Request,
    reader: Someone,
    answering: Answering,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST)],
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 10,
) -> Response:
    """Find townships, villages, cells and centers; people for those who see them.

    Parts of names, pinyin initials, codes and their beginnings, addresses. A whole
    identity number or telephone finds its resident when it is sent in a body.
    """
    return await _found(request, reader, answering, SearchQuestion(q=q, limit=limit))


@router.post(
    "/search",
    dependencies=[Depends(open_to_all)],
    openapi_extra=described(SearchQuestion),
)
async def search_unseen(
    request: Request, reader: Someone, answering: Answering
) -> Response:
    """Find the same, and residents by their number; what was typed is in no address."""
    asked = await read_body(request, SearchQuestion)
    return await _found(request, reader, answering, asked)


async def _found(
    request: Request, reader: Reader, answering: Asking, asked: SearchQuestion
) -> Response:
    words = read_words(asked.q)
    people_in = reader.scope if may_see(reader, PEOPLE) else None
    if people_in is not None:
        await occasion.check_budget()
    body = None
    # By token nobody is looked up by number: a script would try all there are. Nor in
    # an address, which logs on the way keep.
    may_number = reader.token_scopes is None and request.method == "POST"
    if people_in is not None and people_in.branches and words.is_number and may_number:
        # The number itself is written nowhere.
        kind = "id_number" if words.id_number is not None else "phone"
        state = request.app.state
        sealer = sealer_of(state.settings)
        body = await answering.search.find_by_number(
            people_in, words, sealer, asked.limit
        )
        found = [] if body is None else json.loads(body)["results"]
        subject = f"resident {found[0]['code']}" if found else None
        facts = {"searched": kind, "found": len(found)}
        # Before the answer: whoever is killed in between has a line too many.
        await record_reading(
            state.pool, reader, "searched_number", subject, facts=facts
        )
    if body is None:
        body = await answering.search.find(people_in, words, asked.limit)
    occasion.count_rows(body.count(b'"resident"') + body.count(b'"household"'))
    return Response(body, 200, PRIVATE, JSON)


def _blank(reader: Reader) -> frozenset[str]:
    """Return the counts that hold rows a reader may not see: of other departments."""
    return NOTHING if only_department(reader) is None else MATTERS


def _meet(reader: Reader, code: str) -> bool:
    """Tell whether a code lies in the reader's scope or holds a part of it."""
    branches = reader.scope.branches
    return any(code.startswith(each) or each.startswith(code) for each in branches)
