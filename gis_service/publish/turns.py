"""Turns at what is heavy: few at once, a short queue, and a no to all beyond."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gis_service.errors import BusyError

RETRY_AFTER_S = 10


class Turns:
    """Lets some run at once and some wait.

    Parameters
    ----------
    at_once
        How many run.
    waiting
        How many more may wait for their turn.
    """

    def __init__(self, at_once: int = 2, waiting: int = 8) -> None:
        self._free = Semaphore(at_once)
        self._most = at_once + waiting
        self._inside = 0

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises
        ------
        BusyError
            When too many wait already.
        """
        if self._inside >= self._most:
            message = "请求过多，请稍后再试 (too many wait already: come back later)"
            raise BusyError(message, retry_after_s=RETRY_AFTER_S)
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1
