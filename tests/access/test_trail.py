"""The trail: what is written, and that nobody rewrites it."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE, VISITOR
from tests.access.conftest import House, sign_in

LAST = (
    "SELECT actor || ' ' || act || coalesce(' ' || subject, '') FROM access.trail "
    "ORDER BY id DESC LIMIT 1"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access.trail SET actor = 'nobody'",
        "DELETE FROM access.trail",
        "TRUNCATE access.trail",
        "UPDATE access.trail_links SET hash = ''",
        "DELETE FROM access.trail_links",
        "TRUNCATE access.trail_links",
    ],
)
def test_line_cannot_be_changed_even_by_the_owner(
    connection: Connection, change: str
) -> None:
    trail.record(connection, COMMAND_LINE, "tried", reason="测试", facts={"rows": 1})
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with pytest.raises(ProgrammingError, match="only ever added to"):
        connection.execute(text(change))


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO access.trail (at, actor, act) VALUES (now(), 'me', 'tried')",
        "INSERT INTO access.trail (id) OVERRIDING SYSTEM VALUE VALUES (1)",
        "INSERT INTO access.trail_links VALUES (10, 10, '')",
        "UPDATE access.trail SET actor = 'nobody'",
        "DELETE FROM access.trail",
        "TRUNCATE access.trail_links",
    ],
)
def test_login_chooses_neither_number_time_nor_link_of_a_line(
    connection: Connection, change: str
) -> None:
    connection.execute(text("SET LOCAL ROLE grid_login"))
    with pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(change))


@pytest.mark.parametrize("role", ["grid_login", "grid_all", "grid_scoped"])
def test_every_role_that_writes_may_add_a_line_which_is_chained(
    connection: Connection, role: str
) -> None:
    connection.execute(text(f"SET LOCAL ROLE {role}"))
    trail.record(connection, COMMAND_LINE, "tried")
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE"))
    linked = text(
        "SELECT count(*), count(link.number) FROM access.trail AS line "
        "LEFT JOIN access.trail_links AS link ON link.line_id = line.id"
    )
    lines, links = connection.execute(linked).one()
    assert lines == links > 0


async def test_sign_in_is_on_the_trail(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    assert house.read(LAST) == f"{login} signed_in"
    await browser.delete("/api/session?everywhere=true")
    assert house.read(LAST) == f"{login} signed_out_everywhere"


async def test_plain_sign_out_is_on_the_trail_once(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    await sign_in(browser, login)
    cookies = dict(browser.cookies)
    await browser.delete("/api/session")
    await browser.delete("/api/session", headers=_cookie(cookies))
    found = house.read(
        "SELECT string_agg(act, ' ' ORDER BY id) FROM access.trail "
        "WHERE actor = :login",
        login=login,
    )
    assert found == "signed_in signed_in signed_out"


def _cookie(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


async def test_reading_is_recorded_by_the_login_that_serves(house: House) -> None:
    pool = house.app.state.pool
    await trail.record_reading(
        pool, VISITOR, "exported", "layer roads", facts={"rows": 3}
    )
    assert house.read(LAST) == "访客 exported layer roads"
    assert (
        house.read("SELECT facts ->> 'rows' FROM access.trail WHERE act = 'exported'")
        == "3"
    )
