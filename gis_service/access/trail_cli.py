"""The command ``gis-grid trail check``: is the trail as it was written."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import create_engine

from gis_service.access import alerts, trail_check
from gis_service.access.reader import COMMAND_LINE
from gis_service.cluster import database_url
from gis_service.settings import Settings

BROKEN = 1

app = typer.Typer(no_args_is_help=True, help="日志 The trail of who did what.")


@app.callback()
def trail() -> None:
    """日志 The trail of who did what."""


@app.command()
def check(
    last: Annotated[
        int | None, typer.Option(min=1, help="只查最近若干条 The newest lines only.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(help="以前记下的链首 A head noted earlier, NUMBER:HASH."),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON for scripts.")
    ] = False,
) -> None:
    """核验日志链 Work the chain out anew and name the first broken line."""
    engine = create_engine(database_url(Settings()), isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        verdict = trail_check.check(connection, last=last, head=head)
    if not verdict.is_whole:
        with engine.begin() as connection:
            facts = {"line": verdict.first_broken}
            alerts.raise_alert(connection, "broken_chain", COMMAND_LINE, facts=facts)
    engine.dispose()
    if as_json:
        typer.echo(json.dumps(asdict(verdict), default=str))
    elif verdict.is_whole:
        typer.echo(f"日志完整 (whole): {verdict.lines:,} 条 (lines)")
        typer.echo(f"链首，请另存 (head, note it elsewhere): {verdict.head}")
    else:
        says = f"日志链在第 {verdict.first_broken} 条断裂 (broken at this line)"
        typer.secho(says, err=True, fg="red")
    if not verdict.is_whole:
        raise typer.Exit(BROKEN)
