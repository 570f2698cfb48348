"""The command ``gis-grid``: everything an operator does from a terminal.

Exit codes: 0 done; 1 refused, the reason is on standard error; 2 the command line
or a setting is wrong; 3 a part is missing (PostGIS, or anything ``doctor`` shows red).
"""

import json
import logging
import signal
import socket
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from gis_service import backups, code_lists, doctor, migrations, postgres_install
from gis_service.access import cli as access_cli
from gis_service.cluster import DATABASE, Cluster, database_url, private
from gis_service.database import login_password
from gis_service.demo import cli as demo_cli
from gis_service.errors import ConflictError, GridError
from gis_service.intake import cli as intake_cli
from gis_service.publish import cli as publish_cli
from gis_service.settings import Settings

REFUSED = 1
WRONG_USE = 2
PART_MISSING = 3

app = typer.Typer(
    name="gis-grid",
    help="网格一张图 (One Map of the Grid). 退出码 exit codes: 0 完成 done, "
    "1 被拒绝 refused, 2 用法错误 usage, 3 缺少部件 a part is missing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(
    no_args_is_help=True, help="私有数据库 The private database in the data folder."
)
app.add_typer(database, name="db")
app.add_typer(access_cli.app, name="account")
app.add_typer(demo_cli.app)
app.add_typer(intake_cli.app, name="intake")
app.add_typer(publish_cli.app)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts.")]


def main() -> NoReturn:
    """Run the command line; what was refused becomes a sentence and an exit code."""
    # Without this a terminated command would not give its share of the cluster back.
    for sign in (signal.SIGTERM, signal.SIGHUP):
        # Under `nohup` a closed terminal is to be ignored.
        if signal.getsignal(sign) is not signal.SIG_IGN:
            signal.signal(sign, _leave)
    logging.basicConfig(format="%(message)s")
    try:
        app()
    except GridError as refusal:
        typer.secho(refusal.detail, err=True, fg="red")
        is_missing = isinstance(refusal, postgres_install.PostgisMissingError)
        sys.exit(PART_MISSING if is_missing else REFUSED)
    except OperationalError as refusal:
        message = f"数据库不可用 (the database does not answer): {refusal.orig}"
        typer.secho(message, err=True, fg="red")
        sys.exit(REFUSED)
    except ValidationError as wrong:
        for fault in wrong.errors():
            name = f"GIS_{'_'.join(map(str, fault['loc'])).upper()}"
            typer.secho(f"{name}: {fault['msg']}", err=True, fg="red")
        sys.exit(WRONG_USE)
    sys.exit(0)


@database.command("start")
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


@database.command("stop")
def db_stop() -> None:
    """停止 Stop the private cluster, whoever still uses it."""
    cluster = Cluster(_private_settings().data_folder)
    cluster.stop()
    cluster.keep(running=False)
    typer.echo("已停止 (stopped)")


@database.command("status")
def db_status(*, as_json: AsJson = False) -> None:
    """状态 Say whether the private cluster runs, and where it is."""
    status = Cluster(_private_settings().data_folder).status()
    if as_json:
        typer.echo(json.dumps(asdict(status), ensure_ascii=False))
        return
    typer.echo("运行中 (running)" if status.is_running else "未运行 (stopped)")
    for name, value in asdict(status).items():
        typer.echo(f"  {name}: {value}")


@database.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(help="备份文件 Backup file.")],
) -> None:
    """备份 Write the whole database into one file (pg_dump, custom format)."""
    url = database_url(Settings())
    backups.write(postgres_install.find(), url, file.absolute())
    typer.echo(f"已备份 (written): {file} ({file.stat().st_size / 1e6:.1f} MB)")


@database.command("restore")
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
    typer.echo(f"已恢复，原数据库改名为 (restored, the former one is now) {former}")


@app.command()
def migrate(*, as_json: AsJson = False) -> None:
    """升级表结构 Bring the database to the newest schema."""
    settings = Settings()
    url = database_url(settings)
    is_given = settings.database_url is not None
    migrations.migrate(url, login_password(settings) if is_given else None)
    owner = create_engine(url)
    with owner.begin() as connection:
        code_lists.load(connection)
    owner.dispose()
    revision = migrations.revision(url)
    report = {"revision": revision, **_content(url)}
    typer.echo(json.dumps(report) if as_json else f"表结构 (schema): {revision}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址 Address.")] = None,
    port: Annotated[int | None, typer.Option(help="端口 Port.")] = None,
    workers: Annotated[int | None, typer.Option(help="进程数 Processes.")] = None,
) -> None:
    """启动网页服务 Serve the map and the API until Ctrl-C."""
    settings = Settings()
    address = (host or settings.host, port or settings.port)
    _refuse_taken(*address)
    engine = create_engine(database_url(settings))
    with engine.connect() as connection:
        checks = [doctor.schema(connection), doctor.roles(connection)]
    engine.dispose()
    for check in checks:
        if not check.ok:
            detail = f"{check.name}: {check.says} → {check.do}"
            raise ConflictError(detail)
    typer.echo(f"网格一张图 → http://{address[0]}:{address[1]}  (Ctrl-C 停止 stops)")
    uvicorn.run(
        "gis_service.app:create",
        factory=True,
        host=address[0],
        port=address[1],
        workers=workers or settings.workers,
        # Addresses of requests hold what was searched for, which may be a name.
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    # A second Ctrl-C must not break the stop of the cluster, which follows now.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)


@app.command("doctor")
def examine(*, as_json: AsJson = False) -> None:
    """体检 Look at every part, one line each, with what to do when it is red."""
    checks = []
    for check in doctor.examine(Settings()):
        checks.append(check)
        if not as_json:
            mark = (
                typer.style("✓", fg="green") if check.ok else typer.style("✗", fg="red")
            )
            advice = "" if check.ok else f" → {check.do}"
            typer.echo(f"{mark} {check.name}: {check.says}{advice}")
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    if not all(check.ok for check in checks):
        raise typer.Exit(PART_MISSING)


def _private_settings() -> Settings:
    settings = Settings()
    if settings.database_url is not None:
        detail = (
            "已设置 GIS_DATABASE_URL，数据库由别处管理 (GIS_DATABASE_URL is set: that "
            "server is run elsewhere, use its own tools)"
        )
        raise ConflictError(detail)
    return settings


def _content(url: str) -> dict[str, object]:
    """Tell whether a county is in the database, and the first names to sign in by."""
    engine = create_engine(url)
    with engine.connect() as connection:
        townships = text("SELECT EXISTS (TABLE divisions.townships)")
        logins = text("SELECT login FROM access.accounts ORDER BY id LIMIT 20")
        content = {
            "has_data": connection.execute(townships).scalar_one(),
            "logins": list(connection.execute(logins).scalars()),
        }
    engine.dispose()
    return content


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as refusal:
            detail = (
                f"无法监听 {host}:{port}，可换端口 (cannot listen, try another port): "
                f"GIS_PORT={port + 1} — {refusal.strerror}"
            )
            raise ConflictError(detail) from None


def _leave(sign: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + sign)


if __name__ == "__main__":
    main()
