-- Matters (事) that nobody has closed yet, one row each, where they were seen.
-- A matter outside every cell is shown too, with the code of its village, so that it
-- does not vanish from the map of the people who must assign it.
SELECT
    matter.id,
    matter.grid_code,
    matter.geom,
    matter.geom_web,
    reach.geom_web AS reach,
    matter.number,
    class.name AS class_name,
    matter.state,
    matter.reported_at,
    matter.due_at,
    matter.is_urgent,
    matter.title,
    matter.department,
    CASE
        WHEN matter.due_at < NOW() THEN 'overdue'
        WHEN matter.state = 'reported' THEN 'waiting'
        ELSE 'working'
    END AS stage,
    COALESCE(matter.due_at < NOW(), FALSE) AS is_overdue
FROM grid.reaches AS reach
INNER JOIN matters.matters AS matter ON reach.code = matter.grid_code
LEFT JOIN matters.classes AS class ON matter.class_code = class.code
WHERE matter.closed_at IS NULL
