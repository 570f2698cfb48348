-- Residents in care (关爱对象), one row each, by the first of their kinds of care.
SELECT
    resident.id,
    resident.grid_code,
    resident.geom,
    resident.geom_web,
    reach.geom_web AS reach,
    resident.care_types,
    resident.household_id,
    people.MASKED_NAME(resident.name) AS name,
    resident.care_types[1] AS care_type,
    DATE_PART('year', AGE(CURRENT_DATE, resident.birth_on))::integer AS age
FROM grid.reaches AS reach
INNER JOIN people.residents AS resident ON reach.code = resident.grid_code
WHERE resident.care_types <> '{}'
