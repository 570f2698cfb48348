-- Managed objects (部件), one row each.
SELECT
    managed_object.id,
    managed_object.grid_code,
    managed_object.geom,
    managed_object.geom_web,
    managed_object.code,
    managed_object.name,
    managed_object.category,
    managed_object.state
FROM objects.objects AS managed_object
WHERE managed_object.state <> 'removed'
