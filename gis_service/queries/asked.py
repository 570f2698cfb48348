"""Questions as they are sent: bodies read up to a limit, then checked as a whole."""

from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis_service.errors import UnprocessableError
from gis_service.queries.polygons import FARTHEST_LAT, FARTHEST_LON
from gis_service.queries.search import MOST_RESULTS
from gis_service.queries.search_words import LONGEST

MOST_FEATURES = 10_000
MOST_NEAR = 500
FARTHEST_M = 10_000.0
"""A larger circle is a polygon to be drawn, or a township to be opened."""


class WithinQuestion(BaseModel):
    """What of a layer lies in a polygon."""

    model_config = ConfigDict(extra="forbid")

    layer: Annotated[str, Field(max_length=60, description="Id of the layer.")]
    polygon: Annotated[
        dict[str, Any],
        Field(description="GeoJSON Polygon or MultiPolygon, longitude first."),
    ]
    limit: Annotated[int, Field(ge=1, le=MOST_FEATURES)] = 100


class PolygonQuestion(BaseModel):
    """How many 人地物事 lie in a polygon."""

    model_config = ConfigDict(extra="forbid")

    polygon: Annotated[
        dict[str, Any],
        Field(description="GeoJSON Polygon or MultiPolygon, longitude first."),
    ]


class SearchQuestion(BaseModel):
    """What somebody typed; sent as a body, a number stands in no log of addresses."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    limit: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = 10


class NearQuestion(BaseModel):
    """What of a layer is around a place."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    layer: Annotated[str, Field(max_length=60, description="Id of the layer.")]
    lon: Annotated[float, Field(ge=-FARTHEST_LON, le=FARTHEST_LON)]
    lat: Annotated[float, Field(ge=-FARTHEST_LAT, le=FARTHEST_LAT)]
    radius_m: Annotated[float, Field(gt=0, le=FARTHEST_M)] = 500.0
    limit: Annotated[int, Field(ge=1, le=MOST_NEAR)] = 20


Question = TypeVar("Question", bound=BaseModel)


async def read_body(request: Request, model: type[Question]) -> Question:
    """Read the body of a request as a question.

    Raises
    ------
    UnprocessableError
        When it is no JSON of the form asked.
    """
    body = await request.body()
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        findings = [
            {"field": ".".join(map(str, each["loc"])), "message": each["msg"]}
            for each in error.errors(include_input=False, include_url=False)
        ]
        names = "、".join(each["field"] or "JSON" for each in findings)
        message = f"参数不正确：{names} (invalid parameters, see errors)"
        raise UnprocessableError(message, errors=findings) from error


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Return what the OpenAPI document says about a body read by ``read_body``."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
