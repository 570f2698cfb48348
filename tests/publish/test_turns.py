"""Turns: two at once, some wait, the rest is told when to come back."""

import asyncio

import pytest

from gis_service.errors import BusyError
from gis_service.problems import answer
from gis_service.publish.turns import Turns


async def test_few_run_at_once_and_beyond_the_queue_nobody_waits() -> None:
    turns = Turns(at_once=2, waiting=3)
    go_on = asyncio.Event()
    running: set[int] = set()
    most = 0

    async def work(number: int) -> None:
        nonlocal most
        async with turns.take():
            running.add(number)
            most = max(most, len(running))
            await go_on.wait()
            running.discard(number)

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError) as refused:
        await work(6)
    told = answer(refused.value)
    assert told.status_code == 503
    assert told.headers["retry-after"] == "10"
    go_on.set()
    await asyncio.gather(*tasks)
    assert most == 2
    await work(7)


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    turns = Turns(at_once=1, waiting=1)
    async with turns.take():
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(turns.take().__aenter__(), 0.01)
