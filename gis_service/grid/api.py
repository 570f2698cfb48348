"""Routes of the grid: which cell a coordinate lies in, and the card of a cell."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from gis_service.access.reader import Reader
from gis_service.access.roles import MATTERS, STAFF, may_see, only_department
from gis_service.access.rules import need, open_to_all
from gis_service.grid.cards import card
from gis_service.grid.location import cells_at

FARTHEST_ACCURACY_M = 5000.0

router = APIRouter(prefix="/api/grid", tags=["grid"])

Longitude = Annotated[
    float, Query(ge=-180, le=180, allow_inf_nan=False, description="Degrees east.")
]
Latitude = Annotated[
    float, Query(ge=-90, le=90, allow_inf_nan=False, description="Degrees north.")
]
Accuracy = Annotated[
    float,
    Query(
        ge=0,
        le=FARTHEST_ACCURACY_M,
        allow_inf_nan=False,
        description="Radius of the circle the place may be in, metres.",
    ),
]


@router.get("/location", dependencies=[Depends(open_to_all)])
async def location(
    request: Request, lon: Longitude, lat: Latitude, accuracy_m: Accuracy = 0.0
) -> Response:
    """Tell which cell a coordinate lies in, who has it, and which lie near."""
    found = await cells_at(request.app.state.pool, lon, lat, accuracy_m)
    return Response(found, media_type="application/json")


@router.get("/cells/{code}")
async def cell_card(
    request: Request,
    code: Annotated[str, Path(max_length=40)],
    reader: Annotated[Reader, Depends(need(STAFF))],
) -> Response:
    """Return the card of one cell: village, area, officers and counts."""
    found = await card(
        request.app.state.pool,
        reader.scope,
        code,
        with_matters=may_see(reader, MATTERS),
        department=only_department(reader),
    )
    return Response(
        found, media_type="application/json", headers={"Cache-Control": "private"}
    )
