-- Stretches of road (道路) between two junctions, one row each.
SELECT
    road.id,
    road.geom,
    road.geom_web,
    road.code,
    road.name,
    road.class
FROM land.roads AS road
