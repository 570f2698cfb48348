-- Candidate sites (候选点) for new service centers, one row each.
SELECT
    candidate.id,
    candidate.geom,
    candidate.geom_web,
    candidate.code,
    candidate.name,
    candidate.village_code,
    candidate.area_m2,
    candidate.slope_deg,
    candidate.road_m,
    candidate.cost_yuan::double precision AS cost_yuan,
    candidate.is_flood_prone,
    candidate.is_protected_farmland
FROM sites.candidates AS candidate
