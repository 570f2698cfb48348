"""What stands on the areas of a batch, and would be wrong without them."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from gis_service.grid.attachment import ATTACHED
from gis_service.intake.faults import UndoRefusedError

Driver = psycopg.Connection[Any]

NARROW = 1e-5
"""Degrees; what is nowhere wider than about two metres is a sliver, not an overlap."""

CHILDREN = {
    "divisions.townships": ("divisions.villages", 9),
    "divisions.villages": ("grid.cells", 12),
}

SINCE = {
    "divisions.townships": "true",
    # What was there before the village falls back to the township it was in.
    "divisions.villages": "(row.batch_id IS NULL OR row.batch_id > %(batch)s)",
}
"""Which things keep an area from going; without a cell they still have a village."""


def fresh(table: str) -> sql.Composed:
    """Return the query of the rows a batch added, those it changed left out."""
    return sql.SQL(
        "SELECT id FROM {} AS kept WHERE batch_id = %(batch)s AND NOT EXISTS"
        " (SELECT FROM intake.changes AS change"
        " WHERE change.batch_id = %(batch)s AND change.row_id = kept.id)"
    ).format(sql.Identifier(*table.split(".")))


def refuse_stood_on(driver: Driver, table: str, batch_id: int) -> None:
    """Refuse an undo that leaves people or things without their village or township.

    Raises
    ------
    UndoRefusedError
        With how many rows of what lie there.
    """
    if table not in SINCE:
        return
    counted = sql.SQL(
        "SELECT count(*) FROM {things} AS row INNER JOIN {areas} AS mine"
        ' ON row.grid_code >= mine.code COLLATE "C"'
        " AND row.grid_code < (mine.code || '~') COLLATE \"C\""
        " WHERE mine.id IN ({fresh}) AND {since}"
    )
    found = []
    for things in ATTACHED:
        query = counted.format(
            things=things.identifier,
            areas=sql.Identifier(*table.split(".")),
            fresh=fresh(table),
            since=sql.SQL(SINCE[table]),
        )
        row = driver.execute(query, {"batch": batch_id}).fetchone()
        found += [f"{things.title} {row[0]}"] if row and row[0] else []
    if found:
        message = (
            f"批次 {batch_id} 新增的区划内已有 {'、'.join(found)} 条,请先撤销这些数据"
            " (people or things lie in what would be removed: undo those first)"
        )
        raise UndoRefusedError(message)


def concerned(driver: Driver, table: str, batch_id: int) -> list[str]:
    """Return the codes of a batch's areas and of all that touch them."""
    query = sql.SQL(
        "SELECT DISTINCT other.code FROM {table} AS mine INNER JOIN {table} AS other"
        " ON mine.geom && other.geom AND other.valid_to IS NULL"
        " WHERE mine.batch_id = %s ORDER BY other.code"
    ).format(table=sql.Identifier(*table.split(".")))
    return [row[0] for row in driver.execute(query, [batch_id])]


def refuse_torn(driver: Driver, table: str, codes: Sequence[str]) -> None:
    """Refuse an undo that leaves areas over one another, or beyond their parent.

    Raises
    ------
    UndoRefusedError
        With the codes of what was drawn after the batch.
    """
    found = _overlapping(driver, table, codes)
    if table in CHILDREN:
        found += _outside(driver, table, codes)
    if found:
        message = (
            f"撤销后 {'、'.join(sorted(set(found))[:10])} 将与恢复的边界重叠或越界,"
            "请先撤销之后的批次 (areas drawn since stand on this batch)"
        )
        raise UndoRefusedError(message)


def _overlapping(driver: Driver, table: str, codes: Sequence[str]) -> list[str]:
    unit = " AND one.kind <> 'unit' AND other.kind <> 'unit'"
    query = sql.SQL(
        "SELECT other.code FROM {table} AS one INNER JOIN {table} AS other"
        " ON one.geom && other.geom AND one.code <> other.code"
        " WHERE one.code = ANY(%s) AND one.valid_to IS NULL"
        " AND other.valid_to IS NULL {unit} AND NOT ST_IsEmpty("
        "ST_Buffer(ST_Intersection(one.geom, other.geom), %s))"
    ).format(
        table=sql.Identifier(*table.split(".")),
        unit=sql.SQL(unit if table == "grid.cells" else ""),
    )
    return [row[0] for row in driver.execute(query, [list(codes), -NARROW])]


def _outside(driver: Driver, table: str, codes: Sequence[str]) -> list[str]:
    children, length = CHILDREN[table]
    query = sql.SQL(
        "SELECT child.code FROM {table} AS parent INNER JOIN {children} AS child"
        " ON left(child.code, %s) = parent.code AND child.valid_to IS NULL"
        " WHERE parent.code = ANY(%s) AND parent.valid_to IS NULL AND NOT ST_IsEmpty("
        "ST_Buffer(ST_Difference(child.geom, parent.geom), %s))"
    ).format(
        table=sql.Identifier(*table.split(".")),
        children=sql.Identifier(*children.split(".")),
    )
    values = [length, [code[:length] for code in codes], -NARROW]
    return [row[0] for row in driver.execute(query, values)]
