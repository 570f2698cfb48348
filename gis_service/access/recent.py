"""Readers a worker remembers for a moment, so that a tile costs no question.

What is remembered holds only while the worker listens to the database, which tells
every change of accounts, sessions and tokens (channel ``access_changed``). While the
connection for that is down nothing is remembered, and each request asks.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import URL

from gis_service.access.reader import Holder

CHANNEL = "access_changed"
LONGEST_S = 30.0
MOST = 10_000
RETRY_S = 1.0

Key = tuple[bytes, str | None]
"""Hash of what was shown, and the login named with it, if any."""


@dataclass
class RecentReaders:
    """The readers one worker remembers of one database."""

    is_listening: bool = False
    generation: int = 0
    _entries: dict[Key, tuple[float, Holder]] = field(default_factory=dict)

    def get(self, key: Key) -> Holder | None:
        """Return the holder of a key, if remembered."""
        until, holder = self._entries.get(key, (0.0, None))
        return holder if time.monotonic() < until else None

    def put(self, key: Key, holder: Holder, valid_s: float, asked_at: int) -> None:
        """Remember a holder unless something changed since the question.

        Parameters
        ----------
        key, holder
            Whom to remember, by what.
        valid_s
            Seconds for which the session or token is still valid.
        asked_at
            The ``generation`` at the time the database was asked.
        """
        if not self.is_listening or asked_at != self.generation:
            return
        if len(self._entries) >= MOST:
            self._entries.clear()
        until = time.monotonic() + min(valid_s, LONGEST_S)
        self._entries[key] = (until, holder)

    def forget(self) -> None:
        """Forget everybody."""
        self.generation += 1
        self._entries.clear()

    async def listen(self, address: str) -> None:
        """Listen for changes until cancelled, coming back after every break."""
        while True:
            try:
                await self._listen_once(address)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # Nothing is remembered meanwhile, so there is nothing to report.
                pass
            finally:
                self.is_listening = False
                self.forget()
            await asyncio.sleep(RETRY_S)

    async def _listen_once(self, address: str) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(address)
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *_: self.forget())
            self.is_listening = True
            await lost.wait()
        finally:
            connection.terminate()


_of_pool: dict[int, RecentReaders] = {}
_FORGETFUL = RecentReaders()


def of(pool: asyncpg.Pool) -> RecentReaders:
    """Return what is remembered of a pool's database; it remembers nothing unasked."""
    return _of_pool.get(id(pool), _FORGETFUL)


@asynccontextmanager
async def remembering(pool: asyncpg.Pool, url: URL) -> AsyncIterator[None]:
    """Remember the readers of a pool while inside; ``url`` is the pool's database."""
    recent = _of_pool[id(pool)] = RecentReaders()
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    listening = asyncio.create_task(recent.listen(address))
    try:
        yield
    finally:
        del _of_pool[id(pool)]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
