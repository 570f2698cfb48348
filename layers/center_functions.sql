-- What service centers offer (中心功能), one row per center and function in use.
SELECT
    center_function.id,
    center.geom,
    center.geom_web,
    center.code AS center_code,
    center.name AS center_name,
    center_function.function,
    center_function.area_m2
FROM sites.center_functions AS center_function
INNER JOIN sites.centers AS center ON center_function.center_id = center.id
WHERE center_function.is_active
