-- Grid cells (网格) in force, one row each, with what is kept about them.
-- A cell that nothing was counted in yet has no row of counts: it shows zeros.
SELECT
    cell.id,
    cell.code AS grid_code,
    cell.geom,
    cell.geom_web,
    cell.geom_web_z10,
    cell.geom_web_z12,
    cell.code,
    cell.name,
    village.name AS village_name,
    cell.kind,
    COALESCE(summary.households, 0) AS households,
    COALESCE(summary.residents, 0) AS residents,
    COALESCE(summary.care_residents, 0) AS care_residents,
    COALESCE(summary.parcels, 0) AS parcels,
    COALESCE(summary.objects, 0) AS objects,
    COALESCE(summary.open_matters, 0) AS open_matters
FROM grid.cells AS cell
LEFT JOIN divisions.villages AS village
    ON cell.village_code = village.code AND village.valid_to IS NULL
LEFT JOIN grid.summaries AS summary ON cell.code = summary.grid_code
WHERE cell.valid_to IS NULL
