-- Households (户), one row each, where they live, found through the grid.
SELECT
    household.id,
    household.grid_code,
    household.geom,
    household.geom_web,
    reach.geom_web AS reach,
    household.code,
    household.address,
    household.group_no,
    (
        SELECT COUNT(*)
        FROM people.residents AS resident
        WHERE
            resident.county_code = household.county_code
            AND resident.household_id = household.id
    ) AS residents
FROM grid.reaches AS reach
INNER JOIN people.households AS household ON reach.code = household.grid_code
