"""Boundaries: repaired or refused, one clean coverage, things attached again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.options import Options
from gis_service.intake.pipeline import take
from tests import village
from tests.intake.conftest import Take, codes, issues

Write = Callable[..., Path]
FREE = (3000, 0, 4000, 2000)


def _box(bounds: tuple[float, float, float, float]) -> shapely.Polygon:
    return village.stored(shapely.box(*bounds))


def _shape(*corners: tuple[float, float]) -> shapely.Polygon:
    return village.stored(shapely.Polygon(corners))


@pytest.fixture
def cells(tmp_path: Path) -> Write:
    """Return a function that writes cells of the western village."""

    def write(*shapes: Any, name: str = "cells.gpkg", first: int = 2) -> Path:  # noqa: ANN401 - shapely has no types
        numbers = [f"{village.WEST}{first + at:03d}" for at in range(len(shapes))]
        rows = {"网格编码": numbers, "网格名称": numbers}
        frame = geopandas.GeoDataFrame(rows, geometry=list(shapes), crs=crs.STORED)
        frame.to_file(tmp_path / name)
        return tmp_path / name

    return write


def _stored(connection: Connection, code: str) -> Any:  # noqa: ANN401 - shapely has no types
    query = text("SELECT ST_AsBinary(geom) FROM grid.cells WHERE code = :code")
    found = connection.execute(query, {"code": code}).scalar_one_or_none()
    return None if found is None else shapely.from_wkb(bytes(found))


def test_24_a_bow_tie_is_refused_with_its_place(
    taken: Take, cells: Write, connection: Connection
) -> None:
    bow = _shape((3000, 0), (4000, 1000), (4000, 0), (3000, 1000))
    report = taken("cells", cells(bow))
    found = [one for one in report.files[0].findings if one.severity == "refused"]
    assert [one.code for one in found] == ["geometry_invalid"]
    assert "自相交" in found[0].message
    assert _stored(connection, f"{village.WEST}002") is None


def test_24_a_small_loop_is_mended(
    taken: Take, cells: Write, connection: Connection
) -> None:
    loop = _shape((3000, 0), (4000, 0), (4000, 2000), (3500, 2000), (3499, 1999),
                  (3501, 1999), (3500, 2000), (3000, 2000))  # fmt: skip
    assert not loop.is_valid
    report = taken("cells", cells(loop))
    assert "geometry_mended" in codes(report), list(report.files[0].findings)
    stored = _stored(connection, f"{village.WEST}002")
    assert stored.is_valid
    assert stored.geom_type == "MultiPolygon"


def test_25_heights_and_repeated_vertices_are_dropped(
    taken: Take, cells: Write, connection: Connection
) -> None:
    ring = [(*point, 99.0) for point in _box(FREE).exterior.coords]
    high = shapely.Polygon([*ring[:2], ring[1], *ring[2:]])
    report = taken("cells", cells(high))
    assert {"z_dropped", "repeats_dropped"} <= codes(report)
    assert not _stored(connection, f"{village.WEST}002").has_z


def test_26_a_sliver_is_mended_and_an_overlap_refused(
    taken: Take, cells: Write, connection: Connection
) -> None:
    sliver = cells(_box((3000, 0, 4000, 1000)), _box((3000, 999.9995, 4000, 2000)))
    report = taken("cells", sliver)
    assert report.files[0].merged.new == 2, list(report.files[0].findings)
    both = [_stored(connection, f"{village.WEST}00{n}") for n in (2, 3)]
    assert shapely.coverage_is_valid(both)
    over = cells(_box((2500, 0, 3500, 1000)), name="over.gpkg", first=4)
    refused = taken("cells", over)
    assert "coverage_overlap" in codes(refused)
    assert refused.exit_code == 1


def test_26_a_gap_is_listed(taken: Take, cells: Write) -> None:
    report = taken("cells", cells(_box((3000, 0, 3500, 2000))))
    gaps = [one for one in report.files[0].findings if one.code == "coverage_gap"]
    assert [one.severity for one in gaps] == ["warned"]


@pytest.mark.parametrize(
    ("beyond_m", "severity"), [(4100.0, "refused"), (4005.0, "warned"), (4000.4, None)]
)
def test_27_a_cell_beyond_its_village_is_told(
    taken: Take, cells: Write, beyond_m: float, severity: str | None
) -> None:
    report = taken("cells", cells(_box((3000, 0, beyond_m, 2000))))
    found = {
        one.severity
        for one in report.files[0].findings
        if one.code == "coverage_outside_parent"
    }
    assert found == ({severity} if severity else set())


def test_28_a_cell_of_two_parts_is_listed(taken: Take, cells: Write) -> None:
    parts = [_box((3000, 0, 3400, 500)), _box((3500, 600, 4000, 2000))]
    report = taken("cells", cells(shapely.MultiPolygon(parts)))
    assert "cell_multipart" in codes(report)


def test_29_overlapping_villages_are_refused(taken: Take, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"村代码": [village.NORTH], "村名称": ["北村"]},
        geometry=[_box((0, 1500, 4000, 4000))],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "v.shp", encoding="UTF-8")
    report = taken("villages", tmp_path / "v.shp")
    assert ("coverage_overlap", "refused") in {(c, s) for _, c, s in issues(report)}
    assert not report.files[0].merged.changed


def test_a_village_of_an_unknown_township_is_refused(
    taken: Take, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(
        {"村代码": [f"{village.COUNTY}199201"], "村名称": ["无乡村"]},
        geometry=[_box(FREE)],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "v.gpkg")
    assert "parent_unknown" in codes(taken("villages", tmp_path / "v.gpkg"))


# The writer of the test file complains of the long name in GBK bytes.
@pytest.mark.filterwarnings("ignore")
def test_22_a_heading_cut_by_the_format_is_recognised(
    taken: Take, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(
        {"村代码": [village.NORTH], "行政村名称全称": ["北村"]},
        geometry=[_box((0, 2000, 4000, 4000))],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "v.shp", encoding="GB18030")
    report = taken("villages", tmp_path / "v.shp")
    assert report.files[0].preview[1][1] == "name"
    assert report.files[0].merged.same + report.files[0].merged.changed == 1


def test_21_a_latin_label_on_gbk_is_seen_through(taken: Take, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"村代码": [village.NORTH], "村名称": ["北边村"]},
        geometry=[_box((0, 2000, 4000, 4000))],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "v.shp", encoding="GB18030")
    (tmp_path / "v.cpg").write_text("ISO-8859-1", encoding="ascii")
    report = taken("villages", tmp_path / "v.shp")
    found = report.files[0].found
    assert found is not None
    assert found.encoding == "gb18030"
    assert report.files[0].merged.changed == 1


def _geojson(folder: Path, geometry: dict[str, Any], **members: Any) -> Path:  # noqa: ANN401 - JSON
    row = {"网格编码": f"{village.WEST}002", "网格名称": "西二"}
    feature = {"type": "Feature", "properties": row, "geometry": geometry}
    content = {"type": "FeatureCollection", "features": [feature], **members}
    file = folder / "cells.geojson"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


def test_46_odd_geojson_is_normalised_or_refused(taken: Take, tmp_path: Path) -> None:
    good = shapely.geometry.mapping(_box(FREE))
    ring = [list(point) for point in good["coordinates"][0]]
    wrong_way = {"type": "Polygon", "coordinates": [ring[::-1]]}
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    nested = {
        "type": "GeometryCollection",
        "geometries": [{"type": "GeometryCollection", "geometries": [wrong_way]}],
    }
    for geometry in (wrong_way, nested):
        file = _geojson(tmp_path, geometry, crs=named)
        report = taken("cells", file, is_trial=True)
        assert report.files[0].merged.new == 1, list(report.files[0].findings)
    unclosed = {"type": "Polygon", "coordinates": [ring[:-1]]}
    assert taken("cells", _geojson(tmp_path, unclosed), is_trial=True).good in {0, 1}
    for lost in (None, {"type": "Polygon", "coordinates": []}):
        report = taken("cells", _geojson(tmp_path, lost), is_trial=True)  # type: ignore[arg-type] # what a file may hold
        assert report.refused == 1
    point = {"type": "Point", "coordinates": ring[0]}
    report = taken("cells", _geojson(tmp_path, point), is_trial=True)
    assert "geometry_kind" in codes(report)


def test_a_collection_of_nothing_lacks_every_column(
    taken: Take, tmp_path: Path
) -> None:
    file = tmp_path / "a.geojson"
    file.write_text('{"type":"FeatureCollection","features":[]}', encoding="utf-8")
    with pytest.raises(FileRefusedError, match="文件中没有任何列"):
        taken("cells", file)


def test_townships_make_their_county(
    empty_connection: Connection,
    options: Options,
    tmp_path: Path,
) -> None:

    frame = geopandas.GeoDataFrame(
        {"乡镇代码": [f"{village.NEAR_TOWNSHIP}000"], "名称": ["甲街道"]},
        geometry=[_box((0, 0, 4000, 4000))],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "t.gpkg")
    report = take(empty_connection, "townships", [tmp_path / "t.gpkg"], options)
    assert codes(report) == {"code_normalised"}
    query = text("SELECT count(*) FROM divisions.counties WHERE code = :code")
    values = {"code": village.COUNTY}
    assert empty_connection.execute(query, values).scalar_one() == 1
