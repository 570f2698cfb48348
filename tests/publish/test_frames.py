"""Frames: the rows a scope holds, as a GeoDataFrame."""

import geopandas
import pytest
from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.errors import GridError
from gis_service.publish.catalog import Catalog
from gis_service.publish.frames import Asked, chunks, frame, read_srid
from tests import village

CATALOG = Catalog.load(definitions.folder("layers"))
COUNTY = Scope((village.COUNTY,))
FIRST_CELL = Scope((village.FIRST_CELL,))
NOWHERE = Scope(())


@pytest.mark.parametrize("layer_id", CATALOG)
def test_frame_has_the_fields_that_may_leave_and_no_others(
    connection: Connection, layer_id: str
) -> None:
    found = frame(connection, CATALOG[layer_id], COUNTY)
    assert list(found) == ["id", *CATALOG[layer_id].drawn_fields, "geometry"]
    assert found.crs.to_epsg() == 4490


def test_longitude_comes_first(connection: Connection) -> None:
    centers = frame(connection, CATALOG["service_centers"], COUNTY)
    lon, lat = village.place(300, 300)
    assert centers.geometry.iloc[0].coords[0] == pytest.approx((lon, lat), abs=1e-9)


@pytest.mark.parametrize("layer_id", ["households", "open_matters", "parcels"])
def test_frame_holds_the_rows_of_the_scope_only(
    connection: Connection, layer_id: str
) -> None:
    layer = CATALOG[layer_id]
    sizes = [
        len(frame(connection, layer, each)) for each in (COUNTY, FIRST_CELL, NOWHERE)
    ]
    assert sizes[0] > sizes[1] == 1
    assert sizes[2] == 0


def test_reading_protected_rows_leaves_the_owner_the_owner(
    connection: Connection,
) -> None:
    frame(connection, CATALOG["households"], FIRST_CELL)
    role = connection.execute(text("SELECT current_user = session_user")).scalar_one()
    assert role is True


def test_filter_and_box_narrow_the_frame(connection: Connection) -> None:
    cells = CATALOG["grid_cells"]
    few = frame(connection, cells, COUNTY, Asked(where="open_matters > 0"))
    assert few["code"].tolist() == [
        village.FIRST_CELL,
        f"{village.EAST}002",
        f"{village.FAR}001",
    ]
    corner = (*village.place(100, 100), *village.place(200, 200))
    here = frame(connection, cells, COUNTY, Asked(bbox=corner))
    assert here["code"].tolist() == [village.FIRST_CELL]


def test_metres_are_given_when_asked_for(connection: Connection) -> None:
    parcels = frame(connection, CATALOG["parcels"], COUNTY, Asked(srid=4546))
    assert parcels.area.tolist() == pytest.approx([10_000] * 6, abs=0.01)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(where="age > 70"),
        Asked(where="residents >"),
        Asked(bbox=(1, 2, 3)),
        Asked(bbox=(111, 28, 110, 27)),
        Asked(bbox=(float("nan"), 0, 1, 1)),
    ],
)
def test_question_that_means_nothing_is_refused_in_words(
    connection: Connection, asked: Asked
) -> None:
    with pytest.raises(GridError, match=r"[\u4e00-\u9fff]"):
        frame(connection, CATALOG["residents"], COUNTY, asked)


def test_empty_frame_keeps_its_columns(connection: Connection) -> None:
    found = frame(connection, CATALOG["open_matters"], NOWHERE)
    assert isinstance(found, geopandas.GeoDataFrame)
    assert str(found["reported_at"].dtype).endswith("Asia/Shanghai]")
    assert found["is_overdue"].dtype == bool


def test_times_are_those_of_the_county(connection: Connection) -> None:
    matters = frame(connection, CATALOG["open_matters"], COUNTY)
    assert str(matters["reported_at"].iloc[0]) == "2026-10-20 09:00:00+08:00"


def test_simplified_shapes_are_those_of_the_zoom(connection: Connection) -> None:
    cells = CATALOG["grid_cells"]
    exact = frame(connection, cells, COUNTY)
    simple = frame(connection, cells, COUNTY, Asked(zoom=8))
    assert (
        simple.geometry.count_coordinates().le(exact.geometry.count_coordinates()).all()
    )
    assert simple["code"].tolist() == exact["code"].tolist()


def test_chunks_of_nothing_are_one_empty_frame(connection: Connection) -> None:
    assert [len(each) for each in chunks(connection, CATALOG["objects"], NOWHERE)] == [
        0
    ]


@pytest.mark.parametrize(
    ("name", "srid"), [("EPSG:4546", 4546), ("epsg:3857", 3857), ("4490", 4490)]
)
def test_crs_is_known_by_its_code(name: str, srid: int) -> None:
    assert read_srid(name) == srid


@pytest.mark.parametrize("name", ["EPSG:999999", "gcj02", "", "EPSG:4490; DROP"])
def test_unknown_crs_is_refused(name: str) -> None:
    with pytest.raises(GridError, match="EPSG:4490"):
        read_srid(name)
