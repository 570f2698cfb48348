"""``gis-grid intake``: take files in, list what came in, take it back.

``gis-grid intake <what> <file>…``; the words ``undo`` and ``list`` stand in the
place of a thing. Exit codes: 0 rows went in, or it was a trial; 1 nothing could go in,
or rows were refused under ``--whole``; 2 the command line is wrong.
"""

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection

from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.intake import (
    batches,
    naming,
    pipeline,
    report,
    retention,
    traces,
)
from gis_service.intake.options import Options
from gis_service.intake.outcome import BatchReport
from gis_service.intake.request import Limits
from gis_service.keys import sealing_key
from gis_service.settings import Settings

CHINA = ZoneInfo("Asia/Shanghai")

app = typer.Typer(
    help="导入文件 Take files in: gis-grid intake villages 村界.shp",
    no_args_is_help=True,
    add_completion=False,
    # Options may follow the files: they are no words of a subcommand.
    context_settings={"allow_interspersed_args": True},
)

What = Annotated[
    str,
    typer.Argument(
        help="内容: townships villages cells centers households residents parcels "
        "objects matters roads candidate_sites; 或 or: list, undo"
    ),
]
Files = Annotated[
    list[str] | None, typer.Argument(help="文件 files; for undo the number of a batch")
]


Crs = Annotated[str | None, typer.Option(help="坐标系 EPSG:4546, gcj02, bd09")]
Encoding = Annotated[
    str | None, typer.Option(help="文字编码 utf-8, utf-16, gb18030, big5")
]
Columns = Annotated[Path | None, typer.Option(help='列对照 TOML: 字段 = "列名"')]
Layer = Annotated[str | None, typer.Option(help="图层或工作表 layer or sheet")]
Trial = Annotated[bool, typer.Option("--try", help="试运行 write nothing")]
Whole = Annotated[bool, typer.Option("--whole", help="全部或全不 all or nothing")]
Swapped = Annotated[
    bool, typer.Option("--swap", help="经纬度写反 longitude and latitude exchanged")
]
AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="区划日期 day of the codes used"),
]
Edition = Annotated[str | None, typer.Option(help="地类版本 2007 or 2017")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", help="报告文件 report, .xlsx or .csv")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts")]


@app.callback(invoke_without_command=True)
def intake(  # noqa: PLR0913 - one parameter per option of the command
    what: What,
    files: Files = None,
    *,
    crs: Crs = None,
    encoding: Encoding = None,
    columns: Columns = None,
    layer: Layer = None,
    is_trial: Trial = False,
    is_whole: Whole = False,
    is_swapped: Swapped = False,
    as_of: AsOf = None,
    land_use_edition: Edition = None,
    report_file: ReportFile = None,
    as_json: AsJson = False,
) -> None:
    """导入 Take files of one thing in; every bad row is named with its reason."""
    settings = Settings()
    if what == "list":
        _list(settings, as_json=as_json)
        return
    if not files:
        message = "请给出文件或批次号 (give a file, or the number of a batch)"
        raise typer.BadParameter(message)
    if what == "undo":
        _undo(settings, files, as_json=as_json)
        return
    _check_report_file(report_file)
    options = Options(
        county_code=settings.county_code,
        county_name=settings.county_name,
        master_key=sealing_key(settings),
        today=datetime.now(CHINA).date(),
        crs=crs,
        encoding=encoding,
        layer=layer,
        columns={} if columns is None else naming.read_map(columns),
        is_trial=is_trial,
        is_whole=is_whole,
        is_swapped=is_swapped,
        as_of=None if as_of is None else as_of.date(),
        land_use_edition=land_use_edition,
        actor=getpass.getuser(),
        limits=Limits(file_mb=settings.intake_max_mb),
    )
    with _connected(settings) as connection, _waiting(as_json=as_json) as heard:
        done = pipeline.take(connection, what, [*map(Path, files)], options, heard)
        traces.leave(connection, done)
    _tell(done, report_file, as_json=as_json)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def _check_report_file(report_file: Path | None) -> None:
    """Refuse before anything is stored: afterwards nobody would hear what became."""
    if report_file is None:
        return
    if report_file.suffix.lower() not in {".xlsx", ".csv"}:
        message = "报告文件须为 .xlsx 或 .csv (the report must be .xlsx or .csv)"
        raise typer.BadParameter(message)
    if not report_file.absolute().parent.is_dir():
        message = f"没有文件夹 {report_file.parent} (no such folder for the report)"
        raise typer.BadParameter(message)


def _tell(done: BatchReport, report_file: Path | None, *, as_json: bool) -> None:
    if report_file is not None:
        report.write(done, report_file)
    if as_json:
        typer.echo(json.dumps(report.as_json(done), ensure_ascii=False))
        return
    report.show(done, Console())


def _undo(settings: Settings, files: list[str], *, as_json: bool) -> None:
    county = (settings.county_code, settings.county_name)
    for text in files:
        if not text.isdecimal():
            message = f"批次号应为数字: {text} (not the number of a batch)"
            raise typer.BadParameter(message)
        with _connected(settings) as connection:
            undone = batches.undo(connection, int(text), county)
            traces.leave_undone(connection, undone)
        if as_json:
            typer.echo(json.dumps(asdict(undone)))
            continue
        typer.echo(
            f"批次 {undone.batch_id} 已撤销: 删除 {undone.removed} 行, "
            f"恢复 {undone.restored} 行"
            + (f", 重新归入网格 {undone.moved} 项" if undone.moved else "")
            + " (undone)"
        )


def _list(settings: Settings, *, as_json: bool) -> None:
    with _connected(settings) as connection:
        found = batches.listed(connection)
    if as_json:
        rows = [{**asdict(one), "at": one.at.isoformat()} for one in found]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    names = ("批次", "内容", "文件", "时间", "操作人", "总", "新", "改", "同", "拒", "")
    table = report.folding(*names)
    for one in found:
        counts = (one.rows_total, one.rows_new, one.rows_changed, one.rows_same)
        table.add_row(
            str(one.id),
            one.what,
            one.file_name,
            f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            one.actor,
            *map(str, counts),
            str(one.rows_refused),
            "已撤销" if one.is_undone else "",
        )
    Console().print(table)


@contextmanager
def _connected(settings: Settings) -> Iterator[Connection]:
    """Give the owner's connection; committed at the end, unless something failed.

    Whatever the command is, what is kept too long is forgotten first.
    """
    owner = engine(database_url(settings))
    try:
        with owner.begin() as connection:
            retention.forget_old_changes(connection, datetime.now(UTC))
            yield connection
    finally:
        owner.dispose()


@contextmanager
def _waiting(*, as_json: bool) -> Iterator[Callable[[str, int], None]]:
    """Show that work goes on, and how many rows were read."""
    if as_json:
        yield lambda _file_name, _rows: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("正在读取 (reading)", total=None)

        def heard(file_name: str, rows: int) -> None:
            progress.update(
                task, description=f"{file_name}: 已读 {rows} 行 (rows read)"
            )

        yield heard
