"""``gis-grid db``: the private database, from a terminal."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from gis_service import backups, migrations, postgres_install
from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.cluster import DATABASE, Cluster, database_url, private
from gis_service.database import engine
from gis_service.errors import ConflictError
from gis_service.settings import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="私有数据库 The private database in the data folder.",
)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts.")]


@app.command("start")
def db_start(
    tcp_port: Annotated[
        int | None,
        typer.Option("--tcp", help="同时监听本机端口 Also listen on 127.0.0.1."),
    ] = None,
) -> None:
    """启动并保持运行 Start the private cluster and keep it running."""
    settings = _private_settings()
    postgres_install.ensure()
    cluster = Cluster(settings.data_folder, tcp_port=tcp_port)
    cluster.start()
    cluster.keep(running=True)
    if not cluster.has_database(DATABASE):
        cluster.create_database(DATABASE)
    typer.echo(f"已启动 (running): {cluster.dsn(DATABASE)}")


@app.command("stop")
def db_stop() -> None:
    """停止 Stop the private cluster, whoever still uses it."""
    cluster = Cluster(_private_settings().data_folder)
    cluster.stop()
    cluster.keep(running=False)
    typer.echo("已停止 (stopped)")


@app.command("status")
def db_status(*, as_json: AsJson = False) -> None:
    """状态 Say whether the private cluster runs, and where it is."""
    status = Cluster(_private_settings().data_folder).status()
    if as_json:
        typer.echo(json.dumps(asdict(status), ensure_ascii=False))
        return
    typer.echo("运行中 (running)" if status.is_running else "未运行 (stopped)")
    for name, value in asdict(status).items():
        typer.echo(f"  {name}: {value}")


@app.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(help="备份文件 Backup file.")],
) -> None:
    """备份 Write the whole database into one file (pg_dump, custom format)."""
    url = database_url(Settings())
    backups.write(postgres_install.find(), url, file.absolute())
    # One is made before an old schema is brought up, too; its trail has other columns.
    if migrations.revision(url) == migrations.head():
        with _owner(url) as connection:
            trail.record(connection, COMMAND_LINE, "backed_up", "database")
    typer.echo(f"已备份 (written): {file} ({file.stat().st_size / 1e6:.1f} MB)")


@app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="备份文件 Backup file.")],
) -> None:
    """恢复 Put a backup in place of the database, which is kept under another name."""
    settings = _private_settings()
    # Makes the roles whose rights the backup names, and stops the server at the end.
    migrations.migrate(database_url(settings))
    cluster = private(settings.data_folder.resolve())
    if cluster.is_in_use(DATABASE):
        detail = "数据库正被使用，请先停止服务 (in use: stop the service first)"
        raise ConflictError(detail)
    cluster.drop_database("gis_restored")
    cluster.restore(file.absolute(), "gis_restored")
    former = f"{DATABASE}_before_{datetime.now().astimezone():%Y%m%d_%H%M%S}"
    cluster.rename_database(DATABASE, former)
    cluster.rename_database("gis_restored", DATABASE)
    migrations.migrate(cluster.url(DATABASE))
    with _owner(cluster.url(DATABASE)) as connection:
        facts = {"former": former}
        trail.record(connection, COMMAND_LINE, "restored", "database", facts=facts)
    typer.echo(f"已恢复，原数据库改名为 (restored, the former one is now) {former}")


@contextmanager
def _owner(url: str) -> Iterator[Connection]:
    owner = engine(url)
    try:
        with owner.begin() as connection:
            yield connection
    finally:
        owner.dispose()


def _private_settings() -> Settings:
    settings = Settings()
    if settings.database_url is not None:
        detail = (
            "已设置 GIS_DATABASE_URL，数据库由别处管理 (GIS_DATABASE_URL is set: that "
            "server is run elsewhere, use its own tools)"
        )
        raise ConflictError(detail)
    return settings
