"""The commands ``gis-grid account …`` that change what an account is and may."""

from typing import Annotated

import typer

from gis_service.access import accounts, second_factor, trail
from gis_service.access.owner import owner
from gis_service.access.reader import COMMAND_LINE
from gis_service.errors import NotFoundError

app = typer.Typer()

Login = Annotated[str, typer.Argument(help="登录名 Login.")]


@app.command()
def role(
    login: Login,
    role: Annotated[str, typer.Argument(help="新角色 The new role.")],
) -> None:
    """改角色 Give an account another role; it is signed out everywhere."""
    with owner() as connection:
        accounts.change_duty(connection, login, role=role)
    typer.echo(f"角色已更改 (role changed): {login} → {role}")


@app.command()
def branches(
    login: Login,
    branch: Annotated[
        list[str] | None, typer.Argument(help="区划或网格代码 Codes; none: nothing.")
    ] = None,
) -> None:
    """改职权范围 Give an account another scope; it is signed out everywhere."""
    codes = tuple(branch or ())
    with owner() as connection:
        accounts.change_duty(connection, login, branches=codes)
    typer.echo(f"职权范围已更改 (scope changed): {login} → {' '.join(codes)}")


@app.command("second-factor")
def require_second_factor(
    login: Login,
    *,
    is_needed: Annotated[
        bool, typer.Option("--on/--off", help="须或不须 Needed or not.")
    ] = True,
) -> None:
    """二次验证 Say whether an account must have a second factor."""
    with owner() as connection:
        accounts.require_second_factor(connection, login, is_needed=is_needed)
    says = "须二次验证 (second factor needed)" if is_needed else "不须 (not needed)"
    typer.echo(f"{login}: {says}")


@app.command("reset-second-factor")
def reset_second_factor(login: Login) -> None:
    """重置二次验证 Forget the second factor of somebody who lost the telephone."""
    with owner() as connection:
        account = accounts.by_login(connection, login)
        if account is None:
            message = f"没有这个账号 (no such account): {login}"
            raise NotFoundError(message)
        was_on = second_factor.remove(connection, account.id)
        accounts.sign_out(connection, account.id)
        subject, facts = f"account {login}", {"was_on": was_on}
        trail.record(
            connection, COMMAND_LINE, "reset_second_factor", subject, facts=facts
        )
    typer.echo(f"二次验证已重置 (second factor reset): {login}")


@app.command()
def subject(
    login: Login,
    subject: Annotated[
        str | None, typer.Argument(help="身份标识 Subject; none: found by login.")
    ] = None,
) -> None:
    """绑定统一身份 Say who an account is at the single sign-on."""
    with owner() as connection:
        accounts.bind_subject(connection, login, subject)
    typer.echo(f"已绑定 (bound): {login} → {subject or '–'}")
