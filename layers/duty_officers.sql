-- Officers on duty today (在岗网格员), one row per officer and cell, over the cell.
SELECT
    duty.id,
    cell.geom,
    cell.geom_web,
    cell.geom_web_z12,
    duty.grid_code,
    cell.name AS cell_name,
    duty.officer_name,
    duty.role,
    duty.public_phone
FROM grid.duties AS duty
INNER JOIN grid.cells AS cell ON duty.grid_code = cell.code
WHERE
    cell.valid_to IS NULL
    AND duty.valid_from <= CURRENT_DATE
    AND (duty.valid_to IS NULL OR duty.valid_to > CURRENT_DATE)
