-- Residents (居民), one row each, where they live, found through the grid.
-- The name is masked here, so that nothing made from this layer can show it.
SELECT
    resident.id,
    resident.grid_code,
    resident.geom,
    resident.geom_web,
    reach.geom_web AS reach,
    resident.sex,
    resident.person_type,
    resident.care_types,
    resident.household_id,
    people.MASKED_NAME(resident.name) AS name,
    DATE_PART('year', AGE(CURRENT_DATE, resident.birth_on))::integer AS age
FROM grid.reaches AS reach
INNER JOIN people.residents AS resident ON reach.code = resident.grid_code
