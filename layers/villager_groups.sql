-- Villager groups (村民小组), one row each, at the point they are known by.
SELECT
    villager_group.id,
    villager_group.geom,
    villager_group.geom_web,
    villager_group.code,
    villager_group.name,
    villager_group.village_code
FROM divisions.villager_groups AS villager_group
