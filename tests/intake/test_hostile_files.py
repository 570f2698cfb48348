"""Files made to harm: each is refused, quickly, in the child, with nothing stored."""

import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely

from gis_service.intake import reading
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import Limits

VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret">
<SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>"
LAUGHS = """<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<kml><Placemark><name>&b;</name></Placemark></kml>"""
ENTITY = """<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<kml><Placemark><name>&x;</name></Placemark></kml>"""
NESTED = '{"type":"GeometryCollection","geometries":[' * 100_000
POINT_POLYGON = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "Polygon", "coordinates": [[[111, 27]]]},
}


def _rows(file: Path, **limits: float) -> int:
    bounds = Limits(**limits)  # type: ignore[arg-type] # of the right kind
    with reading.opened(file, limits=bounds) as source:
        return sum(batch.num_rows for batch in source.batches)


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        file = folder / name
        (folder / "secret.csv").write_text("password\nhunter2\n", encoding="utf-8")
        file.write_text(content.format(source=folder / "secret.csv"), encoding="utf-8")
        return file

    return write


def _bytes(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def _zip(
    *members: tuple[str, bytes], link: str | None = None
) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        file = folder / "upload.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
            if link is not None:
                info = zipfile.ZipInfo("villages.shp")
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                archive.writestr(info, link)
        return file

    return write


def _cut_package(folder: Path) -> Path:
    whole = folder / "whole.gpkg"
    frame = geopandas.GeoDataFrame(geometry=[shapely.Point(111, 27)] * 999, crs=4490)
    frame.to_file(whole)
    cut = folder / "cut.gpkg"
    cut.write_bytes(whole.read_bytes()[:9000])
    return cut


HOSTILE = {
    "a VRT named geojson": _text("a.geojson", VRT),
    "a VRT named json": _text("a.json", VRT),
    "a VRT named kml": _text("a.kml", VRT),
    "a VRT by its own name": _text("a.vrt", VRT),
    "a VRT to the network": _text("a.geojson", VRT.replace("{source}", "/vsicurl/http://127.0.0.1:9/x.csv")),
    "a WFS named geojson": _text("a.geojson", WFS),
    "a WFS named kml": _text("a.kml", "<?xml version='1.0'?>" + WFS),
    "a billion laughs": _text("a.kml", LAUGHS),
    "an external entity": _text("a.kml", ENTITY),
    "gml": _text("a.gml", "<gml/>"),
    "deep nesting": _bytes("a.geojson", NESTED.encode()),
    "an endless number": _bytes(
        "a.geojson", b'{"type":"Point","coordinates":[1e400,' + b"9" * 999
    ),
    "an empty file": _bytes("a.gpkg", b""),
    "a cut package": _cut_package,
    "random bytes as shp": _bytes("a.shp", b"\x00\x00\x27\x0a" + bytes(range(96)) * 4),
    "random bytes as parquet": _bytes("a.parquet", b"PAR1" + bytes(64) + b"PAR1"),
    "random bytes as xlsx": _bytes("a.xlsx", b"PK\x03\x04" + bytes(64)),
    "a bomb": _zip(("villages.csv", b" " * 300_000_000)),
    "a path out": _zip(("../../evil.csv", b"a,b\n1,2\n")),
    "an absolute path": _zip(("/etc/evil.csv", b"a,b\n1,2\n")),
    "a Windows path": _zip(("C:\\evil.csv", b"a,b\n1,2\n")),
    "an archive in it": _zip(("inner.zip", b"PK\x03\x04")),
    "two of one name": _zip(("a/v.csv", b"a\n1\n"), ("b/v.csv", b"a\n1\n")),
    "a link": _zip(link="/etc/passwd"),
    "nothing of use": _zip(("readme.exe", b"MZ")),
    "too many members": _zip(*((f"{n}.csv", b"") for n in range(1001))),
}  # fmt: skip


@pytest.mark.parametrize("write", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(FileRefusedError):
        _rows(write(tmp_path))


def test_only_drivers_of_the_list_are_on(tmp_path: Path) -> None:
    file = tmp_path / "a.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert _rows(file) == 0  # The child itself refuses to run with another driver.


def test_a_point_for_a_polygon_spoils_its_own_row_only(tmp_path: Path) -> None:
    good = json.loads(json.dumps(POINT_POLYGON))
    good["geometry"]["coordinates"] = [[[111, 27], [112, 27], [112, 28], [111, 27]]]
    file = tmp_path / "a.geojson"
    features = [POINT_POLYGON, good]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert _rows(file) == 2


@pytest.mark.parametrize("content", ["{a: 1}", '{"type":"Nothing"}', '{"type":'])
def test_what_is_no_geojson_is_said_without_paths_or_hints(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "a.geojson"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefusedError, match="内容不完整或不是 GeoJSON") as refused:
        _rows(file)
    told = refused.value.detail
    assert "/" not in told
    assert "driver" not in told


def test_a_shapefile_without_its_other_files_is_told_which(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 1)], crs=4490)
    frame.to_file(tmp_path / "a.shp")
    (tmp_path / "a.dbf").unlink()
    with pytest.raises(FileRefusedError, match=r"缺少 a\.dbf"):
        _rows(tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    with pytest.raises(FileRefusedError, match=r"缺少 a\.shx、a\.dbf"):
        _rows(tmp_path / "a.shp")


def test_a_folder_is_named_as_it_was_given() -> None:
    with pytest.raises(FileRefusedError, match=r"没有文件 \. "):
        _rows(Path())


def test_a_link_beside_a_shapefile_is_refused(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 1)], crs=4490)
    frame.to_file(tmp_path / "a.shp")
    (tmp_path / "a.dbf").rename(tmp_path / "b.dbf")
    (tmp_path / "a.dbf").symlink_to(tmp_path / "b.dbf")
    with pytest.raises(FileRefusedError, match="符号链接"):
        _rows(tmp_path / "a.shp")


def test_too_much_memory_stops_the_child(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(FileRefusedError) as refused:
        _rows(file, memory_mb=120, data_mb=40)
    assert refused.value.reason in {"limit", "broken"}


def test_a_child_that_is_silent_is_stopped(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="超时") as refused:
        _rows(file, wait_s=0.01)
    assert refused.value.reason == "limit"


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a\n" + b"1\n" * 1_000_000)
    with pytest.raises(FileRefusedError, match="超过"):
        _rows(file, file_mb=1)


def test_a_dbf_that_lies_about_its_length_ends(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"名称": ["甲"]}, geometry=[shapely.Point(1, 1)], crs=4490
    )
    frame.to_file(tmp_path / "a.shp", encoding="GB18030")
    dbf = tmp_path / "a.dbf"
    content = bytearray(dbf.read_bytes())
    struct.pack_into("<I", content, 4, 4_000_000_000)
    dbf.write_bytes(content)
    assert _rows(tmp_path / "a.shp") <= 1


def test_modules_in_an_archive_are_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    script = f"open({str(canary)!r}, 'w').close()".encode()
    features = json.dumps({"type": "FeatureCollection", "features": [POINT_POLYGON]})
    names = ("pyogrio.py", "numpy.py", "pyarrow.py", "sitecustomize.py", "json.py")
    modules = [(name, script) for name in names]
    file = _zip(*modules, ("a.geojson", features.encode()))(tmp_path)
    # Nor where the command is given, beside the files.
    for name in names:
        (tmp_path / name).write_bytes(script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    reading._others.cache_clear()  # noqa: SLF001 - asked again in this folder
    assert _rows(file) == 1
    assert not canary.exists()
