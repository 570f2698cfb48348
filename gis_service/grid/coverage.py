"""Coverages: areas that meet edge to edge. Draw them coarser, and find their faults.

Divisions and cells are drawn at low zooms from geometry that was simplified as one
coverage, so that neighbours never gap. ``check`` looks for what keeps areas from
being a coverage at all.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas
import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql

from gis_service import crs
from gis_service.grid.driver import AnyConnection, driver_of
from gis_service.grid.faults import Fault, check

__all__ = ["BANDS", "Fault", "check", "renew_bands", "simplified"]

TILE_PIXELS = 256

BANDS = {
    f"geom_web_z{zoom}": 2 * crs.EARTH_HALF_M / TILE_PIXELS / 2**zoom
    for zoom in (8, 10, 12)
}
"""Band column and its tolerance: one pixel of its highest zoom, Web Mercator metres.

The tolerance is the root of the area a vertex may change (Visvalingam-Whyatt).
"""

TABLES = frozenset(
    {"divisions.counties", "divisions.townships", "divisions.villages", "grid.cells"}
)

ROOM_RINGS = 2
"""Rings of neighbours simplified along with what is written, so that every edge that
is written meets the same vertices as in a run over the whole table."""

Shapes = NDArray[np.object_]


def renew_bands(
    connection: AnyConnection,
    table: str,
    codes: Sequence[str] | None = None,
) -> int:
    """Make the generalised geometry of a coverage anew, in the caller's transaction.

    Parameters
    ----------
    connection
        The owner's, of SQLAlchemy or psycopg.
    table
        One of ``TABLES``.
    codes
        Areas whose boundary changed; they and their neighbours are written. None
        writes the whole table.

    Returns
    -------
    int
        Number of rows written.
    """
    if table not in TABLES:
        message = f"not a coverage: {table}"
        raise ValueError(message)
    driver = driver_of(connection)
    if codes is None:
        return _write(driver, table, _read(driver, table))
    written = _with_neighbours(driver, table, codes)
    around = written
    for _ in range(ROOM_RINGS):
        around = _with_neighbours(driver, table, around)
    return _write(driver, table, _read(driver, table, around), only=written)


def simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """Return the areas of one coverage simplified together, as multipolygons.

    An area that does not survive (which only happens when the areas overlap) is
    returned as it was: better heavy than missing.
    """
    if not len(shapes):
        return shapes
    thin = np.asarray(shapely.coverage_simplify(shapes, tolerance), dtype=object)
    lost = shapely.is_empty(thin) | ~shapely.is_valid(thin)
    thin[lost] = shapes[lost]
    return np.array(
        [
            shape
            if shape.geom_type == "MultiPolygon"
            else shapely.multipolygons([shape])
            for shape in thin
        ],
        dtype=object,
    )


def _with_neighbours(
    driver: psycopg.Connection[Any], table: str, codes: Iterable[str]
) -> list[str]:
    query = sql.SQL(
        "SELECT DISTINCT other.code FROM {table} AS area"
        " INNER JOIN {table} AS other"
        " ON ST_Intersects(area.geom_web, other.geom_web)"
        " WHERE area.code = ANY(%s) AND area.valid_to IS NULL"
        " AND other.valid_to IS NULL"
    ).format(table=sql.Identifier(*table.split(".")))
    return [code for (code,) in driver.execute(query, [list(codes)])]


def _read(
    driver: psycopg.Connection[Any], table: str, codes: Sequence[str] | None = None
) -> geopandas.GeoDataFrame:
    # Unit cells lie across the service grid: they are a coverage of their own.
    layer = "kind = 'unit'" if table == "grid.cells" else "false"
    query = sql.SQL(
        "SELECT id, code, {layer}, ST_AsBinary(geom_web) FROM {table}"
        " WHERE valid_to IS NULL AND (%(codes)s::text[] IS NULL"
        " OR code = ANY(%(codes)s)) ORDER BY code"
    ).format(layer=sql.SQL(layer), table=sql.Identifier(*table.split(".")))
    rows = driver.execute(query, {"codes": codes}).fetchall()
    return geopandas.GeoDataFrame(
        {
            name: [row[at] for row in rows]
            for at, name in enumerate(("id", "code", "is_unit"))
        },
        geometry=shapely.from_wkb([bytes(row[3]) for row in rows]),
        crs=crs.WEB,
    )


def _write(
    driver: psycopg.Connection[Any],
    table: str,
    areas: geopandas.GeoDataFrame,
    only: Sequence[str] | None = None,
) -> int:
    target = sql.Identifier(*table.split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, BANDS))
    with driver.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE new_bands ON COMMIT DROP AS"
                " SELECT id, {columns} FROM {target} LIMIT 0"
            ).format(columns=columns, target=target)
        )
        with cursor.copy(
            sql.SQL("COPY new_bands (id, {}) FROM STDIN").format(columns)
        ) as copy:
            for _, layer in areas.groupby("is_unit"):
                for row in _band_rows(layer, only):
                    copy.write_row(row)
        cursor.execute(
            sql.SQL(
                "UPDATE {target} AS area SET ({columns}) = ROW({fresh})"
                " FROM new_bands WHERE area.id = new_bands.id"
            ).format(
                target=target,
                columns=columns,
                fresh=sql.SQL(", ").join(sql.Identifier("new_bands", b) for b in BANDS),
            )
        )
        written = cursor.rowcount
        cursor.execute("DROP TABLE new_bands")
    return written


def _band_rows(
    areas: geopandas.GeoDataFrame, only: Sequence[str] | None
) -> Iterable[tuple[Any, ...]]:
    shapes = np.asarray(areas.geometry, dtype=object)
    wanted = np.ones(len(areas), bool) if only is None else areas["code"].isin(only)
    bands = [
        shapely.to_wkb(
            shapely.set_srid(simplified(shapes, tolerance)[wanted], crs.WEB),
            hex=True,
            include_srid=True,
        )
        for tolerance in BANDS.values()
    ]
    return zip(areas["id"][wanted].tolist(), *bands, strict=True)
