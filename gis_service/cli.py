"""The command ``gis-grid``: everything an operator does from a terminal.

Exit codes: 0 done; 1 refused, the reason is on standard error; 2 the command line
or a setting is wrong; 3 a part is missing (PostGIS, or anything ``doctor`` shows red).
"""

import getpass
import importlib
import logging
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from typer.core import TyperGroup

from gis_service import occasion, postgres_install
from gis_service.errors import GridError

REFUSED = 1
WRONG_USE = 2
PART_MISSING = 3

PARTS = {
    "db": "gis_service.cluster_cli",
    "migrate": "gis_service.running_cli",
    "demo": "gis_service.demo.cli",
    "intake": "gis_service.intake.cli",
    "export": "gis_service.publish.cli",
    "serve": "gis_service.running_cli",
    "account": "gis_service.access.cli",
    "keys": "gis_service.people.cli",
    "trail": "gis_service.access.trail_cli",
    "retain": "gis_service.retention.cli",
    "doctor": "gis_service.running_cli",
}
"""Module whose ``app`` is the command, or holds it among others."""


class Commands(TyperGroup):
    """Commands imported when they are called: none waits for the others' libraries."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - of typer, which keeps the type to itself
        """Return the names, in the order in which they are first needed."""
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Return a command, None when there is none of this name."""
        if cmd_name not in PARTS:
            return None
        app = importlib.import_module(PARTS[cmd_name]).app
        command = typer.main.get_command(app)
        if isinstance(command, TyperGroup) and cmd_name in command.commands:
            return command.get_command(ctx, cmd_name)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
    name="gis-grid",
    help="网格一张图 (One Map of the Grid). 退出码 exit codes: 0 完成 done, "
    "1 被拒绝 refused, 2 用法错误 usage, 3 缺少部件 a part is missing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def gis_grid() -> None:
    """Say what it is; each command stands in a module of its own."""


def main() -> NoReturn:
    """Run the command line; what was refused becomes a sentence and an exit code."""
    # Without this a terminated command would not give its share of the cluster back.
    for sign in (signal.SIGTERM, signal.SIGHUP):
        # Under `nohup` a closed terminal is to be ignored.
        if signal.getsignal(sign) is not signal.SIG_IGN:
            signal.signal(sign, _leave)
    logging.basicConfig(format="%(message)s")
    occasion.begin(None, f"{getpass.getuser()} @ terminal")
    try:
        app(prog_name="gis-grid")
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


def _leave(sign: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + sign)


if __name__ == "__main__":
    main()
