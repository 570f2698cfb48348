"""Accounts to try the demo county with, one per role; all with the same password."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from gis_service.access import accounts
from gis_service.access.accounts import NewAccount
from gis_service.access.models import Account
from gis_service.demo import county
from gis_service.demo.plan import Plan
from gis_service.errors import ConflictError
from gis_service.grid.models import Duty

PASSWORD = "grid-demo-2026"  # noqa: S105 - public on purpose, of a synthetic county
HOME_VILLAGE = "娘家村"

ROWS = (
    ("officer", "演示网格员", "officer", "cell", None),
    ("lead", "演示网格长", "lead", "village", None),
    ("township", "演示街道", "supervisor", "township", None),
    ("county", "演示县级", "supervisor", "county", None),
    ("planner", "演示规划员", "planner", "county", None),
    ("editor", "演示数据员", "editor", "county", None),
    ("admin", "演示管理员", "administrator", "county", None),
    ("auditor", "演示审计员", "auditor", "county", None),
    ("handler", "演示承办人", "handler", "county", "交通运输局"),
)
"""Login, name, role, branch and department of each."""

LOGINS = tuple(row[0] for row in ROWS)
MARK = "演示"
"""What the names of all these accounts begin with, and those of no other."""


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """The accounts, and the cell and village two of them are on duty in."""

    accounts: tuple[NewAccount, ...]
    cell: str
    village: str


def listed(plan: Plan) -> DemoAccounts:
    """Return the accounts of a plan."""
    villages = plan.villages
    village = villages.loc[villages["name"] == HOME_VILLAGE, "code"].iloc[0]
    cell = f"{village}001"
    branches = {"cell": cell, "village": village, "township": county.TINY_TOWNSHIP}
    return DemoAccounts(
        tuple(
            NewAccount(
                login=login,
                name=name,
                role=role,
                branches=(branches.get(branch, county.CODE),),
                department=department,
            )
            for login, name, role, branch, department in ROWS
        ),
        cell,
        village,
    )


def renew(
    connection: Connection, wanted: DemoAccounts, *, replace: bool = False
) -> list[str]:
    """Make the accounts anew and put two of them on duty; return their logins.

    Raises
    ------
    ConflictError
        When others have accounts and ``replace`` is false.
    """
    if not replace:
        _refuse_others(connection)
    logins = [one.login for one in wanted.accounts]
    connection.execute(delete(Account).where(Account.login.in_(logins)))
    first, *others = wanted.accounts
    accounts.add(connection, first, PASSWORD)
    # The same password may have the same hash: making one takes a while.
    of_first = select(Account.password_hash).where(Account.login == first.login)
    hashed = connection.execute(of_first).scalar_one()
    connection.execute(
        insert(Account),
        [
            {
                "login": one.login,
                "name": one.name,
                "role": one.role,
                "branches": list(one.branches),
                "department": one.department,
                "password_hash": hashed,
            }
            for one in others
        ],
    )
    _put_on_duty(connection, "officer", Duty.grid_code == wanted.cell)
    _put_on_duty(connection, "lead", Duty.grid_code.startswith(wanted.village))
    return logins


def _refuse_others(connection: Connection) -> None:
    is_other = ~Account.name.startswith(MARK)
    others = connection.scalar(select(func.count()).where(is_other))
    if others:
        message = (
            f"已有{others}个其他账号，口令公开的演示账号不予建立，除非加 --replace "
            "(others have accounts: those of the demo need --replace)"
        )
        raise ConflictError(message)


def _put_on_duty(connection: Connection, role: str, where: object) -> None:
    number = select(Account.id).where(Account.login == role).scalar_subquery()
    connection.execute(
        update(Duty).where(Duty.role == role, where).values(account_id=number)  # type: ignore[arg-type] # a condition
    )
