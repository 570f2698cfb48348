"""Take files in: one transaction, whatever happens; ``take`` is the way in."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from gis_service.errors import NotFoundError
from gis_service.grid.driver import driver_of
from gis_service.intake import (
    areas,
    batches,
    columns,
    merging,
    naming,
    placing,
    reading,
)
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Finding, Findings
from gis_service.intake.merging import Merged
from gis_service.intake.naming import Naming
from gis_service.intake.options import Options
from gis_service.intake.outcome import BatchReport, FileReport
from gis_service.intake.slicing import Slicing
from gis_service.intake.staging import Staging
from gis_service.intake.things import THINGS

Heard = Callable[[str, int], None]


def _say_nothing(file_name: str, rows: int) -> None:
    """Hear of progress and keep it."""


ONE_AT_A_TIME = 4_313_220_001
"""Advisory lock: intakes follow one another, so that two never merge half each."""


def thing_of(what: str) -> Thing:
    """Return what a word of the command line names.

    Raises
    ------
    NotFoundError
        When the intake does not take such a thing.
    """
    if what not in THINGS:
        known = "、".join(f"{one} {thing.title}" for one, thing in THINGS.items())
        message = f"不能导入 {what[:40]};可用: {known} (no such thing)"
        raise NotFoundError(message)
    return THINGS[what]


def take(
    connection: Connection,
    what: str,
    files: Sequence[Path],
    options: Options,
    heard: Heard = _say_nothing,
) -> BatchReport:
    """Take files of one thing in, inside the caller's transaction.

    Parameters
    ----------
    connection
        The owner's. The caller commits; a trial, and whatever is refused whole, is
        rolled back to where this began.
    what
        ``villages``, ``residents`` …
    files
        Each becomes a batch of its own.
    options
        What was declared about them.
    heard
        Called with the name of a file and the rows read of it so far.

    Raises
    ------
    FileRefusedError
        When a file cannot be taken at all; nothing of the command is kept then.
    """
    thing = thing_of(what)
    report = BatchReport(what, options.is_trial)
    savepoint = connection.begin_nested()
    try:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:n)"), {"n": ONE_AT_A_TIME}
        )
        for file in files:
            report.files.append(_take_file(connection, thing, file, options, heard))
        report.moved = _renew(connection, thing, report, options)
    except BaseException:
        savepoint.rollback()
        raise
    if options.is_trial or (options.is_whole and report.refused):
        savepoint.rollback()
        for one in report.files:
            one.batch_id = None
        return report
    savepoint.commit()
    report.is_stored = True
    return report


def _take_file(
    connection: Connection, thing: Thing, file: Path, options: Options, heard: Heard
) -> FileReport:
    if not file.is_file():
        message = f"没有文件 {file.name or file} (no such file)"
        raise FileRefusedError(message, reason="broken")
    sha256 = batches.digest(file)
    report = FileReport(file.name, sha256, Findings())
    before = batches.same_file(connection, thing.what, sha256, options.declared())
    if before is not None:
        return _same_again(connection, report, before)
    staging = Staging(driver_of(connection), thing)
    staging.open()
    _stage(connection, staging, (file, heard), report, options)
    if not staging.rows:
        message = f"{file.name} 里没有数据行 (no rows below the heading)"
        raise FileRefusedError(message, reason="empty")
    report.total = staging.rows
    report.refused = staging.settle(_naming(report, thing, options), report.findings)
    if thing.is_in_force:
        areas.StagedAreas(staging.connection, thing.table).check(report.findings)
        report.refused = staging.refused()
    report.batch_id = batches.begin(connection, thing.what, file, sha256, options.actor)
    report.merged = merging.merge(staging, report.batch_id, options.county_code)
    _record(connection, report, options)
    return report


def _same_again(connection: Connection, report: FileReport, before: int) -> FileReport:
    row = connection.execute(
        text("SELECT rows_total, rows_refused FROM intake.batches WHERE id = :id"),
        {"id": before},
    ).one()
    message = (
        f"与批次 {before} 是同一文件,内容未变,未重复导入 (the same file as before)"
    )
    report.findings.add(Finding(None, None, "same_file", "fixed", None, message, None))
    report.same_as_batch = before
    report.total, report.refused = row.rows_total, row.rows_refused
    report.merged = Merged(0, 0, row.rows_total - row.rows_refused)
    return report


def _stage(
    connection: Connection,
    staging: Staging,
    source_of: tuple[Path, Heard],
    report: FileReport,
    options: Options,
) -> None:
    thing = staging.thing
    file, heard = source_of
    with reading.opened(
        file,
        names=naming.names_of(thing),
        encoding=options.encoding,
        layer=options.layer,
        limits=options.limits,
    ) as source:
        report.found = source.found
        names = _naming(report, thing, options)
        report.preview = names.preview(thing)
        report.findings.extend(columns.about(names, source.found))
        columns.check(thing, names, source.found)
        work = Slicing(connection, thing, names, report.findings, options, source.found)
        for batch in source.batches:
            part = work.slice(batch)
            if len(part.row_nos):
                staging.add(part)
            heard(report.file_name, staging.rows)
        report.crs = work.frame.name if work.frame else None
        report.findings.extend(placing.conclude(work.frame) if work.frame else [])


def _naming(report: FileReport, thing: Thing, options: Options) -> Naming:
    found = report.found.columns if report.found else ()
    return naming.match(thing, found, options.columns)


def _record(connection: Connection, report: FileReport, options: Options) -> None:
    assert report.batch_id is not None  # noqa: S101 - begun just before
    found = report.found
    known = {
        "declared": options.declared(),
        "format": found.format if found else None,
        "encoding": found.encoding if found else None,
        "crs": report.crs,
        "columns": {source: name for source, name, _ in report.preview if name},
    }
    totals = (report.total, report.refused)
    batches.finish(connection, report.batch_id, report.merged, totals, known)
    batches.keep_issues(driver_of(connection), report.batch_id, report.findings)


def _renew(
    connection: Connection, thing: Thing, report: BatchReport, options: Options
) -> int:
    """Renew what follows from changed areas, once for all files of the command."""
    if not thing.is_in_force:
        return 0
    driver = driver_of(connection)
    written = [one.batch_id for one in report.files if one.batch_id is not None]
    codes = areas.changed_codes(driver, thing.table, written)
    return areas.renew(driver, thing.table, codes, options.county)
