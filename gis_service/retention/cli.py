"""The command ``gis-grid retain``: forget what is no longer to be kept."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.retention.forgetting import forget
from gis_service.retention.rules import Rule, rules
from gis_service.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def retain(
    *,
    only_try: Annotated[
        bool, typer.Option("--try", help="只试算 Count, and forget nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON for scripts.")
    ] = False,
) -> None:
    """清理期满数据 Forget what the rules of retention no longer allow to be kept."""
    owner = engine(database_url(Settings()))
    with owner.begin() as connection:
        trial = connection.begin_nested()
        done = forget(connection, datetime.now(UTC))
        if only_try:
            trial.rollback()
    owner.dispose()
    if as_json:
        typer.echo(json.dumps(done))
        return
    for rule in rules():
        typer.echo(_says(rule, done))


def _says(rule: Rule, done: dict[str, int]) -> str:
    count = f"{done[rule.what]:>9,}" if rule.what in done else "        –"
    days = "不删 kept" if rule.days is None else f"{rule.days} 天 days"
    return f"{count}  {rule.title} {rule.title_en}：{days}；{rule.basis}"
