-- Service centers (村级综合服务平台、便民服务中心), one row each.
SELECT
    center.id,
    center.geom,
    center.geom_web,
    center.code,
    center.name,
    center.kind,
    center.status,
    center.floor_m2,
    (
        SELECT COUNT(*)
        FROM sites.center_functions AS center_function
        WHERE center_function.center_id = center.id AND center_function.is_active
    ) AS functions
FROM sites.centers AS center
