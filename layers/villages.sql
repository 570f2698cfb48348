-- Villages (行政村、社区) in force, one row each.
SELECT
    village.id,
    village.geom,
    village.geom_web,
    village.geom_web_z8,
    village.geom_web_z10,
    village.geom_web_z12,
    village.code,
    village.name,
    village.kind,
    village.is_demonstration
FROM divisions.villages AS village
WHERE village.valid_to IS NULL
