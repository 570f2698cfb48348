"""Every layer of the catalogue, asked unasked: fields, bounds, index, scope."""

import re
from collections.abc import Iterator
from math import asinh, pi, radians, tan

import geopandas
import mapbox_vector_tile
import pytest
from sqlalchemy import Connection, Select, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.database import role_settings
from gis_service.prepared import prepare
from gis_service.publish import statements
from gis_service.publish.catalog import Catalog, Layer
from gis_service.publish.questions import Box, Question
from tests import village
from tests.layers import crowd

CATALOG = Catalog.load(definitions.folder("layers"))
SCOPED = [layer.id for layer in CATALOG.values() if layer.scope == "cell"]
COUNTY = Scope((village.COUNTY,))
CELL = Scope((village.FIRST_CELL,))
NOWHERE = Scope(())
LOGIN = "SET LOCAL ROLE grid_login"
CROWDED_CELL = Scope((crowd.CELL,))
TWO_BRANCHES = Scope((crowd.CELL, f"{crowd.COUNTY}016"))
ROLES = {
    "grid_login": (LOGIN, COUNTY),
    "grid_login, one cell": (LOGIN, CROWDED_CELL),
    "grid_all": ("; ".join(role_settings(COUNTY)), COUNTY),
    "grid_scoped": ("; ".join(role_settings(CROWDED_CELL)), CROWDED_CELL),
    "grid_scoped, two branches": (
        "; ".join(role_settings(TWO_BRANCHES)),
        TWO_BRANCHES,
    ),
}
PEOPLE = ("households", "residents", "matters", "steps")
TYPES = {
    "text": {"text", "character varying"},
    "integer": {"integer", "bigint", "smallint"},
    "number": {"double precision"},
    "date": {"date"},
    "time": {"timestamp with time zone"},
    "boolean": {"boolean"},
    "list": {"text[]"},
}
ON_TILES_OF_PEOPLE = {
    "households": {"residents"},
    "residents": set(),
    "care_residents": set(),
}
"""All that a tile may tell of persons beside where they are."""


@pytest.fixture(params=list(CATALOG))
def layer(request: pytest.FixtureRequest) -> Layer:
    return CATALOG[request.param]


def test_fields_are_the_columns_of_the_select(
    connection: Connection, layer: Layer
) -> None:
    connection.execute(text(f"CREATE TEMP VIEW looked_at AS {layer.sql}"))
    columns = connection.execute(
        text(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = 'looked_at'::regclass AND attnum > 0"
        )
    ).all()
    assert {name for name, _ in columns} == set(layer.yields)
    for name, kind in columns:
        if name in layer.fields:
            assert kind in TYPES[layer.fields[name].type], name


def test_frame_comes_in_stored_coordinates(
    connection: Connection, layer: Layer
) -> None:
    statement = statements.frame(layer, COUNTY)
    rows = geopandas.read_postgis(statement, connection, geom_col="geom")
    assert list(rows.columns) == ["id", *layer.fields, "geom"]
    assert rows.empty or rows.crs.to_epsg() == 4490
    assert rows["id"].is_unique
    kinds = {layer.geometry} if layer.geometry != "Geometry" else set(rows.geom_type)
    assert set(rows.geom_type) <= kinds


@pytest.mark.parametrize("layer_id", SCOPED)
def test_frame_of_a_scope_is_that_scope(connection: Connection, layer_id: str) -> None:
    layer = CATALOG[layer_id]
    statement = statements.frame(layer, CELL)
    rows = geopandas.read_postgis(statement, connection, geom_col="geom")
    assert (rows["grid_code"] == village.FIRST_CELL).all()
    nothing = statements.frame(layer, NOWHERE)
    assert connection.execute(nothing).all() == []


@pytest.mark.parametrize("layer_id", ON_TILES_OF_PEOPLE)
def test_tiles_of_people_tell_nothing_but_what_is_listed(
    connection: Connection, layer_id: str
) -> None:
    lon, lat = village.place(500, 500)
    place = _place(CATALOG[layer_id].zooms[0], lon, lat)
    statement = statements.tile(CATALOG[layer_id], COUNTY, *place)
    tile = connection.execute(statement).scalar_one()
    drawn = mapbox_vector_tile.decode(bytes(tile))[layer_id]["features"]
    assert drawn
    told = {name for feature in drawn for name in feature["properties"]}
    assert told == ON_TILES_OF_PEOPLE[layer_id]


def test_every_layer_of_people_has_its_list() -> None:
    of_people = {layer.id for layer in CATALOG.values() if layer.audience == "people"}
    assert of_people == set(ON_TILES_OF_PEOPLE)


def _readings() -> Iterator[tuple[str, str]]:
    """Go through layers and the roles they are read under."""
    for layer in CATALOG.values():
        for role in ROLES:
            if layer.protected != role.startswith("grid_login"):
                yield layer.id, role


def _plan(
    connection: Connection, statement: Select[tuple[object, ...]], settings: str
) -> str:
    """Return the plan that serves every value alike, as the service's own are."""
    prepared = prepare(statement)
    known = dict(statement.compile().params)
    arguments = prepared.arguments(**known)
    written = ", ".join(_written(argument) for argument in arguments)
    with connection.begin_nested() as inside:
        for command in (
            settings,
            "SET LOCAL plan_cache_mode = force_generic_plan",
            f"PREPARE asked AS {prepared.sql}",
        ):
            connection.exec_driver_sql(command.replace("%", "%%"))
        plan = connection.exec_driver_sql(f"EXPLAIN EXECUTE asked({written})")
        shown = "\n".join(plan.scalars())
        connection.exec_driver_sql("DEALLOCATE asked")
        inside.rollback()
    return shown


def _written(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _place(
    zoom: int,
    lon: float = crowd.CORNER_LON + 0.005,
    lat: float = crowd.CORNER_LAT + 0.005,
) -> tuple[int, int, int]:
    column = int((lon + 180) / 360 * 2**zoom)
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)
    return zoom, column, row


def _purposes(layer: Layer, scope: Scope) -> Iterator[Select[tuple[object, ...]]]:
    # One zoom of each band: that each column has its index is what is asked.
    zooms = {*layer.bands, layer.zooms[0], max(14, layer.zooms[0])}
    for zoom in sorted(zooms):
        if layer.zooms[0] <= zoom <= layer.zooms[1]:
            yield statements.tile(layer, scope, *_place(zoom))
    lon, lat = crowd.CORNER_LON, crowd.CORNER_LAT
    box = Box(lon, lat, lon + 0.01, lat + 0.01)
    yield statements.page(layer, scope, Question(box=box))


@pytest.mark.parametrize("layer_id", ["grid_cells", "duty_officers"])
def test_no_tile_holds_all_cells_of_a_county(
    crowded: Connection, layer_id: str
) -> None:
    layer = CATALOG[layer_id]
    middle = (crowd.CORNER_LON + 0.2, crowd.CORNER_LAT + 0.2)
    place = _place(layer.zooms[0], *middle)
    statement = statements.tile(layer, Scope((crowd.COUNTY,)), *place)
    tile = bytes(crowded.execute(statement).scalar_one())
    drawn = mapbox_vector_tile.decode(tile)[layer.id]["features"]
    assert 0 < len(drawn) < crowd.SIDE**2
    assert len(tile) <= 250 * 1024


def test_codes_are_named(connection: Connection) -> None:
    coded = (("objects", "category"), ("parcels", "land_use"))
    for layer_id, code in coded:
        statement = statements.frame(CATALOG[layer_id], COUNTY)
        rows = geopandas.read_postgis(statement, connection, geom_col="geom")
        known = rows[rows[code].notna()]
        assert not known.empty, layer_id
        assert known[f"{code}_name"].str.contains(r"[\u4e00-\u9fff]").any(), layer_id


@pytest.mark.parametrize(("layer_id", "role"), list(_readings()))
def test_bounds_reach_an_index_under_every_role(
    crowded: Connection, layer_id: str, role: str
) -> None:
    layer = CATALOG[layer_id]
    settings, scope = ROLES[role]
    for statement in _purposes(layer, scope):
        shown = _plan(crowded, statement, settings)
        index = "density_pkey" if layer.pyramid else "geom_web"
        assert re.search(rf"Index (Only )?Scan .*{index}", shown), shown
        for table in PEOPLE:
            assert f"Seq Scan on {table}" not in shown, shown
