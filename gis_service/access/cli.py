"""The commands ``gis-grid account …``: accounts and tokens from the terminal."""

import json
import sys
from typing import Annotated

import typer

from gis_service.access import accounts, tokens
from gis_service.access.change_cli import app as changes
from gis_service.access.owner import owner as _owner
from gis_service.access.token_scopes import READ_LAYERS
from gis_service.errors import NotFoundError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="账号与令牌 Accounts, their passwords and tokens.",
)

app.registered_commands += changes.registered_commands

Login = Annotated[str, typer.Argument(help="登录名 Login.")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON for scripts.")]


@app.command()
def add(  # noqa: PLR0913 - an account has these six parts
    login: Login,
    *,
    role: Annotated[
        str,
        typer.Option(
            help="角色 officer lead supervisor handler planner editor administrator "
            "auditor."
        ),
    ],
    name: Annotated[str, typer.Option(help="显示名 Name to show.")],
    branch: Annotated[
        list[str] | None,
        typer.Option(help="职权范围，可重复 Code of a division or cell; repeatable."),
    ] = None,
    department: Annotated[
        str | None, typer.Option(help="部门 Department of a handler.")
    ] = None,
    second_factor: Annotated[
        bool | None,
        typer.Option(
            "--second-factor/--no-second-factor",
            help="须二次验证 Needs a second factor; by default administrators and "
            "supervisors do.",
        ),
    ] = None,
) -> None:
    """新建账号 Make an account; the password is asked for, or read from a pipe."""
    account = accounts.NewAccount(
        login=login,
        name=name,
        role=role,
        branches=tuple(branch or ()),
        department=department,
        needs_second_factor=accounts.needs_second_factor(role)
        if second_factor is None
        else second_factor,
    )
    password = _password()
    with _owner() as connection:
        accounts.add(connection, account, password)
    typer.echo(f"已新建 (made): {login}")


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """列出账号 List the accounts."""
    with _owner() as connection:
        rows = [row._mapping for row in accounts.listed(connection)]  # noqa: SLF001 - SQLAlchemy's public name
    shown = [
        {
            "login": row["login"],
            "name": row["name"],
            "role": row["role"],
            "branches": row["branches"],
            "is_open": row["disabled_at"] is None,
            "needs_second_factor": row["needs_second_factor"],
        }
        for row in rows
    ]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for one in shown:
        mark = "" if one["is_open"] else "  已停用 (disabled)"
        branches = " ".join(one["branches"])
        typer.echo(
            f"{one['login']:<16} {one['role']:<14} {one['name']}  {branches}{mark}"
        )


@app.command()
def disable(login: Login) -> None:
    """停用 Close an account: signed out everywhere, its tokens gone."""
    with _owner() as connection:
        accounts.disable(connection, login)
    typer.echo(f"已停用 (disabled): {login}")


@app.command()
def enable(login: Login) -> None:
    """启用 Open a closed account again."""
    with _owner() as connection:
        accounts.enable(connection, login)
    typer.echo(f"已启用 (enabled): {login}")


@app.command()
def password(login: Login) -> None:
    """改口令 Give an account a new password."""
    fresh = _password()
    with _owner() as connection:
        accounts.change_password(connection, login, fresh)
    typer.echo(f"口令已更改 (password changed): {login}")


@app.command()
def token(
    login: Login,
    name: Annotated[str, typer.Option(help="用途 What it is for.")] = "命令行",
    days: Annotated[
        int, typer.Option(min=1, max=tokens.LONGEST_DAYS, help="有效天数 Days valid.")
    ] = 90,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="用途范围，可重复 read:public read:layers write:matters; repeatable."
        ),
    ] = None,
) -> None:
    """新建令牌 Make a token for notebooks, QGIS or GDAL; it is shown this once."""
    with _owner() as connection:
        account = accounts.by_login(connection, login)
        if account is None or account.disabled_at is not None:
            message = f"没有这个账号或已停用 (no such account, or closed): {login}"
            raise NotFoundError(message)
        scopes = scope or [READ_LAYERS]
        made = tokens.add(connection, account.id, name, days, scopes=scopes)
    typer.echo(made.secret)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(
        "口令 Password", hide_input=True, confirmation_prompt=True
    )
    return typed
