"""Making the demo county from the terminal: loading it, telling what was made."""

import gc
import json
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from sqlalchemy import Engine

from gis_service import migrations
from gis_service.cluster import database_url
from gis_service.database import engine
from gis_service.demo import accounts, county, faults, loading
from gis_service.demo.plan import Plan, drawn
from gis_service.demo.scale import Scale
from gis_service.errors import ConflictError
from gis_service.keys import sealing_key
from gis_service.people.sealing import Sealer
from gis_service.settings import Settings


def make(
    scale: Scale, seed: int, facts_file: Path | None, *, replace: bool, as_json: bool
) -> None:
    """Load the county into the database of the settings and print what it holds.

    Raises
    ------
    ConflictError
        When the schema is not current, or a county is there and not to be replaced.
    """
    # Libraries are no garbage; looking them through takes half a second.
    gc.freeze()
    plan = drawn(seed, scale)
    settings = Settings()
    url = database_url(settings)
    if migrations.revision(url) != migrations.head():
        message = "请先运行 gis-grid migrate (the schema is not current: migrate first)"
        raise ConflictError(message)
    owner = engine(url)
    sealer = Sealer(sealing_key(settings))
    _load(owner, plan, sealer, replace=replace)
    if facts_file is not None or as_json:
        sheet = loading.stored_facts(owner, scale=scale, seed=seed)
        text = json.dumps(sheet, ensure_ascii=False, indent=2)
        if facts_file is not None:
            facts_file.write_text(text + "\n", encoding="utf-8")
    counts = loading.stored_counts(owner)
    owner.dispose()
    typer.echo(text if as_json else _summary(plan, counts))


def plant_faults(scale: Scale, seed: int, folder: Path, *, as_json: bool) -> None:
    """Write files with known faults for the intake; the database is left alone."""
    plan = drawn(seed, scale)
    planted = faults.plant(plan, folder)
    if as_json:
        typer.echo((folder / "faults.json").read_text(encoding="utf-8"))
        return
    for one in planted:
        row = "全文件 whole file" if one.row is None else f"第{one.row}行 row {one.row}"
        typer.echo(f"{one.file} {row}: {one.about}")
    typer.echo(county.LABEL)


def _load(owner: Engine, plan: Plan, sealer: Sealer, *, replace: bool) -> None:
    """Load with a bar on the terminal; standard output stays for the result."""
    with Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        task = progress.add_task("生成演示县", total=loading.steps(plan))
        for done in loading.load(owner, plan, sealer, replace=replace):
            progress.update(task, advance=1, description=done)


def _summary(plan: Plan, counts: dict[str, int]) -> str:
    lines = [
        f"{county.NAME} 规模 scale {plan.scale} · 种子 seed {plan.streams.seed}",
        *(f"  {table}: {rows:,}" for table, rows in counts.items()),
        f"演示账号 accounts: {', '.join(accounts.LOGINS)}",
        f"密码 password: {accounts.PASSWORD}",
        county.LABEL,
    ]
    return "\n".join(lines)
