-- Townships (乡镇、街道、林场) in force, one row each.
SELECT
    township.id,
    township.geom,
    township.geom_web,
    township.geom_web_z8,
    township.geom_web_z10,
    township.geom_web_z12,
    township.code,
    township.name,
    township.kind
FROM divisions.townships AS township
WHERE township.valid_to IS NULL
