-- Closed matters (办结事项), one row each, where they were seen.
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
    matter.closed_at,
    matter.title,
    matter.department,
    COALESCE(matter.closed_at > matter.due_at, FALSE) AS is_late
FROM grid.reaches AS reach
INNER JOIN matters.matters AS matter ON reach.code = matter.grid_code
LEFT JOIN matters.classes AS class ON matter.class_code = class.code
WHERE matter.closed_at IS NOT NULL
