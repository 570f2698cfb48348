-- Rivers and bodies of water (水系), one row each.
SELECT
    water.id,
    water.geom,
    water.geom_web,
    water.name,
    water.kind
FROM land.waters AS water
