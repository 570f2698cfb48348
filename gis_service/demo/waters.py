"""Waters of the demo county: the Zi River, streams that run down to it, reservoirs."""

import geopandas
import numpy as np
import shapely

from gis_service import crs
from gis_service.demo.plan import Plan
from gis_service.demo.shapes import DECIMALS, Shape, stored
from gis_service.demo.streams import Numbers

RIVER_HALF_M = (55.0, 95.0)
STREAMS, STREAM_STEPS, STREAM_STEP_M = 70, 240, 180.0
PULL = 1 / 12
"""How much a stream is drawn to the river, so that it does not end in a hollow."""

SHORTEST_STREAM = 14
RESERVOIRS = 24

STREAM_SIGNS = "油大洋梅车渠石白龙青麻游长小苏桃平沙"


def river(plan: Plan) -> Shape:
    """Return the Zi River as a polygon in EPSG:4490, cut at the county's border."""
    course = plan.terrain.river
    narrow, wide = RIVER_HALF_M
    widths = np.linspace(narrow, wide, len(course))
    reaches = [
        shapely.LineString(course[at : at + 13]).buffer(widths[at])
        for at in range(0, len(course) - 1, 12)
    ]
    shape = shapely.union_all(reaches).simplify(4.0)
    whole = plan.county["geom"].iloc[0]
    return stored(shape).intersection(whole)


def waters(plan: Plan, shape: Shape) -> geopandas.GeoDataFrame:
    """Return all waters of the filled townships."""
    rows = [("资江", "河流", shape), *_streams(plan), *_reservoirs(plan)]
    ground = shapely.union_all(np.asarray(plan.filled(plan.townships)["geom"].array))
    shapely.prepare(ground)
    kept = [(name, kind, geom) for name, kind, geom in rows if ground.intersects(geom)]
    frame = geopandas.GeoDataFrame(
        {"name": [row[0] for row in kept], "kind": [row[1] for row in kept]},
        geometry=[row[2] for row in kept],
        crs=crs.STORED,
    ).rename_geometry("geom")
    frame.insert(0, "id", np.arange(1, len(frame) + 1))
    return frame


def _streams(plan: Plan) -> list[tuple[str, str, Shape]]:
    """Let water run down from high places, all streams a step at a time."""
    terrain = plan.terrain
    rng = plan.streams.of("streams")
    box = np.array(terrain.seat) + np.array([[-52, -20], [36, 50]]) * 1000
    places = box[0] + rng.random((STREAMS, 2)) * np.ptp(box, axis=0)
    tracks = [places]
    heading = np.zeros_like(places)
    is_running = np.ones(STREAMS, dtype=bool)
    lengths = np.full(STREAMS, STREAM_STEPS)
    for step in range(STREAM_STEPS):
        downhill = _downhill(plan, places)
        heading = 0.8 * heading + 0.2 * downhill
        norm = np.hypot(*heading.T)[:, np.newaxis]
        places = places + STREAM_STEP_M * heading / np.maximum(norm, 1e-9)
        tracks.append(places)
        arrived = is_running & (terrain.river_m(places) < STREAM_STEP_M)
        lengths[arrived] = step + 1
        is_running &= ~arrived
    whole = plan.county["geom"].iloc[0]
    found = []
    for number, track in enumerate(np.stack(tracks, axis=1)):
        if is_running[number] or lengths[number] < SHORTEST_STREAM:
            continue
        line = shapely.LineString(track[: lengths[number] + 1]).simplify(15.0)
        inside = shapely.intersection(stored(line), whole)
        if not inside.is_empty:
            sign = STREAM_SIGNS[number % len(STREAM_SIGNS)]
            found.append((f"{sign}溪", "河流", inside))
    return found


def _downhill(plan: Plan, places: Numbers, step_m: float = 220.0) -> Numbers:
    """Return the direction of steepest descent, drawn a little to the river."""
    around = places + np.array([[[0.0, 0.0]], [[step_m, 0.0]], [[0.0, step_m]]])
    every = around.reshape(-1, 2)
    level = plan.terrain.heights(every) + PULL * plan.terrain.river_m(every)
    here, east, north = level.reshape(3, -1)
    slope = np.column_stack([here - east, here - north])
    norm = np.maximum(np.hypot(*slope.T), 1e-9)
    return np.asarray(slope / norm[:, np.newaxis])


def _reservoirs(plan: Plan) -> list[tuple[str, str, Shape]]:
    """Lay small lakes into high valleys, each inside one cell."""
    rng = plan.streams.of("reservoirs")
    cells = plan.cells
    areas = shapely.area(np.asarray(cells["geom"].array))
    large = np.flatnonzero((areas > np.quantile(areas, 0.75)).astype(bool))
    found = []
    for at in rng.choice(large, RESERVOIRS, replace=False).tolist():
        row = cells.iloc[at]
        inner = shapely.get_coordinates(
            shapely.maximum_inscribed_circle(row["geom"], tolerance=1e-4)
        )
        radius = 0.55 * float(np.hypot(*(inner[1] - inner[0])))
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        waves = sum(
            0.16 * np.sin(k * turn + phase)
            for k, phase in zip((2, 3, 5), rng.random(3) * 6, strict=True)
        )
        arms = radius * (0.62 + waves) * np.array([np.cos(turn), np.sin(turn)])
        ring = np.round(inner[0] + arms.T, DECIMALS)
        stem = row["name"].rstrip("0123456789网格").removesuffix("村")
        found.append((f"{stem}水库", "水库", shapely.Polygon(ring)))
    return found
