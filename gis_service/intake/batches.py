"""Batches on record: what came in, and how to take it back."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, delete, func, insert, select, update

from gis_service.errors import NotFoundError
from gis_service.grid.driver import driver_of
from gis_service.intake import areas, retention, standing
from gis_service.intake.faults import UndoRefusedError
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Findings
from gis_service.intake.merging import Merged
from gis_service.intake.models import Batch, Change
from gis_service.intake.things import THINGS

DEPENDENTS = {
    "people.households": (
        "SELECT count(*) FROM people.residents AS other INNER JOIN people.households"
        " AS mine ON other.household_id = mine.id WHERE mine.id IN"
        " (SELECT id FROM fresh)"
    ),
    "matters.matters": (
        "SELECT count(*) FROM matters.steps AS other WHERE other.matter_id IN"
        " (SELECT id FROM fresh)"
    ),
    "grid.cells": (
        "SELECT count(*) FROM grid.duties AS other INNER JOIN grid.cells AS mine"
        " ON other.grid_code = mine.code WHERE mine.id IN (SELECT id FROM fresh)"
        " AND other.valid_to IS NULL"
    ),
    "divisions.villages": (
        "SELECT count(*) FROM grid.cells AS other INNER JOIN divisions.villages AS mine"
        " ON other.village_code = mine.code WHERE mine.id IN (SELECT id FROM fresh)"
        " AND other.valid_to IS NULL"
    ),
    "divisions.townships": (
        "SELECT count(*) FROM divisions.villages AS other INNER JOIN"
        " divisions.townships AS mine ON left(other.code, 9) = mine.code"
        " WHERE mine.id IN (SELECT id FROM fresh) AND other.valid_to IS NULL"
    ),
}
"""Rows that would be left without what they belong to; ``fresh`` are the new rows."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did."""

    batch_id: int
    removed: int
    restored: int
    moved: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One batch in a list."""

    id: int
    what: str
    file_name: str
    at: datetime
    actor: str
    rows_total: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_refused: int
    is_undone: bool


def digest(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def begin(
    connection: Connection, what: str, file: Path, sha256: str, actor: str
) -> int:
    """Put a batch on record and return its number; it is filled in by ``finish``."""
    statement = insert(Batch).values(
        what=what,
        file_name=file.name,
        file_sha256=sha256,
        options={},
        rows_total=0,
        rows_new=0,
        rows_changed=0,
        rows_same=0,
        rows_refused=0,
        actor=actor,
    )
    return int(connection.execute(statement.returning(Batch.id)).scalar_one())


def finish(
    connection: Connection,
    batch_id: int,
    merged: Merged,
    totals: tuple[int, int],
    options: dict[str, Any],
) -> None:
    """Fill in the counts of a batch; ``totals`` are all rows and those refused."""
    values = {
        "rows_total": totals[0],
        "rows_refused": totals[1],
        "rows_new": merged.new,
        "rows_changed": merged.changed,
        "rows_same": merged.same,
        "options": options,
    }
    connection.execute(update(Batch).where(Batch.id == batch_id).values(values))


def keep_issues(
    connection: psycopg.Connection[Any], batch_id: int, findings: Findings
) -> None:
    """Put the findings of a batch on record."""
    statement = (
        'COPY intake.issues (batch_id, row_no, "column", code, severity,'
        " value_masked, message, advice, fixed_to) FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for one in findings:
            copy.write_row(
                (batch_id, one.row_no, one.column, one.code, one.severity,
                 one.value, one.message, one.advice, one.fixed_to)
            )  # fmt: skip


def same_file(
    connection: Connection, what: str, sha256: str, options: dict[str, Any]
) -> int | None:
    """Return the latest batch of a thing when it was this very file, taken alike."""
    latest = (
        select(Batch.id, Batch.file_sha256, Batch.options)
        .where(Batch.what == what, Batch.undone_at.is_(None))
        .order_by(Batch.id.desc())
        .limit(1)
    )
    row = connection.execute(latest).one_or_none()
    if row is None or row.file_sha256 != sha256:
        return None
    return int(row.id) if row.options.get("declared") == options else None


def listed(connection: Connection, limit: int = 50) -> list[Listed]:
    """Return the latest batches, newest first."""
    query = select(Batch).order_by(Batch.id.desc()).limit(limit)
    return [
        Listed(
            row.id, row.what, row.file_name, row.at, row.actor, row.rows_total,
            row.rows_new, row.rows_changed, row.rows_same, row.rows_refused,
            row.undone_at is not None,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def undo(connection: Connection, batch_id: int, county: tuple[str, str]) -> Undone:
    """Take a batch back: new rows go, changed rows are what they were.

    Raises
    ------
    NotFoundError
        When there is no such batch.
    UndoRefusedError
        When it is undone already or too old, or a later batch or somebody's work
        stands on it.
    """
    batch = connection.execute(
        select(Batch).where(Batch.id == batch_id).with_for_update()
    ).one_or_none()
    if batch is None:
        message = f"没有批次 {batch_id} (no such batch)"
        raise NotFoundError(message)
    if batch.undone_at is not None:
        message = (
            f"批次 {batch_id} 已于 {batch.undone_at:%Y-%m-%d} 撤销 (undone already)"
        )
        raise UndoRefusedError(message)
    if retention.is_past(batch.at, datetime.now(UTC)):
        message = (
            f"批次 {batch_id} 已超过 {retention.KEPT_FOR.days} 天,变更前内容不再保留,"
            "请导入更正后的文件 (too old to undo: take in a corrected file)"
        )
        raise UndoRefusedError(message)
    thing = THINGS[batch.what]
    driver = driver_of(connection)
    _refuse_later(driver, thing, batch_id, batch.rows_new + batch.rows_changed)
    standing.refuse_stood_on(driver, thing.table, batch_id)
    codes = (
        standing.concerned(driver, thing.table, batch_id) if thing.is_in_force else []
    )
    with driver.transaction():
        restored = _restore(driver, thing, batch_id)
        removed = _remove(driver, thing, batch_id)
        if codes:
            standing.refuse_torn(driver, thing.table, codes)
    moved = areas.renew(driver, thing.table, codes, county) if codes else 0
    connection.execute(delete(Change).where(Change.batch_id == batch_id))
    connection.execute(
        update(Batch).where(Batch.id == batch_id).values(undone_at=func.now())
    )
    return Undone(batch_id, removed, restored, moved)


def _refuse_later(
    driver: psycopg.Connection[Any], thing: Thing, batch_id: int, wrote: int
) -> None:
    target = sql.Identifier(*thing.table.split("."))
    count = sql.SQL("SELECT count(*) FROM {} WHERE batch_id = %s").format(target)
    still = driver.execute(count, [batch_id]).fetchone()
    left = int(still[0]) if still else 0
    if left != wrote:
        message = (
            f"批次 {batch_id} 写入的 {wrote} 行中有 {wrote - left} 行"
            "已被之后的导入或操作"
            "改动,请先撤销之后的批次 (a later batch touched these rows)"
        )
        raise UndoRefusedError(message)
    query = DEPENDENTS.get(thing.table)
    if query is None:
        return
    # Counted where they are: a batch may have added millions.
    counted = sql.SQL("WITH fresh AS ({}) {}").format(
        standing.fresh(thing.table), sql.SQL(query)
    )
    found = driver.execute(counted, {"batch": batch_id}).fetchone()
    if found and found[0]:
        message = (
            f"还有 {found[0]} 行数据依附于批次 {batch_id} 新增的{thing.title},"
            "请先撤销它们"
            " (other rows belong to what would be removed)"
        )
        raise UndoRefusedError(message)


def _restore(driver: psycopg.Connection[Any], thing: Thing, batch_id: int) -> int:
    first = driver.execute(
        "SELECT before FROM intake.changes WHERE batch_id = %s LIMIT 1", [batch_id]
    ).fetchone()
    if first is None:
        return 0
    target = sql.Identifier(*thing.table.split("."))
    pairs = sql.SQL(", ").join(
        sql.SQL("{0} = old.{0}").format(sql.Identifier(name)) for name in first[0]
    )
    query = sql.SQL(
        "UPDATE {target} AS kept SET {pairs} FROM intake.changes AS change,"
        " LATERAL jsonb_populate_record(NULL::{target}, change.before) AS old"
        " WHERE change.batch_id = %s AND kept.id = change.row_id"
    ).format(target=target, pairs=pairs)
    return driver.execute(query, [batch_id]).rowcount


def _remove(driver: psycopg.Connection[Any], thing: Thing, batch_id: int) -> int:
    query = sql.SQL("DELETE FROM {} WHERE batch_id = %s").format(
        sql.Identifier(*thing.table.split("."))
    )
    return driver.execute(query, [batch_id]).rowcount
