"""Draws the fullest tiles of every layer over a county, and says how large they are.

``python -m benchmarks.tile_sizes`` on the database that ``gis-grid`` uses: one line
per layer and zoom, with what passes the budget marked. It reads as the county's
supervisor, who sees most, from the zooms that wide scopes are given.

It is a sample: of each layer and zoom the 40 tiles are drawn in which most features
lie by their points on the surface. Large areas and long lines that only pass through
are in the count of features of a tile that is drawn, and choose none.

With a factor, ``python -m benchmarks.tile_sizes 20``, nothing is drawn: the features of
the fullest tile are counted by those points and multiplied. So the demo county, one
person in twenty, tells what the full one will ask for of what grows with the people:
centers, villager groups, divisions and roads are as many at every scale.
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
SELECT column_no, row_no, rows
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
    factor = int(sys.argv[1]) if len(sys.argv) > 1 else None
    passed = 0
    print(f"{'layer':20} zoom  features   bytes")
    with owner.connect() as connection:
        for layer in (each.seen_widely for each in catalog.values()):
            if factor is None:
                passed += _measure(connection, layer, Scope((settings.county_code,)))
            else:
                passed += _foretell(connection, layer, factor)
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


def _foretell(connection: Connection, layer: Layer, factor: int) -> int:
    worst = 0
    for zoom in range(layer.zooms[0], min(layer.zooms[1], FINEST) + 1):
        crowds = connection.execute(text(_PLACES.format(zoom=zoom, sql=layer.sql)))
        features = max((row.rows for row in crowds), default=0) * factor
        is_over = features > MOST_FEATURES
        worst |= is_over
        print(f"{layer.id:20} {zoom:4} {features:9,}{' !' * is_over}")
    return worst


def _places(
    connection: Connection, layer: Layer, zoom: int
) -> Iterator[tuple[int, int]]:
    found = connection.execute(text(_PLACES.format(zoom=zoom, sql=layer.sql)))
    yield from ((row.column_no, row.row_no) for row in found)


if __name__ == "__main__":
    sys.exit(main())
