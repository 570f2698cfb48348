"""Whatever anybody sends to the open addresses is answered, and never by a fault."""

import json
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_service.publish.references import REFERENCES

ITEMS = "/api/ogc/collections/villages/items"
NEAR = "/api/query/near"
WITHIN = "/api/query/within"

BOXES = (
    "180,-180,180,-180",
    "1e300,-180,1e300,180",
    "-1e300,-1e300,1e300,1e300",
    "0,0,0,0",
    "-90,-90,90,90",
    "27,111,27,112",
    "3000000,300000,3000000,600000",
)
GEOM = {"property": "geom"}
ODD_OPERANDS = (
    [{"property": {"a": 1}}, {"type": "Point", "coordinates": [111, 27]}],
    [{"property": ["geom"]}, {"bbox": [1, 2, 3, 4]}],
    [GEOM, {"bbox": [10**400, 2, 3, 4]}],
    [GEOM, {"type": "Point", "coordinates": [1e300, 1]}],
)

trying = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

numbers = (
    st.floats()
    | st.sampled_from([0, -0.0, 90, -90, 180, -180, 1e300, 5e-324, 1e8, 3e6, 112e5])
    | st.floats(-180, 180)
)
_names = st.sampled_from(["kind", "name", "code", "geom", "nothing"])
_members = ("op", "args", "property", "bbox", "type", "coordinates", "date", "a")
_ops = ("and", "not", "in", "like", "between", "isNull", "=", "s_intersects")
_shapes = ("Point", "LineString", "Polygon", "Feature")
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_members), inner, max_size=3)
        | st.builds(lambda name: {"property": name}, _names | inner)
        | st.builds(
            lambda op, args: {"op": op, "args": args},
            st.sampled_from(_ops),
            st.lists(inner, max_size=3),
        )
        | st.builds(
            lambda kind, places: {"type": kind, "coordinates": places},
            st.sampled_from(_shapes),
            inner,
        )
    ),
    max_leaves=12,
)
_words = (
    "kind name geom nothing = <> '村' 1 1e999 ( ) and or not in like between , - "
    "casei(name) s_intersects( point(111|27) bbox(1,2,3,4) polygon((0|0)) is|null "
    "date('2026-01-01') timestamp('x') interval('..','..') '\\' \x00"
)
words = st.sampled_from([word.replace("|", " ") for word in _words.split(" ")])
places = st.lists(numbers, min_size=2, max_size=3)
rings = st.lists(places, min_size=3, max_size=5).map(lambda ring: [*ring, ring[0]])
polygons = st.builds(
    lambda kind, drawn: {"type": kind, "coordinates": drawn},
    st.sampled_from(["Polygon", "MultiPolygon", "Point"]),
    st.lists(rings, max_size=3) | trees,
)


def _check(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["detail"]


@trying
@given(
    sides=st.lists(numbers, min_size=4, max_size=6),
    reference=st.sampled_from([*REFERENCES]),
)
async def test_any_box_is_answered(
    client: httpx.AsyncClient, sides: list[float], reference: str
) -> None:
    params = {"bbox": ",".join(map(str, sides)), "bbox-crs": reference}
    _check(await client.get(ITEMS, params=params))


async def test_box_without_width_or_ground_is_answered(
    client: httpx.AsyncClient,
) -> None:
    for reference in REFERENCES:
        for box in BOXES:
            params = {"bbox": box, "bbox-crs": reference}
            _check(await client.get(ITEMS, params=params))


@trying
@given(text=st.lists(words, max_size=9).map(" ".join) | st.text(max_size=20))
async def test_any_filter_in_text_is_answered(
    client: httpx.AsyncClient, text: str
) -> None:
    asked = quote(text, errors="replace")
    _check(await client.get(f"{ITEMS}?limit=1&filter={asked}"))


@trying
@given(tree=trees)
async def test_any_filter_in_json_is_answered(
    client: httpx.AsyncClient, tree: object
) -> None:
    params = {"limit": "1", "filter-lang": "cql2-json", "filter": json.dumps(tree)}
    _check(await client.get(ITEMS, params=params))


async def test_odd_operand_is_refused(client: httpx.AsyncClient) -> None:
    for args in ODD_OPERANDS:
        tree = json.dumps({"op": "s_intersects", "args": args})
        params = {"filter-lang": "cql2-json", "filter": tree}
        answer = await client.get(ITEMS, params=params)
        assert answer.status_code == 400, answer.text


@trying
@given(lon=numbers, lat=numbers, radius_m=numbers)
async def test_any_place_is_answered(
    client: httpx.AsyncClient, lon: float, lat: float, radius_m: float
) -> None:
    params = {"layer": "villages", "lon": lon, "lat": lat, "radius_m": radius_m}
    _check(await client.get(NEAR, params=params))


async def test_nothing_is_near_a_place_without_metres(
    client: httpx.AsyncClient,
) -> None:
    for lon, lat in ((21, 0), (-69, 0), (111, 85), (111, -85), (180, 0)):
        params = {"layer": "villages", "lon": lon, "lat": lat}
        answer = await client.get(NEAR, params=params)
        assert answer.json()["features"] == []


@trying
@given(polygon=polygons | trees)
async def test_any_polygon_is_answered(
    client: httpx.AsyncClient, polygon: object
) -> None:
    body = json.dumps({"layer": "villages", "polygon": polygon, "limit": 1})
    _check(await client.post(WITHIN, content=body))
