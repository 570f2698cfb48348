"""A batch of cells or villages taken back: shapes, bands and what lies in them."""

from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.intake import batches
from gis_service.intake.faults import UndoRefusedError
from tests import village
from tests.intake.conftest import Take

COUNTY = (village.COUNTY, "试验县")
TABLES = ("people.households", "people.residents", "land.parcels", "objects.objects",
          "matters.matters")  # fmt: skip
CELLS = "code, ST_AsEWKB(geom), ST_AsEWKB(geom_web_z8), ST_AsEWKB(geom_web_z12)"
FIRST = f"{village.WEST}001"


def _write(folder: Path, name: str, areas: dict[str, tuple[int, ...]]) -> Path:
    kind = "网格" if len(next(iter(areas))) > 12 else "村"
    heading = {"网格": ("网格编码", "网格名称"), "村": ("村代码", "村名称")}[kind]
    rows = {one: [f"{code}"[-15:] for code in areas] for one in heading}
    shapes = [village.stored(shapely.box(*bounds)) for bounds in areas.values()]
    frame = geopandas.GeoDataFrame(rows, geometry=shapes, crs=crs.STORED)
    frame.to_file(folder / name)
    return folder / name


def _state(connection: Connection, table: str, *, with_bands: bool = True) -> Any:  # noqa: ANN401 - rows
    columns = CELLS if with_bands else "code, ST_AsEWKB(geom)"
    query = f"SELECT {columns} FROM {table} WHERE valid_to IS NULL ORDER BY code"  # noqa: S608 - ours
    return [
        tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
        for row in connection.execute(text(query))
    ]


def _places(connection: Connection) -> list[list[str]]:
    queries = [f"SELECT grid_code FROM {one} ORDER BY id" for one in TABLES]  # noqa: S608 - ours
    queries.append(
        "SELECT grid_code FROM grid.summaries WHERE households > 0 ORDER BY 1"
    )
    return [list(connection.execute(text(one)).scalars()) for one in queries]


def test_cells_are_what_they_were_and_things_lie_where_they_lay(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    cells, places = _state(connection, "grid.cells"), _places(connection)
    areas = {FIRST: (2000, 0, 2600, 2000), f"{village.WEST}002": (2600, 0, 4000, 2000)}
    done = taken("cells", _write(tmp_path, "a.gpkg", areas))
    merged = done.files[0].merged
    assert (merged.new, merged.changed) == (1, 1), list(done.files[0].findings)
    assert _places(connection) != places
    undone = batches.undo(connection, done.files[0].batch_id or 0, COUNTY)
    assert (undone.removed, undone.restored) == (1, 1)
    assert undone.moved > 0
    assert _state(connection, "grid.cells") == cells
    assert _places(connection) == places


def test_a_village_is_what_it_was(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    villages, places = _state(connection, "divisions.villages"), _places(connection)
    areas = {village.WEST: (2000, 0, 4000, 2300), village.NORTH: (0, 2000, 4000, 4000)}
    areas[village.NORTH] = (0, 2300, 4000, 4000)
    areas[village.EAST] = (0, 0, 2000, 2300)
    done = taken("villages", _write(tmp_path, "v.gpkg", areas))
    assert done.files[0].merged.changed == 3, list(done.files[0].findings)
    batches.undo(connection, done.files[0].batch_id or 0, COUNTY)
    assert _state(connection, "divisions.villages") == villages
    assert _places(connection) == places


def test_undo_is_refused_when_a_later_cell_fills_what_was_freed(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    smaller = {FIRST: (2000, 0, 2600, 2000)}
    first = taken("cells", _write(tmp_path, "a.gpkg", smaller)).files[0].batch_id
    later = {f"{village.WEST}002": (2600, 0, 4000, 2000)}
    second = taken("cells", _write(tmp_path, "b.gpkg", later)).files[0].batch_id
    between = _state(connection, "grid.cells")
    with pytest.raises(UndoRefusedError, match=f"{village.WEST}002"):
        batches.undo(connection, first or 0, COUNTY)
    assert _state(connection, "grid.cells") == between
    batches.undo(connection, second or 0, COUNTY)
    assert batches.undo(connection, first or 0, COUNTY).restored == 1


def test_undo_is_refused_when_somebody_is_on_duty_in_a_new_cell(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    fresh = {f"{village.WEST}002": (3000, 0, 4000, 2000)}
    batch_id = taken("cells", _write(tmp_path, "a.gpkg", fresh)).files[0].batch_id
    connection.execute(
        text(
            "INSERT INTO grid.duties (grid_code, officer_name, role, public_phone,"
            " valid_from) VALUES (:code, '曾网格员', 'officer', '0738-0000001',"
            " '2024-01-01')"
        ),
        {"code": f"{village.WEST}002"},
    )
    with pytest.raises(UndoRefusedError, match="依附"):
        batches.undo(connection, batch_id or 0, COUNTY)


def _resident(folder: Path, village_code: str) -> Path:
    file = folder / "r.csv"
    rows = f"姓名,身份证号,村代码\n试一,990101199001010019,{village_code}\n"
    file.write_text(rows, encoding="utf-8")
    return file


def test_undo_of_a_new_village_is_refused_while_somebody_lives_there(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    fresh = f"{village.NEAR_TOWNSHIP}204"
    areas = {village.NORTH: (0, 2000, 2000, 4000), fresh: (2000, 2000, 4000, 4000)}
    drawn = taken("villages", _write(tmp_path, "v.gpkg", areas))
    assert drawn.files[0].merged.new == 1, list(drawn.files[0].findings)
    lives = taken("residents", _resident(tmp_path, fresh))
    assert lives.files[0].merged.new == 1, list(lives.files[0].findings)
    with pytest.raises(UndoRefusedError, match="居民 1 条"):
        batches.undo(connection, drawn.files[0].batch_id or 0, COUNTY)
    batches.undo(connection, lives.files[0].batch_id or 0, COUNTY)
    undone = batches.undo(connection, drawn.files[0].batch_id or 0, COUNTY)
    assert (undone.removed, undone.restored) == (1, 1)


def test_undo_of_a_new_village_gives_back_what_was_there_before_it(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    lon, lat = village.place(3000, 3000)
    where = text("SELECT grid_code FROM people.residents WHERE batch_id = 1")
    connection.execute(
        text(
            "UPDATE people.residents SET batch_id = 1, grid_code = :code,"
            " geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)"
            " WHERE id = (SELECT min(id) FROM people.residents)"
        ),
        {"code": village.NORTH, "lon": lon, "lat": lat},
    )
    fresh = f"{village.NEAR_TOWNSHIP}204"
    areas = {village.NORTH: (0, 2000, 2000, 4000), fresh: (2000, 2000, 4000, 4000)}
    drawn = taken("villages", _write(tmp_path, "v.gpkg", areas))
    assert connection.execute(where).scalar_one() == fresh
    batches.undo(connection, drawn.files[0].batch_id or 0, COUNTY)
    assert connection.execute(where).scalar_one() == village.NORTH


def test_undo_of_a_new_township_is_refused_while_somebody_lives_in_it(
    taken: Take, connection: Connection, tmp_path: Path
) -> None:
    fresh = f"{village.COUNTY}102"
    frame = geopandas.GeoDataFrame(
        {"乡镇代码": [fresh], "名称": ["丙镇"]},
        geometry=[village.stored(shapely.box(6000, 0, 8000, 4000))],
        crs=crs.STORED,
    )
    frame.to_file(tmp_path / "t.gpkg")
    drawn = taken("townships", tmp_path / "t.gpkg").files[0].batch_id or 0
    lon, lat = village.place(7000, 2000)
    file = tmp_path / "r.csv"
    rows = f"姓名,身份证号,经度,纬度\n试一,990101199001010019,{lon},{lat}\n"
    file.write_text(rows, encoding="utf-8")
    lives = taken("residents", file, crs="EPSG:4490").files[0].batch_id or 0
    with pytest.raises(UndoRefusedError, match="居民 1 条"):
        batches.undo(connection, drawn, COUNTY)
    batches.undo(connection, lives, COUNTY)
    assert batches.undo(connection, drawn, COUNTY).removed == 1
