"""Draws every tile of every layer over a county, and says which are the largest.

``python -m benchmarks.tile_sizes`` on the database that ``gis-grid`` uses: one line
per layer and zoom, with what passes the budget marked. It reads as the county's
supervisor, who sees most.
"""

import sys
from collections.abc import Iterator

import mapbox_vector_tile
from sqlalchemy import Connection, text

from gis_service import definitions
from gis_service.access.scope import Scope
from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.publish import statements
from gis_service.publish.catalog import Catalog, Layer
from gis_service.settings import Settings

MOST_FEATURES = 2_000
MOST_BYTES = 250 * 1024
FINEST = 18

# The densest places are found by where the rows are: finer than zoom 12 a county
# has more tiles than anybody would draw one by one.
_PLACES = """
SELECT DISTINCT column_no, row_no
FROM (
    SELECT
        floor((ST_X(place) + 180) / 360 * 2 ^ {zoom})::integer AS column_no,
        floor((1 - asinh(tan(radians(ST_Y(place)))) / pi()) / 2 * 2 ^ {zoom})::integer
            AS row_no,
        count(*) AS rows
    FROM (SELECT ST_PointOnSurface(geom) AS place FROM ({sql}) AS layer) AS placed
    WHERE place IS NOT NULL
    GROUP BY column_no, row_no
    ORDER BY rows DESC
    LIMIT 40
) AS crowded
"""


def main() -> int:
    """Print the table; the answer is how many layers pass the budget somewhere."""
    catalog = Catalog.load(definitions.folder("layers"))
    settings = Settings()
    owner = engine(database_url(settings))
    passed = 0
    print(f"{'layer':20} zoom  features   bytes")
    with owner.connect() as connection:
        for layer in catalog.values():
            passed += _measure(connection, layer, Scope((settings.county_code,)))
    owner.dispose()
    return passed


def _measure(connection: Connection, layer: Layer, scope: Scope) -> int:
    worst = 0
    for zoom in range(layer.zooms[0], min(layer.zooms[1], FINEST) + 1):
        features, size = 0, 0
        for column, row in _places(connection, layer, zoom):
            statement = statements.tile(layer, scope, zoom, column, row)
            tile = bytes(connection.execute(statement).scalar_one() or b"")
            drawn = mapbox_vector_tile.decode(tile).get(layer.id, {"features": []})
            features = max(features, len(drawn["features"]))
            size = max(size, len(tile))
        is_over = features > MOST_FEATURES or size > MOST_BYTES
        worst |= is_over
        print(f"{layer.id:20} {zoom:4} {features:9,} {size:9,}{' !' * is_over}")
    return worst


def _places(
    connection: Connection, layer: Layer, zoom: int
) -> Iterator[tuple[int, int]]:
    found = connection.execute(text(_PLACES.format(zoom=zoom, sql=layer.sql)))
    yield from ((row.column_no, row.row_no) for row in found)


if __name__ == "__main__":
    sys.exit(main())
