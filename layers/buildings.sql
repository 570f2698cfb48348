-- Buildings (房屋), one row each.
SELECT
    building.id,
    building.grid_code,
    building.geom,
    building.geom_web,
    building.code,
    building.use,
    building.floors,
    building.danger
FROM land.buildings AS building
