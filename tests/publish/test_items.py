"""Features of a layer over HTTP: who sees what, and what may be asked."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
import shapely

from gis_service.publish.catalog import Catalog
from gis_service.publish.csv_page import features_csv
from tests import village
from tests.publish.conftest import Client

COLLECTIONS = "/api/ogc/collections"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


async def _items(client: httpx.AsyncClient, layer: str, **asked: str) -> Any:  # noqa: ANN401 - JSON
    answer = await client.get(f"{COLLECTIONS}/{layer}/items", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ids(page: dict[str, Any]) -> list[int]:
    return [feature["id"] for feature in page["features"]]


async def test_officer_of_a_cell_sees_that_cell_only(reader: Client) -> None:
    officer = reader("officer", (village.FIRST_CELL,))
    for layer in ("households", "parcels", "objects", "open_matters"):
        page = await _items(officer, layer)
        codes = {each["properties"]["grid_code"] for each in page["features"]}
        assert codes == {village.FIRST_CELL}, layer


async def test_supervisor_of_the_county_sees_all_of_it(reader: Client) -> None:
    page = await _items(reader("supervisor"), "households")
    assert _ids(page) == [1, 2, 3, 4, 5]
    assert page["numberReturned"] == 5
    assert "numberMatched" not in page


async def test_scope_of_two_cells_is_both_of_them(reader: Client) -> None:
    cells = (village.FIRST_CELL, f"{village.FAR}001")
    page = await _items(reader("officer", cells), "households")
    assert _ids(page) == [1, 5]


async def test_handler_sees_the_matters_of_the_department_only(reader: Client) -> None:
    handler = reader("handler", (village.COUNTY,), "城管局")
    assert _ids(await _items(handler, "open_matters")) == [2]
    assert _ids(await _items(reader("supervisor"), "open_matters")) == [1, 2, 3, 5]


async def test_layer_not_open_is_401_for_visitors_and_404_for_others(
    reader: Client,
) -> None:
    address = f"{COLLECTIONS}/residents/items"
    refused = await reader().get(address)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await reader("planner").get(address)).status_code == 404
    assert (await reader().get(f"{COLLECTIONS}/nothing/items")).status_code == 404


async def test_names_are_masked_and_no_number_is_told(reader: Client) -> None:
    page = await _items(reader("supervisor"), "residents")
    names = {each["properties"]["name"] for each in page["features"]}
    assert names == {"赵**", "钱*", "孙*"}
    assert not {"id_number", "phone"} & set(page["features"][0]["properties"])


async def test_small_counts_are_blank_for_who_sees_no_people_even_to_a_filter(
    reader: Client,
) -> None:
    asked = {"filter": f"code = '{village.EAST}002'"}
    public = (await _items(reader(), "grid_cells", **asked))["features"]
    staff = (await _items(reader("supervisor"), "grid_cells", **asked))["features"]
    assert public[0]["properties"]["residents"] is None
    assert staff[0]["properties"]["residents"] == 2
    guessed = await _items(reader(), "grid_cells", filter="residents = 2")
    assert guessed["features"] == []


async def test_paging_gives_every_feature_once(reader: Client) -> None:
    client = reader("supervisor")
    seen: list[int] = []
    address = f"{COLLECTIONS}/residents/items?limit=4"
    while address:
        page = (await client.get(address)).json()
        seen += _ids(page)
        links = {link["rel"]: link["href"] for link in page["links"]}
        address = links.get("next", "")
    assert len(seen) == 17
    assert len(set(seen)) == 17


@pytest.mark.parametrize("order", ["age", "-age", "-name,age", "%2Bperson_type"])
async def test_paging_in_an_order_gives_every_feature_once(
    reader: Client, order: str
) -> None:
    client = reader("supervisor")
    seen: list[int] = []
    address = f"{COLLECTIONS}/residents/items?limit=3&sortby={order}"
    while address:
        page = (await client.get(address)).json()
        seen += _ids(page)
        links = {link["rel"]: link["href"] for link in page["links"]}
        address = links.get("next", "")
    whole = await client.get(f"{COLLECTIONS}/residents/items?sortby={order}")
    assert seen == _ids(whole.json())
    assert len(set(seen)) == 17


async def test_sorted_downward_with_the_empty_last(reader: Client) -> None:
    page = await _items(reader("supervisor"), "residents", sortby="-age")
    ages = [each["properties"]["age"] for each in page["features"]]
    known = [age for age in ages if age is not None]
    assert known == sorted(known, reverse=True)
    assert ages[len(known) :] == [None] * 7


async def test_box_finds_what_touches_it(reader: Client) -> None:
    west, south = village.place(-10, -10)
    east, north = village.place(990, 990)
    box = f"{west},{south},{east},{north}"
    page = await _items(reader("supervisor"), "grid_cells", bbox=box)
    assert {each["properties"]["code"] for each in page["features"]} == {
        village.FIRST_CELL
    }
    assert _ids(await _items(reader("supervisor"), "households", bbox=box)) == [1]


@pytest.mark.parametrize("box", ["111,27,112,28", "-180,-90,180,90"])
async def test_paging_in_a_large_box_gives_every_feature_once(
    reader: Client, box: str
) -> None:
    for role, branch, count in (
        ("supervisor", village.COUNTY, 6),
        ("lead", village.EAST, 4),
    ):
        client = reader(role, (branch,))
        seen: list[int] = []
        address = f"{COLLECTIONS}/parcels/items?limit=1&bbox={box}"
        while address:
            page = (await client.get(address)).json()
            seen += _ids(page)
            links = {link["rel"]: link["href"] for link in page["links"]}
            address = links.get("next", "")
        assert len(seen) == count
        assert len(set(seen)) == count


async def test_box_of_no_width_is_a_point(reader: Client) -> None:
    lon, lat = village.place(500, 500)
    page = await _items(reader(), "villages", bbox=f"{lon},{lat},{lon},{lat}")
    assert [each["properties"]["code"] for each in page["features"]] == [village.EAST]


async def test_box_over_the_antimeridian_and_around_the_world(reader: Client) -> None:
    assert (await _items(reader(), "villages", bbox="170,0,-170,60"))["features"] == []
    for box in ("-180,-90,180,90", "100,-90,-170,90", "111,27,0,112,28,100"):
        page = await _items(reader(), "villages", bbox=box)
        assert page["numberReturned"] == 4, box


@pytest.mark.parametrize("srid", [4490, 4326, 4546, 3857])
async def test_official_axis_order_in_box_and_answer(reader: Client, srid: int) -> None:
    crs = f"{EPSG}{srid}"
    first = (await _items(reader(), "service_centers"))["features"][0]
    answer = await reader().get(
        f"{COLLECTIONS}/service_centers/items/1", params={"crs": crs}
    )
    assert answer.headers["content-crs"] == f"<{crs}>"
    one, other = answer.json()["geometry"]["coordinates"]
    lon, lat = first["geometry"]["coordinates"]
    if srid in {4490, 4326}:
        assert (one, other) == (lat, lon)
    elif srid == 4546:
        assert (round(one), round(other)) == (3_065_300, 529_300)
    else:
        assert one > other
    box = f"{one - 1e-3},{other - 1e-3},{one + 1e-3},{other + 1e-3}"
    page = await _items(reader(), "service_centers", **{"bbox": box, "bbox-crs": crs})
    assert _ids(page) == [1]


async def test_default_answer_is_longitude_first_without_crs_member(
    reader: Client,
) -> None:
    answer = await reader().get(f"{COLLECTIONS}/service_centers/items")
    assert "CRS84" in answer.headers["content-crs"]
    lon, lat = answer.json()["features"][0]["geometry"]["coordinates"]
    assert (round(lon), round(lat)) == (111, 28)
    assert '"crs"' not in answer.text


async def test_properties_and_count_only_on_request(reader: Client) -> None:
    page = await _items(reader(), "villages", properties="name", count="true")
    assert page["numberMatched"] == 4
    assert set(page["features"][0]["properties"]) == {"name"}
    hits = await _items(reader(), "villages", resulttype="hits", limit="1")
    assert hits["numberMatched"] == 4
    assert hits["features"] == []


async def test_time_asks_the_field_of_time(reader: Client) -> None:
    client = reader("supervisor")
    for asked, seen in (
        ("2026-10-20", 4),
        ("2026-10-21/..", 0),
        ("../2026-10-20T01:00:00Z", 4),
        ("2026-10-19/2026-10-20T00:59:59Z", 0),
    ):
        page = await _items(client, "open_matters", datetime=asked)
        assert page["numberReturned"] == seen, asked


async def test_one_feature_or_none(reader: Client) -> None:
    officer = reader("officer", (village.FIRST_CELL,))
    mine = await officer.get(f"{COLLECTIONS}/households/items/1")
    assert mine.json()["id"] == 1
    assert mine.headers["cache-control"] == "private, no-store"
    for number in ("2", "0", "999999999999999999999", "1e3", "-1", "%00", "三"):
        answer = await officer.get(f"{COLLECTIONS}/households/items/{number}")
        assert answer.status_code == 404, number


async def test_square_is_found_again_by_its_number(reader: Client) -> None:
    planner = reader("planner")
    page = await _items(planner, "resident_density")
    assert [each["properties"]["residents"] for each in page["features"]] == [9]
    number = page["features"][0]["id"]
    answer = await planner.get(f"{COLLECTIONS}/resident_density/items/{number}")
    assert answer.json()["properties"]["residents"] == 9
    west, south = village.place(0, 0)
    east, north = village.place(1000, 1000)
    box = f"{west},{south},{east},{north}"
    assert _ids(await _items(planner, "resident_density", bbox=box)) == [number]


@pytest.mark.parametrize(
    "asked",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=null",
        "bbox=nan,1,2,3",
        "bbox=1e999,1,2,3",
        "bbox=0,50,1,40",
        "bbox=0,0,1,91",
        "bbox=0,0,1,1&bbox-crs=EPSG:9999",
        "bbox=1e30,1e30,2e30,2e30&bbox-crs=" + EPSG + "4546",
        "bbox=0,0,1,1&bbox=0,0,2,2",
        "limit=0",
        "limit=-1",
        "limit=abc",
        "limit=1.5",
        "limit=%00",
        "limit=",
        "crs=nonsense",
        "filter=code",
        "filter=nothing%20%3D%201",
        "filter=pg_sleep(10)%20%3D%201",
        "filter=%27a",
        "filter=%00",
        "filter=code%3D%27a%27&filter-lang=sql",
        "filter=code%3D%27a%27&filter-crs=x",
        "filter-lang=cql2-json&filter=%7B",
        "filter-lang=cql2-json&filter=%22%5Cud800%22",
        'filter-lang=cql2-json&filter={"op":"=","args":[{"property":"\\ud800"},1]}',
        "sortby=nothing",
        "sortby=-",
        "properties=nothing",
        "datetime=yesterday",
        "datetime=2026-02-30",
        "datetime=2026-01-02/2026-01-01",
        "datetime=0001-01-01/9999-12-31T23:59:59-23:00",
        "cursor=abc",
        "cursor=W10",
        "cursor=WzFlOTk5XQ",
        "cursor=" + "W" * 8000,
        "f=xml",
        "resulttype=some",
        "nothing=1",
        "q=%FF%FE",
        "limit=%FF",
        "%00=1",
    ],
)
async def test_what_cannot_be_understood_is_a_400_problem(
    reader: Client, asked: str
) -> None:
    answer = await reader().get(f"{COLLECTIONS}/villages/items?{asked}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_limit_above_the_most_is_the_most(reader: Client) -> None:
    page = await _items(reader(), "villages", limit="9" * 30)
    assert page["numberReturned"] == 4


async def test_page_for_people_escapes_what_it_shows(reader: Client) -> None:
    client = reader()
    answer = await client.get(f"{COLLECTIONS}/villages/items?f=html")
    assert answer.headers["content-type"].startswith("text/html")
    assert '<th scope="col">名称 (Name)</th>' in answer.text
    by_browser = await client.get(
        f"{COLLECTIONS}/villages/items/1", headers={"Accept": "text/html,*/*"}
    )
    assert by_browser.text.startswith("<!doctype html>")


async def test_public_answer_is_kept_by_its_tag_and_packed(reader: Client) -> None:
    address = f"{COLLECTIONS}/grid_cells/items"
    first = await reader().get(address, headers={"Accept-Encoding": "gzip"})
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["content-encoding"] == "gzip"
    assert "Authorization" in first.headers["vary"]
    again = await reader().get(
        address, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    staff = await reader("planner").get(address)
    assert staff.headers["cache-control"] == "private, no-store"


async def test_head_gives_the_length_alone(reader: Client) -> None:
    address = f"{COLLECTIONS}/villages/items"
    answer = await reader().head(address, headers={"Accept-Encoding": "identity"})
    whole = await reader().get(address, headers={"Accept-Encoding": "identity"})
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(whole.content))


async def test_filter_asks_in_text_and_json_alike(reader: Client) -> None:
    client = reader("supervisor")
    in_text = await _items(client, "objects", filter="grid_code LIKE '431322001%'")
    condition = {"op": "like", "args": [{"property": "grid_code"}, "431322001%"]}
    asked = {"filter": json.dumps(condition), "filter-lang": "cql2-json"}
    in_json = await _items(client, "objects", **asked)
    assert _ids(in_text) == _ids(in_json) == [1, 2]


async def test_plain_parameters_ask_fields_as_gdal_does(reader: Client) -> None:
    client = reader("supervisor")
    assert _ids(await _items(client, "residents", sex="1", name="赵**")) == [
        10,
        20,
        30,
        40,
        50,
    ]
    asked = {"is_overdue": "true", "filter": "number LIKE '2026%'"}
    assert _ids(await _items(client, "open_matters", **asked)) == [2]
    for wrong in ("sex=x", "is_overdue=maybe", "care_types=01"):
        layer = "open_matters" if "overdue" in wrong else "residents"
        answer = await client.get(f"{COLLECTIONS}/{layer}/items?{wrong}")
        assert answer.status_code == 400, wrong


async def test_filter_by_a_drawn_area(reader: Client) -> None:
    west, south = village.place(0, 0)
    east, north = village.place(1000, 1000)
    area = (
        f"POLYGON(({west} {south},{east} {south},{east} {north},"
        f"{west} {north},{west} {south}))"
    )
    client = reader("supervisor")
    inside = await _items(client, "households", filter=f"S_INTERSECTS(geom,{area})")
    outside = await _items(client, "households", filter=f"S_DISJOINT(geom,{area})")
    assert _ids(inside) == [1]
    assert _ids(outside) == [2, 3, 4, 5]
    flipped = area.replace(f"{west} {south}", f"{south} {west}")
    flipped = flipped.replace(f"{east} {south}", f"{south} {east}")
    flipped = flipped.replace(f"{east} {north}", f"{north} {east}")
    flipped = flipped.replace(f"{west} {north}", f"{north} {west}")
    asked = {"filter": f"S_WITHIN(geom,{flipped})", "filter-crs": f"{EPSG}4326"}
    assert _ids(await _items(client, "households", **asked)) == [1]


async def test_cells_are_ones_own_to_staff_and_all_to_the_public(
    reader: Client,
) -> None:
    own = await _items(reader("officer", (village.FIRST_CELL,)), "grid_cells")
    assert [each["properties"]["code"] for each in own["features"]] == [
        village.FIRST_CELL
    ]
    assert (await _items(reader(), "grid_cells"))["numberReturned"] == len(
        village.CELLS
    )


async def test_items_as_a_table_hold_what_the_page_holds(reader: Client) -> None:
    address = "/api/ogc/collections/villages/items?properties=name,code"
    page = (await reader().get(address)).json()["features"]
    answer = await reader().get(f"{address}&f=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    heads, *rows = csv.reader(io.StringIO(answer.text))
    assert heads == ["id", "name", "code", "wkt"]
    assert [row[:2] for row in rows] == [
        [str(each["id"]), each["properties"]["name"]] for each in page
    ]
    assert shapely.from_wkt(rows[0][3]).equals_exact(
        shapely.from_geojson(json.dumps(page[0]["geometry"])), 1e-7
    )


async def test_table_runs_no_formula_and_holds_no_private_field(
    catalog: Catalog, reader: Client
) -> None:
    layer = catalog["residents"]
    kept = dict.fromkeys(layer.fields, "=1+1")
    written = features_csv(
        layer, {"id": 1, "properties": kept, "geometry": None}, None
    ).decode()
    heads, row = csv.reader(io.StringIO(written))
    assert set(heads) == {"id", "wkt", *layer.drawn_fields}
    assert set(row[1:-1]) <= {"'=1+1"}
    address = "/api/ogc/collections/residents/items?f=csv"
    supervisor = await reader("supervisor").get(address)
    assert supervisor.status_code == 200
    assert (await reader().get(address)).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        "sortby=--code",
        "count=yes",
        "resultType=hits&resulttype=hits",
        "bbox=1_0,20,120,30",
        "bbox=１１０,20,120,30",
        "bbox=110,20,nan,120,30,nan",
        "datetime=20260101",
        "datetime=2026-W01-1",
    ],
)
async def test_what_is_only_nearly_right_is_refused(reader: Client, query: str) -> None:
    answer = await reader().get(f"{COLLECTIONS}/villages/items?{query}")
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("role", "layer", "shown_on"),
    [
        (None, "villages", "county"),
        (None, "villager_groups", None),
        ("officer", "villager_groups", "officer"),
        ("supervisor", "households", "supervisor"),
    ],
)
async def test_page_leads_to_the_first_map_of_the_reader_that_has_the_layer(
    reader: Client, role: str | None, layer: str, shown_on: str | None
) -> None:
    client = reader(role or "visitor")
    for address in (layer, f"{layer}/items"):
        page = (await client.get(f"{COLLECTIONS}/{address}?f=html")).text
        assert (f"/#/map?m={shown_on}&amp;l={layer}" in page) == (shown_on is not None)
        assert ("在地图上查看" in page) == (shown_on is not None)
    metric = "http://www.opengis.net/def/crs/EPSG/0/4546"
    page = (await client.get(f"{COLLECTIONS}/{layer}/items?f=html&crs={metric}")).text
    assert "&amp;z=" not in page
