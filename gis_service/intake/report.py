"""What became of the files, for people: on the screen, as XLSX or CSV, as JSON."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from rich.console import Console
from rich.table import Column, Table

from gis_service.intake.faults import FileRefusedError
from gis_service.intake.findings import Finding
from gis_service.intake.outcome import BatchReport, FileReport

HEADING = (
    "文件",
    "行号",
    "列",
    "处理",
    "原值(已遮盖)",
    "问题",
    "怎么办",
    "改为",
    "代码",
)
SEVERITIES = {"refused": "拒收", "warned": "提醒", "fixed": "已处理"}
COLORS = {"refused": "red", "warned": "yellow", "fixed": "cyan"}

SHOWN = 40
"""Findings listed on the screen; the file has all of them."""

MOST_ROWS = 1_000_000
"""What a sheet can hold; of more findings, the first."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def show(report: BatchReport, console: Console) -> None:
    """Print the counts of every file and the first of its findings."""
    for file in report.files:
        _show_counts(report, file, console)
        _show_findings(file, console)
    if report.is_trial:
        console.print("试运行:没有写入任何数据 (trial: nothing was written)")
    elif not report.is_stored:
        message = "有拒收的行,按 --whole 全部未写入 (nothing was written)"
        console.print(message, style="red")
    elif report.moved:
        console.print(f"重新归入网格 {report.moved} 项 (attached again)")


def write(report: BatchReport, file: Path) -> None:
    """Write all findings into an XLSX or CSV file, one row each.

    Raises
    ------
    FileRefusedError
        For another ending.
    """
    suffix = file.suffix.lower()
    rows = itertools.islice(_rows(report), MOST_ROWS)
    if suffix == ".csv":
        # The mark in front makes spreadsheets read it as UTF-8.
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(HEADING)
            writer.writerows(rows)
    elif suffix == ".xlsx":
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet("导入报告")
        sheet.append(HEADING)
        for row in rows:
            sheet.append(row)
        workbook.save(file)
    else:
        message = "报告文件须为 .xlsx 或 .csv (the report must be .xlsx or .csv)"
        raise FileRefusedError(message, reason="format")


def as_json(report: BatchReport, limit: int = 1000) -> dict[str, Any]:
    """Return the report for scripts, with the first findings of each file."""
    return {
        "what": report.what,
        "is_trial": report.is_trial,
        "is_stored": report.is_stored,
        "moved": report.moved,
        "files": [
            {
                "file": one.file_name,
                "sha256": one.sha256,
                "batch": one.batch_id,
                "same_as_batch": one.same_as_batch,
                "format": one.found.format if one.found else None,
                "encoding": one.found.encoding if one.found else None,
                "crs": one.crs,
                "read_offline": one.found.is_offline if one.found else None,
                "rows": one.total,
                "new": one.merged.new,
                "changed": one.merged.changed,
                "same": one.merged.same,
                "refused": one.refused,
                "findings": [
                    {name: getattr(found, name) for name in Finding.__slots__}
                    for found in itertools.islice(one.findings, limit)
                ],
            }
            for one in report.files
        ],
    }


def folding(*names: str) -> Table:
    """Return a table that breaks long words: Chinese has no blanks to break at."""
    return Table(*(Column(name, overflow="fold") for name in names))


def escaped(value: str | None) -> str | None:
    """Return a text that no spreadsheet takes for a formula."""
    if value is not None and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _rows(report: BatchReport) -> Iterator[tuple[Any, ...]]:
    for file in report.files:
        for one in file.findings:
            texts = (one.value, one.message, one.advice, one.fixed_to)
            value, message, advice, fixed_to = map(escaped, texts)
            yield (
                escaped(file.file_name),
                one.row_no,
                escaped(one.column),
                SEVERITIES[one.severity],
                value,
                message,
                advice,
                fixed_to,
                one.code,
            )


def _show_counts(report: BatchReport, file: FileReport, console: Console) -> None:
    found = file.found
    about = [found.format, found.encoding, found.layer, file.crs] if found else []
    told = " · ".join(one for one in about if one)
    console.print(f"[bold]{file.file_name}[/bold]  {told}")
    if file.preview:
        pairs = [
            f"{src}→{name}" if name else f"{src}→忽略" for src, name, _ in file.preview
        ]
        console.print(
            "  列对照 (columns): " + ", ".join(pairs), style="dim", markup=False
        )
    if found and not found.is_offline:
        message = (
            "  本机不允许读取进程断开网络 (the reader could not leave the network)"
        )
        console.print(message, style="dim", markup=False)
    merged = file.merged
    console.print(
        f"  共 {file.total} 行: 新增 {merged.new}, 更新 {merged.changed}, "
        f"未变 {merged.same}, 拒收 {file.refused}"
        + (f"  批次 {file.batch_id}" if file.batch_id and report.is_stored else "")
    )


def _show_findings(file: FileReport, console: Console) -> None:
    if not len(file.findings):
        return
    table = folding("行", "列", "处理", "原值", "问题", "怎么办")
    order = ("refused", "warned", "fixed")
    first: list[Finding] = []
    for severity in order:
        left = SHOWN - len(first)
        chosen = (one for one in file.findings if one.severity == severity)
        first += itertools.islice(chosen, left)
    for one in first:
        style = COLORS[one.severity]
        table.add_row(
            "" if one.row_no is None else str(one.row_no),
            one.column or "",
            f"[{style}]{SEVERITIES[one.severity]}[/{style}]",
            _plain((one.fixed_to and f"{one.value} → {one.fixed_to}") or one.value),
            _plain(one.message),
            _plain(one.advice),
        )
    console.print(table)
    if len(file.findings) > len(first):
        counted = "、".join(
            f"{SEVERITIES[severity]} {code} {count}"
            for (severity, code), count in sorted(file.findings.counts.items())
        )
        console.print(
            f"  共 {len(file.findings)} 条: {counted};全部见 --report 文件",
            markup=False,
        )


def _plain(text: str | None) -> str:
    """Return a text in which square brackets are no markup."""
    return (text or "").replace("[", r"\[")
