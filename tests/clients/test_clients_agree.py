"""Tile, items, GeoDataFrame, GDAL and pyogrio show a reader the same features."""

import json
import math
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any
from urllib.request import Request, urlopen

import geopandas
import mapbox_vector_tile
import pyogrio
import pytest
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import Connection

from gis_service import definitions, workspace
from gis_service.access.scope import Scope
from gis_service.publish.catalog import Catalog
from gis_service.publish.frames import frame
from gis_service.remote import ServiceRefusedError
from tests import village
from tests.clients.served import BRANCHES, Served

CATALOG = Catalog.load(definitions.folder("layers"))
READERS = list(BRANCHES)
AUTH_OPTIONS = ("GDAL_HTTP_USERPWD", "GDAL_HTTP_AUTH", "GDAL_HTTP_BEARER")
ZOOM = 17
MICRO_DEG = 1e-6

needs_gdal = pytest.mark.skipif(
    which("ogr2ogr") is None,
    reason="没有 GDAL 命令 (no gdal-bin: apt install gdal-bin)",
)


@pytest.fixture(autouse=True)
def _fresh_options() -> Iterator[None]:
    yield
    pyogrio.set_gdal_config_options(dict.fromkeys(AUTH_OPTIONS))


def _expected(connection: Connection, layer_id: str, login: str) -> GeoDataFrame:
    return frame(connection, CATALOG[layer_id], Scope((BRANCHES[login],)))


def _ids(features: GeoDataFrame) -> list[int]:
    return sorted(int(each) for each in features["id"])


def _get(served: Served, path: str, login: str) -> bytes:
    request = Request(f"{served.api}/{path}")  # noqa: S310 - ours
    request.add_header("Authorization", f"Bearer {served.tokens[login]}")
    with urlopen(request) as answer:  # noqa: S310 - ours
        content: bytes = answer.read()
    return content


def _from_items(served: Served, layer_id: str, login: str, _: Path) -> GeoDataFrame:
    page = json.loads(_get(served, f"collections/{layer_id}/items?limit=1000", login))
    found = geopandas.GeoDataFrame.from_features(page["features"], crs=4490)
    return found.assign(id=[each["id"] for each in page["features"]])


def _from_workspace(served: Served, layer_id: str, login: str, _: Path) -> GeoDataFrame:
    with workspace.open(served.address, token=served.tokens[login]) as county:
        return county.frame(layer_id)


def _from_ogr2ogr(
    served: Served, layer_id: str, login: str, folder: Path
) -> GeoDataFrame:
    header = f"Authorization: Bearer {served.tokens[login]}"
    file = folder / "copy.gpkg"
    subprocess.run(
        ["ogr2ogr", "-preserve_fid", file, f"OAPIF:{served.api}", layer_id],
        env={**os.environ, "GDAL_HTTP_HEADERS": header},
        check=True,
    )
    # Times that one GDAL wrote make another grumble: here only codes are compared.
    codes = ["id", "code", "grid_code"]
    found = pyogrio.read_dataframe(file, columns=codes, fid_as_index=True)
    return _numbered(found)


def _from_pyogrio(served: Served, layer_id: str, login: str, _: Path) -> GeoDataFrame:
    pair = f"{login}:{served.tokens[login]}"
    found = pyogrio.read_dataframe(
        f"OAPIF:{served.api}", layer=layer_id, USERPWD=pair, fid_as_index=True
    )
    return _numbered(found)


def _from_tile(served: Served, layer_id: str, login: str, _: Path) -> GeoDataFrame:
    rows: dict[int, dict[str, Any]] = {}
    for row, column in _tiles():
        path = f"collections/{layer_id}/tiles/WebMercatorQuad/{ZOOM}/{row}/{column}"
        decoded = mapbox_vector_tile.decode(_get(served, path, login))
        for each in decoded.get(layer_id, {}).get("features", []):
            rows[each["id"]] = each["properties"]
    return geopandas.GeoDataFrame(
        [{"id": number, **rows[number]} for number in rows], geometry=[None] * len(rows)
    )


WAYS: dict[str, Callable[[Served, str, str, Path], GeoDataFrame]] = {
    "items": _from_items,
    "workspace": _from_workspace,
    "pyogrio": _from_pyogrio,
    "tile": _from_tile,
    "ogr2ogr": _from_ogr2ogr,
}


def _numbered(found: GeoDataFrame) -> GeoDataFrame:
    """Take the number of a feature from where GDAL put it."""
    if "id" not in found:
        found = found.assign(id=found.index)
    return found


def _tiles() -> set[tuple[int, int]]:
    """Return row and column of every tile that the village lies in."""
    # A tile of this zoom is 270 m wide.
    east_m, north_m = range(0, 6001, 250), range(0, 4001, 250)
    places = [village.place(x, y) for x in east_m for y in north_m]
    return {_tile(lon, lat) for lon, lat in places}


def _tile(lon: float, lat: float) -> tuple[int, int]:
    north = math.asinh(math.tan(math.radians(lat)))
    row = int((1 - north / math.pi) / 2 * 2**ZOOM)
    return row, int((lon + 180) / 360 * 2**ZOOM)


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(each, marks=needs_gdal if each == "ogr2ogr" else ())
        for each in WAYS
    ],
)
@pytest.mark.parametrize("login", READERS)
@pytest.mark.parametrize("layer_id", ["open_matters", "parcels", "objects"])
def test_every_way_shows_the_rows_of_the_scope(  # noqa: PLR0913, PLR0917 - the axes
    served: Served,
    connection: Connection,
    tmp_path: Path,
    layer_id: str,
    login: str,
    way: str,
) -> None:
    expected = _expected(connection, layer_id, login)
    found = WAYS[way](served, layer_id, login, tmp_path)
    assert _ids(found) == _ids(expected)
    code = "grid_code" if "grid_code" in expected else "code"
    by_id = expected.set_index("id")[code].to_dict()
    assert dict(zip(map(int, found["id"]), found[code], strict=True)) == by_id


@pytest.mark.parametrize("way", ["items", "workspace", "pyogrio"])
def test_every_way_gives_the_same_shapes(
    served: Served, connection: Connection, tmp_path: Path, way: str
) -> None:
    expected = _expected(connection, "grid_cells", "supervisor").set_index("id")
    found = WAYS[way](served, "grid_cells", "supervisor", tmp_path)
    same = found.set_index(found["id"].astype(int)).loc[expected.index]
    pair = (same.geometry.to_numpy(), expected.geometry.to_numpy())
    assert shapely.hausdorff_distance(*pair).max() < MICRO_DEG


def test_tile_writes_every_value_as_items_do(served: Served, tmp_path: Path) -> None:
    asked = (served, "open_matters", "supervisor", tmp_path)
    items = _from_items(*asked).set_index("id")
    drawn = _from_tile(*asked).set_index("id").loc[items.index]
    shared = sorted({*items.columns} & {*drawn.columns} - {"geometry"})
    assert {"reported_at", "due_at", "is_overdue", "class_name"} <= {*shared}
    for name in shared:
        both = zip(items[name], drawn[name], strict=True)
        # A tile leaves out what is empty.
        assert all(one == other for one, other in both if one is not None), name
    assert items["reported_at"].str.endswith("+08:00").all()


def test_address_of_items_opens_as_a_geodataframe(
    served: Served, connection: Connection
) -> None:
    found = geopandas.read_file(f"{served.api}/collections/villages/items?limit=100")
    expected = _expected(connection, "villages", "supervisor")
    assert sorted(found["code"]) == sorted(expected["code"])
    assert found.crs.to_epsg() == 4326
    assert found.total_bounds == pytest.approx(expected.total_bounds, abs=MICRO_DEG)


@pytest.mark.parametrize("login", READERS)
def test_pyogrio_signs_in_by_three_ways(
    served: Served, connection: Connection, login: str
) -> None:
    expected = len(_expected(connection, "open_matters", login))
    source, token = f"OAPIF:{served.api}", served.tokens[login]

    def count(**options: str) -> int:
        return len(pyogrio.read_dataframe(source, layer="open_matters", **options))

    assert count(USERPWD=f"{login}:{token}") == expected
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"{login}:{token}"})
    assert count() == expected
    pyogrio.set_gdal_config_options(
        {
            "GDAL_HTTP_USERPWD": None,
            "GDAL_HTTP_AUTH": "BEARER",
            "GDAL_HTTP_BEARER": token,
        }
    )
    assert count() == expected


@needs_gdal
def test_ogrinfo_lists_public_layers_to_everybody(served: Served) -> None:
    listed = subprocess.run(
        ["ogrinfo", f"OAPIF:{served.api}"], capture_output=True, text=True, check=True
    ).stdout
    assert "grid_cells" in listed
    assert "open_matters" not in listed


@needs_gdal
def test_ogrinfo_filters_and_signs_in_with_a_password(served: Served) -> None:
    pair = f"officer:{served.tokens['officer']}"
    command = ["ogrinfo", "-so", f"OAPIF:{served.api}", "households"]
    shown = subprocess.run(
        [*command, "-oo", f"USERPWD={pair}"], capture_output=True, text=True, check=True
    ).stdout
    assert "Feature Count: 1" in shown


def test_workspace_of_a_service_lists_what_the_account_may_open(
    served: Served,
) -> None:
    with workspace.open(served.address) as visitor:
        assert "households" not in visitor.layers().index
        with pytest.raises(ServiceRefusedError, match=r"[\u4e00-\u9fff]"):
            visitor.frame("households")
    with workspace.open(served.address, token=served.tokens["officer"]) as county:
        assert "households" in county.layers().index


def test_workspace_of_a_service_filters_and_draws(
    served: Served, tmp_path: Path
) -> None:
    with workspace.open(served.address, token=served.tokens["supervisor"]) as county:
        few = county.frame("open_matters", where="is_overdue = true")
        assert len(few) == 1
        assert str(few["reported_at"].dtype).startswith("datetime64")
        county.map("supervisor").save(tmp_path / "map.html")
    assert "东村1网格" in (tmp_path / "map.html").read_text(encoding="utf-8")
