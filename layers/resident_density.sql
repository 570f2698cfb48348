-- Squares of a tile that at least five people live in (人口密度), one row each.
-- Fewer would point at a family. The number of a square holds its zoom, column and
-- row, so that it can be found again by its number alone.
SELECT
    density.zoom,
    density.tile_x,
    density.tile_y,
    density.geom,
    density.geom_web,
    density.residents,
    (((density.zoom * 16384 + density.tile_x::bigint) * 16384) + density.tile_y)
    * 4096 + density.square AS id
FROM people.density AS density
WHERE density.residents >= 5
