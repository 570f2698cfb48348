"""Take files in: one transaction, whatever happens; ``take`` is the way in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from gis_service.errors import NotFoundError
from gis_service.grid.driver import driver_of
from gis_service.intake import (
    areas,
    batches,
    cleaning,
    localities,
    merging,
    naming,
    placing,
    reading,
    repairing,
)
from gis_service.intake.checking import Slice
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Finding, Findings
from gis_service.intake.merging import Merged
from gis_service.intake.naming import Naming
from gis_service.intake.options import Options
from gis_service.intake.registers import Registers
from gis_service.intake.request import FAULT, ROW_NO, SHAPE, Found
from gis_service.intake.staging import Staging
from gis_service.intake.things import THINGS
from gis_service.intake.totals import Totals, explain
from gis_service.people.sealing import Sealer

Heard = Callable[[str, int], None]


def _say_nothing(file_name: str, rows: int) -> None:
    """Hear of progress and keep it."""


ONE_AT_A_TIME = 4_313_220_001
"""Advisory lock: intakes follow one another, so that two never merge half each."""


@dataclass(slots=True)
class FileReport:
    """What became of one file."""

    file_name: str
    sha256: str
    findings: Findings
    found: Found | None = None
    crs: str | None = None
    preview: list[tuple[str, str, str]] = field(default_factory=list)
    batch_id: int | None = None
    total: int = 0
    refused: int = 0
    merged: Merged = field(default_factory=lambda: Merged(0, 0, 0))
    same_as_batch: int | None = None


@dataclass(slots=True)
class BatchReport:
    """What became of a command."""

    what: str
    is_trial: bool
    is_stored: bool = False
    moved: int = 0
    files: list[FileReport] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows refused in all files."""
        return sum(one.refused for one in self.files)

    @property
    def good(self) -> int:
        """Rows that are now, or would be, as the files have them."""
        return sum(
            one.merged.new + one.merged.changed + one.merged.same for one in self.files
        )

    @property
    def exit_code(self) -> int:
        """0 when rows went in or nothing had to; 1 when nothing could."""
        has_rows = any(one.total for one in self.files)
        return (
            1
            if has_rows and not self.good
            else int(not (self.is_stored or self.is_trial))
        )


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
        message = f"没有文件 {file.name} (no such file)"
        raise FileRefusedError(message, reason="broken")
    sha256 = batches.digest(file)
    report = FileReport(file.name, sha256, Findings())
    before = batches.same_file(connection, thing.what, sha256, options.declared())
    if before is not None:
        return _same_again(connection, report, before)
    staging = Staging(driver_of(connection), thing)
    staging.open()
    _stage(connection, staging, (file, heard), report, options)
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
        report.findings.extend(_about_columns(names, source.found))
        _check_columns(thing, names, source.found)
        work = _Work(connection, thing, names, report, options, source.found)
        for batch in source.batches:
            part = work.slice(batch)
            if len(part.row_nos):
                staging.add(part)
            heard(report.file_name, staging.rows)
        report.crs = work.frame.name if work.frame else None
        report.findings.extend(placing.conclude(work.frame) if work.frame else [])


def _naming(report: FileReport, thing: Thing, options: Options) -> Naming:
    columns = report.found.columns if report.found else ()
    return naming.match(thing, columns, options.columns)


def _about_columns(names: Naming, found: Found) -> Iterator[Finding]:
    for column in names.sensitive:
        message = "该列未纳入采集范围,已忽略 (never taken, ignored)"
        yield Finding(None, column, "column_sensitive", "fixed", None, message, None)
    for name in names.cut:
        message = f"列名被截断,按 {name} 处理 (a heading cut short)"
        advice = "请核对;可用 --columns 指定"
        yield Finding(
            None, names.pairs[name], "column_cut", "warned", None, message, advice
        )
    for column in names.twice:
        message = "与另一列含义相同,已忽略 (means the same as another column)"
        advice = "可用 --columns 指定要用的列"
        yield Finding(None, column, "column_twice", "warned", None, message, advice)
    for words in found.skipped:
        message = f"{words} 未导入 (passed over)"
        yield Finding(None, None, "skipped", "fixed", None, message, None)


def _check_columns(thing: Thing, names: Naming, found: Found) -> None:
    """Refuse a file without a column it must have, or with a spoilt one.

    A spreadsheet keeps fifteen digits of a number: what follows is lost for good.
    """
    if missing := naming.missing(thing, names):
        titles = "、".join(f"{one.title}({one.name})" for one in missing)
        columns = "、".join(found.columns)
        message = (
            f"缺少列: {titles};文件中有: {columns};可用 --columns 指定 (column missing)"
        )
        raise FileRefusedError(message, reason="columns")
    for one in thing.fields:
        is_long = one.kind == "id_number" or (
            one.kind == "code" and max(one.digits, default=0) > cleaning.LONG_CODE
        )
        if is_long and names.pairs.get(one.name) in found.numeric:
            column = names.pairs[one.name]
            message = (
                f"列 {column}: {cleaning.MESSAGE_COLUMN_NUMERIC} (digits were lost)"
            )
            raise FileRefusedError(message, reason="columns")


@dataclass(slots=True)
class _Work:
    """What stays the same from slice to slice of one file."""

    connection: Connection
    thing: Thing
    names: Naming
    report: FileReport
    options: Options
    found: Found
    frame: placing.Frame | None = None
    registers: Registers = field(init=False)
    sealer: Sealer = field(init=False)
    totals: Totals = field(init=False)

    def __post_init__(self) -> None:
        self.registers = Registers(self.connection, self.options.county_code)
        self.sealer = Sealer(self.options.master_key)
        self.totals = Totals(self.thing)
        if self.thing.shape and self._has_place():
            self.frame = placing.frame_of(
                self.options.crs, self.found.crs, is_swapped=self.options.is_swapped
            )

    def slice(self, batch: pa.RecordBatch) -> Slice:
        """Name, clean, repair, check and place the rows of one piece."""
        part, shapes = self._read(batch)
        cleaning.clean(part)
        self._locate(part, shapes)
        localities.read(part)
        if self.frame is not None and self.thing.is_placed:
            placing.suspect(self.frame, part)
        for check in self.thing.checks:
            check(part)
        if self.thing.is_placed:
            localities.attach(part)
        return part

    def _has_place(self) -> bool:
        by_columns = {"lon", "lat"} <= self.names.pairs.keys()
        return self.found.has_shape or by_columns or "wkt" in self.names.pairs

    def _read(self, batch: pa.RecordBatch) -> tuple[Slice, Any]:
        frame = batch.to_pandas()
        raw = pd.DataFrame(
            {name: frame[column] for name, column in self.names.pairs.items()}
        ).astype("str")
        row_nos = frame[ROW_NO].to_numpy(np.int32)
        faults = frame[FAULT].to_numpy(object, na_value=None)
        is_row = np.array([one is None for one in faults], bool)
        self.totals.add(raw[is_row])
        if not is_row.all():
            odd = explain(faults, row_nos, raw, self.totals)
            self.report.findings.extend(odd)
        # A row with too many columns is refused, not passed over: it counts.
        is_kept = is_row | (faults == "ragged")
        raw = raw[is_kept].reset_index(drop=True)
        part = Slice(
            self.thing,
            self.names,
            self.options,
            self.registers,
            self.report.findings,
            self.sealer,
            row_nos[is_kept],
            raw,
        )
        part.refused = ~is_row[is_kept]
        part.has_place = self._has_place()
        part.shapes = np.full(len(raw), None, dtype=object)
        shapes = None
        if self.found.has_shape and self.thing.shape:
            wkb = frame[SHAPE].to_numpy(object, na_value=None)[is_kept]
            shapes = repairing.read(part, wkb)
        return part, shapes

    def _locate(self, part: Slice, shapes: Any) -> None:  # noqa: ANN401 - array or None
        if self.thing.shape is None:
            return
        if shapes is None or shapely.is_missing(shapes).all():
            by_columns = placing.from_columns(part)
            shapes = (
                by_columns
                if shapes is None
                else np.where(shapely.is_missing(shapes), by_columns, shapes)
            )
        if self.frame is not None:
            placing.look(self.frame, shapes, part.rows)
            shapes = repairing.repair(part, shapes)
            part.shapes = placing.to_stored(self.frame, part, shapes)
        if self.thing.is_shape_required:
            lost = shapely.is_missing(part.shapes) & ~part.refused
            message = "缺少坐标或几何 (no place)"
            part.refuse(
                lost, "__place", "place_missing", message, "请补坐标 (survey it)"
            )


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
