"""``gis-grid migrate``, ``serve`` and ``doctor``: running the service."""

import json
import signal
import socket
from dataclasses import asdict
from typing import Annotated

import typer
import uvicorn
from sqlalchemy import create_engine, text

from gis_service import code_lists, doctor, journal, migrations
from gis_service.checks import Check
from gis_service.cluster import database_url
from gis_service.database import login_password
from gis_service.errors import ConflictError
from gis_service.settings import Settings

PART_MISSING = 3
"""Exit code when a part is red."""

app = typer.Typer(add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts.")]


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
        log_config=journal.config(with_requests=settings.log_requests),
        log_level="warning",
        timeout_graceful_shutdown=10,
        # Left alone, uvicorn believes whoever asks from this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
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
            is_well = check.ok and not check.is_advice
            advice = "" if is_well else f" → {check.do}"
            typer.echo(f"{_mark(check)} {check.name}: {check.says}{advice}")
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    if not all(check.ok for check in checks):
        raise typer.Exit(PART_MISSING)


def _mark(check: Check) -> str:
    if not check.ok:
        return typer.style("✗", fg="red")
    if check.is_advice:
        return typer.style("!", fg="yellow")
    return typer.style("✓", fg="green")


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
