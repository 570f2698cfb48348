"""What a worker remembers of readers, and what makes it forget."""

import asyncio
from collections.abc import Callable

import httpx

from gis_service.access import accounts, recent
from gis_service.access.reader import VISITOR
from gis_service.access.recent import RecentReaders
from tests.access.conftest import House, role_of, sign_in

SEEN = "SELECT seen_at FROM access.sessions ORDER BY created_at DESC LIMIT 1"


async def test_change_made_elsewhere_is_heard_at_once(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    login = account()
    await sign_in(browser, login)
    assert await role_of(browser) == "officer"
    with house.owner.begin() as connection:
        accounts.disable(connection, login)
    await _heard(house)
    assert await role_of(browser) == "visitor"


async def test_known_reader_costs_no_question(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    await role_of(browser)
    # Without the triggers nobody hears of it: only what is remembered can answer.
    house.run(
        "SET LOCAL session_replication_role = replica; DELETE FROM access.sessions"
    )
    assert await role_of(browser) == "officer"
    recent.of(house.app.state.pool).forget()
    assert await role_of(browser) == "visitor"


async def test_session_is_marked_as_seen_at_most_once_a_minute(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str]
) -> None:
    await sign_in(browser, account())
    first = house.read(SEEN)
    recent.of(house.app.state.pool).forget()
    await role_of(browser)
    assert house.read(SEEN) == first
    house.run("UPDATE access.sessions SET seen_at = now() - interval '2 minutes'")
    recent.of(house.app.state.pool).forget()
    await role_of(browser)
    assert house.read(f"SELECT now() - ({SEEN}) < interval '10 seconds'")


def test_nothing_is_remembered_while_nobody_listens() -> None:
    memory = RecentReaders(is_listening=False)
    memory.put((b"key", None), VISITOR, 60, asked_at=0)
    assert memory.get((b"key", None)) is None


def test_answer_older_than_a_change_is_not_remembered() -> None:
    memory = RecentReaders(is_listening=True)
    asked_at = memory.generation
    memory.forget()
    memory.put((b"key", None), VISITOR, 60, asked_at)
    assert memory.get((b"key", None)) is None


def test_reader_is_remembered_no_longer_than_the_session_lasts() -> None:
    memory = RecentReaders(is_listening=True)
    memory.put((b"key", None), VISITOR, 0, memory.generation)
    assert memory.get((b"key", None)) is None


async def test_listening_comes_back_after_a_break(house: House) -> None:
    memory = recent.of(house.app.state.pool)
    house.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE 'LISTEN%access_changed%'"
    )
    for _ in range(50):
        if not memory.is_listening:
            break
        await asyncio.sleep(0.05)
    assert not memory.is_listening
    for _ in range(100):
        if memory.is_listening:
            return
        await asyncio.sleep(0.05)
    raise AssertionError


async def _heard(house: House) -> None:
    memory = recent.of(house.app.state.pool)
    house.run("SELECT pg_notify('access_changed', 'test')")
    before = memory.generation
    for _ in range(100):
        if memory.generation != before:
            return
        await asyncio.sleep(0.02)
    raise AssertionError
