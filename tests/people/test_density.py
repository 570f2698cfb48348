"""The density of people: no hidden square can be worked out from what is told."""

import random
from collections import Counter

import pytest
from sqlalchemy import Connection, select, text

from gis_service import definitions
from gis_service.publish.catalog import Catalog
from gis_service.publish.rows import Rows
from tests.village import COUNTY, FIRST_CELL, place

GROUND, LOWER = 14, range(8, 14)
FIRST_TOLD = 5
SIDE = 64
IDS = range(200_000, 200_600)

Square = tuple[int, int]
"""Column and row, counted over the whole world."""

TOTALS = text("""
    SELECT zoom, tile_x * 64 + square % 64 AS x, tile_y * 64 + square / 64 AS y,
        residents, told
    FROM people.density
""")
ADD = text("""
    INSERT INTO people.residents (county_code, id, name, grid_code, geom)
    SELECT :county, id, '甲', :cell, ST_SetSRID(ST_MakePoint(lon, lat), 4490)
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:lon AS float8[]), CAST(:lat AS float8[])
    ) AS made (id, lon, lat)
""")
MOVE = text("""
    UPDATE people.residents
    SET geom = ST_Translate(geom, (id % 7 - 3) * 0.0002, (id % 5 - 2) * 0.0002)
    WHERE id >= 200000 AND id % 3 = :turn
""")


def _told(connection: Connection) -> dict[int, Counter[Square]]:
    """Return what the layer tells a planner, by zoom and square."""
    layer = Catalog.load(definitions.folder("layers"))["resident_density"]
    seen = layer.seen_by(frozenset({"public", "staff"}), None)
    rows = Rows(seen)
    query = select(rows["id"], rows.field("residents"))
    told: dict[int, Counter[Square]] = {zoom: Counter() for zoom in range(8, 15)}
    for row in connection.execute(query):
        rest, square = divmod(row.id, 4096)
        rest, tile_y = divmod(rest, 16384)
        zoom, tile_x = divmod(rest, 16384)
        at = (tile_x * SIDE + square % SIDE, tile_y * SIDE + square // SIDE)
        told[zoom][at] += row.residents
    return told


def _hold(connection: Connection) -> int:
    """Hold what is told against the true counts; return how many are hidden."""
    told = _told(connection)
    true: dict[int, Counter[Square]] = {zoom: Counter() for zoom in range(8, 15)}
    for row in connection.execute(TOTALS):
        true[row.zoom][row.x, row.y] = row.residents
    shown = {at: n for at, n in true[GROUND].items() if n >= FIRST_TOLD}
    assert told[GROUND] == shown
    for zoom in LOWER:
        up = GROUND - zoom
        sums: Counter[Square] = Counter()
        for (x, y), n in shown.items():
            sums[x >> up, y >> up] += n
        # A parent tells the sum of the children shown and so nothing of those hidden:
        # each may be anything from none to four, whatever is subtracted.
        assert told[zoom] == sums, zoom
    return len(true[GROUND]) - len(shown)


def _scatter(connection: Connection, chance: random.Random) -> None:
    points = [
        place(chance.gauss(500, 150), chance.gauss(500, 150))
        for _ in range(len(IDS) // 2)
    ]
    # Half of the people share a door with others.
    points += [chance.choice(points) for _ in range(len(IDS) - len(points))]
    values = {
        "county": COUNTY,
        "cell": FIRST_CELL,
        "ids": list(IDS),
        "lon": [lon for lon, _ in points],
        "lat": [lat for _, lat in points],
    }
    connection.execute(ADD, values)


def test_village_of_small_households_tells_nothing_at_any_zoom(
    connection: Connection,
) -> None:
    assert _hold(connection) > 0
    assert not any(_told(connection).values())


@pytest.mark.parametrize("seed", range(5))
def test_no_hidden_square_is_solvable_after_any_change(
    connection: Connection, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - random data, not a secret
    _scatter(connection, chance)
    assert _hold(connection) > 20
    assert all(_told(connection).values())
    for turn in range(3):
        connection.execute(MOVE, {"turn": turn})
        assert _hold(connection) > 20
    connection.execute(text("DELETE FROM people.residents WHERE id % 4 = 1"))
    _hold(connection)
    connection.execute(text("DELETE FROM people.residents WHERE id >= 200000"))
    _hold(connection)


def test_true_counts_of_lower_zooms_would_have_told(connection: Connection) -> None:
    """Show that the check can fail: a true parent betrays its only hidden child."""
    _scatter(connection, random.Random(7))  # noqa: S311 - random data, not a secret
    connection.execute(
        text("UPDATE people.density SET told = residents WHERE zoom < 14")
    )
    with pytest.raises(AssertionError):
        _hold(connection)


def test_trigger_and_filling_agree(connection: Connection) -> None:
    _scatter(connection, random.Random(9))  # noqa: S311 - random data, not a secret
    kept = set(connection.execute(TOTALS).all())
    connection.execute(text("SELECT people.fill_density()"))
    assert set(connection.execute(TOTALS).all()) == kept


def test_stale_squares_are_found_by_their_index(connection: Connection) -> None:
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    query = (
        "EXPLAIN SELECT geom_web FROM people.density WHERE zoom = 14 AND "
        "told <> CASE WHEN residents >= 5 THEN residents ELSE 0 END"
    )
    plan = "\n".join(connection.execute(text(query)).scalars())
    assert "density_stale_idx" in plan
