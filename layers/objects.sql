-- Managed objects (部件), one row each.
SELECT
    managed_object.id,
    managed_object.grid_code,
    managed_object.geom,
    managed_object.geom_web,
    managed_object.code,
    managed_object.name,
    managed_object.category,
    category.name AS category_name,
    managed_object.state
FROM objects.objects AS managed_object
LEFT JOIN objects.categories AS category ON managed_object.category = category.code
WHERE managed_object.state <> 'removed'
