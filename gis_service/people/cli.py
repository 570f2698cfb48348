"""The commands ``gis-grid keys …``: the master key, its state and its rotation."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy import Engine

from gis_service import keys as key_files
from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.cluster import database_url
from gis_service.database import engine, login_password, set_login_password
from gis_service.people import rotation
from gis_service.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="主密钥 The master key and what is sealed with it."
)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts.")]


@app.command("status")
def show(*, as_json: AsJson = False) -> None:
    """密钥状态 List the keys, and how many values are sealed with each."""
    settings = Settings()
    with _owner(settings) as owner, owner.connect() as connection:
        found = rotation.status(connection, settings)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
        return
    for each in found:
        says = _STATES[each.state]
        typer.echo(f"{each.key_id}  {each.values:>10}  {says}")


@app.command()
def rotate() -> None:
    """更换密钥 Make a new key and seal everything anew; run again after a break."""
    settings = Settings()
    with _owner(settings) as owner:
        with Progress() as progress:
            task = progress.add_task("重新加密 sealing anew", total=None)

            def heard(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            done = rotation.rotate(owner, settings, heard)
        if settings.database_url is not None:
            set_login_password(database_url(settings), login_password(settings))
        with owner.begin() as connection:
            key_id = key_files.key_id(key_files.master_key(settings)).hex()
            facts = {"key_id": key_id, "rows": done}
            trail.record(connection, COMMAND_LINE, "rotated_key", facts=facts)
    typer.echo(f"已更换 (rotated): {key_id}, {done} 行 (rows)")
    file = key_files.key_file(settings)
    typer.echo(
        f"请把 {file} 和旧密钥文件另行备份；旧备份要用旧密钥打开 "
        "(back the key files up, apart from the database: former backups need the old)"
    )


@app.command()
def forget() -> None:
    """删除旧密钥 Remove retired keys nothing is sealed with; old backups then close."""
    settings = Settings()
    with _owner(settings) as owner:
        gone = rotation.forget(owner, settings)
        with owner.begin() as connection:
            facts = {"files": gone}
            trail.record(connection, COMMAND_LINE, "forgot_keys", facts=facts)
    typer.echo(f"已删除 (removed): {', '.join(gone) or '无 (none)'}")


_STATES = {
    "current": "现用 current",
    key_files.RESEALING: "更换中 being replaced: gis-grid keys rotate",
    key_files.RETIRED: "已停用 retired: gis-grid keys forget",
    "missing": "密钥文件不在 its file is not here: put it back",
}


@contextmanager
def _owner(settings: Settings) -> Iterator[Engine]:
    owner = engine(database_url(settings))
    try:
        yield owner
    finally:
        owner.dispose()
