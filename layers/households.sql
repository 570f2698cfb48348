-- Households (户), one row each, where they live, found through the grid.
SELECT
    household.id,
    household.grid_code,
    household.geom,
    household.geom_web,
    reach.geom_web AS reach,
    household.code,
    household.group_no,
    -- Down to the villager group: the written address names the door.
    (
        SELECT
            village.name
            || COALESCE(household.group_no::TEXT || '组', '')
        FROM divisions.villages AS village
        WHERE
            village.code = household.village_code
            AND village.valid_to IS NULL
    ) AS address,
    (
        SELECT COUNT(*)
        FROM people.residents AS resident
        WHERE
            resident.county_code = household.county_code
            AND resident.household_id = household.id
    ) AS residents
FROM grid.reaches AS reach
INNER JOIN people.households AS household ON reach.code = household.grid_code
