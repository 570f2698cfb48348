-- Squares of a tile that people live in (人口密度), one row each. At zoom 14 fewer than
-- five are not told, for they would point at a family. A lower zoom has the sum of what
-- is told at zoom 14, or a subtraction would give the hidden ones back. The number of a
-- square holds its zoom, column and row, so that it is found again by it alone.
SELECT
    density.zoom,
    density.tile_x,
    density.tile_y,
    density.geom,
    density.geom_web,
    density.told AS residents,
    (((density.zoom * 16384 + density.tile_x::bigint) * 16384) + density.tile_y)
    * 4096 + density.square AS id
FROM people.density AS density
WHERE density.told >= 5
