"""The daily budget of rows about people that an account may read.

Whoever works needs the rows of a street or a village; whoever copies the register needs
all of them. Rows are counted however they are read: features in a tile or page, lines
of a list, rows of a file. A worker adds them up, writes the sum to the database every
few seconds, and learns there what the other workers have counted.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

import asyncpg

from gis_service.access import alerts
from gis_service.access.county_day import seconds_to_midnight, today
from gis_service.access.reader import Reader
from gis_service.errors import TooManyRequestsError

ROWS_PER_DAY: dict[str, int] = {
    "officer": 50_000,
    "lead": 100_000,
    "supervisor": 500_000,
    "handler": 50_000,
    "editor": 500_000,
}
"""Rows a role may read in a day: some hundred views of all it may see, far more than a
day's work, and for a supervisor a third of a county of 1.5 million; others see none."""

OTHERS = 1000
NEARLY = 0.8
FLUSH_S = 3.0
KEPT_DAYS = 40
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

_TOTAL = "SELECT rows FROM access.rows_read WHERE account_id = $1 AND on_day = $2"
# In the order of the accounts, so that two workers never wait for each other.
_ADD = """
    INSERT INTO access.rows_read AS kept (account_id, on_day, rows)
    SELECT * FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS fresh ORDER BY 1, 2
    ON CONFLICT (account_id, on_day) DO UPDATE SET rows = kept.rows + excluded.rows
    RETURNING account_id, on_day, rows
"""
_TIDY = "DELETE FROM access.rows_read WHERE on_day < $1"


class BudgetSpentError(TooManyRequestsError):
    """The account has read as many rows about people as it may in a day."""

    code = "budget_spent"
    title = "当日读取行数已满 (daily budget of rows spent)"


@dataclass
class _Spent:
    """What an account has read today: ``kept`` in the database, ``fresh`` not yet."""

    reader: Reader
    on_day: date
    kept: int = 0
    fresh: int = 0


class Budget:
    """Counts the rows of one worker.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    limits
        Rows per day by role, in place of ``ROWS_PER_DAY``.
    """

    def __init__(self, pool: asyncpg.Pool, limits: Mapping[str, int]) -> None:
        self._pool = pool
        self._limits = {**ROWS_PER_DAY, **limits}
        self._spent: dict[int, _Spent] = {}
        self._lock = Lock()
        self._tidied_on: date | None = None

    def limit(self, reader: Reader) -> int:
        """Return how many rows a reader may read in a day."""
        return self._limits.get(reader.role, OTHERS)

    async def check(self, reader: Reader) -> None:
        """Let a reader read on, or not.

        Raises
        ------
        BudgetSpentError
            When the day's rows are spent.
        """
        spent = await self._known(reader)
        if spent is None or spent.kept + spent.fresh < self.limit(reader):
            return
        message = (
            "今日可读取的人员数据行数已用完，明天再试，急需请联系管理员 "
            "(the rows about people you may read today are spent: come back tomorrow)"
        )
        limit = self.limit(reader)
        raise BudgetSpentError(
            message, limit=limit, retry_after_s=seconds_to_midnight()
        )

    def add(self, reader: Reader, rows: int) -> None:
        """Count rows that a reader was given; from any thread."""
        number = reader.account_id
        if number is None or rows <= 0:
            return
        with self._lock:
            spent = self._spent.get(number)
            if spent is None or spent.on_day != today():
                spent = self._spent[number] = _Spent(reader, today())
            spent.fresh += rows

    async def flush(self) -> None:
        """Write down what was counted, and raise the alerts that are due."""
        with self._lock:
            sums = [(n, s.on_day, s.fresh) for n, s in self._spent.items() if s.fresh]
        if not sums:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            totals = await connection.fetch(_ADD, *map(list, zip(*sums, strict=True)))
            for number, _, total in totals:
                await self._alert(connection, self._spent[number].reader, total)
        with self._lock:
            fresh = {number: rows for number, _, rows in sums}
            for number, on_day, total in totals:
                spent = self._spent[number]
                if spent.on_day == on_day:
                    spent.kept = total
                    spent.fresh -= fresh[number]

    async def run(self) -> None:
        """Write down what was counted every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            # What was counted stays counted, for the next time.
            with suppress(*LOST):
                await self.flush()
                await self._tidy()

    async def _known(self, reader: Reader) -> _Spent | None:
        number = reader.account_id
        if number is None:
            return None
        spent = self._spent.get(number)
        if spent is not None and spent.on_day == today():
            return spent
        total = await self._pool.fetchval(_TOTAL, number, today()) or 0
        with self._lock:
            spent = self._spent.get(number)
            if spent is None or spent.on_day != today():
                spent = self._spent[number] = _Spent(reader, today(), total)
        return spent

    async def _alert(
        self, connection: asyncpg.Connection, reader: Reader, total: int
    ) -> None:
        limit = self.limit(reader)
        facts = {"rows": total, "limit": limit, "role": reader.role}
        for kind, share in (("budget_nearly_spent", NEARLY), ("budget_spent", 1.0)):
            if total >= limit * share:
                await alerts.raise_alert_reading(connection, kind, reader, facts=facts)

    async def _tidy(self) -> None:
        if self._tidied_on == today():
            return
        await self._pool.execute(_TIDY, today() - timedelta(days=KEPT_DAYS))
        with self._lock:
            old = [n for n, s in self._spent.items() if s.on_day != today()]
            for number in old:
                if not self._spent[number].fresh:
                    del self._spent[number]
        self._tidied_on = today()


class Meter:
    """The budget as one reader meets it."""

    def __init__(self, budget: Budget, reader: Reader) -> None:
        self._budget = budget
        self._reader = reader

    async def check(self) -> None:
        """Raise ``BudgetSpentError`` when the day's rows are spent."""
        await self._budget.check(self._reader)

    def add(self, rows: int) -> None:
        """Count rows that were given."""
        self._budget.add(self._reader, rows)


_of_pool: dict[int, Budget] = {}


def meter(pool: asyncpg.Pool, reader: Reader) -> Meter | None:
    """Return what counts a reader's rows; nothing counts those of visitors."""
    budget = _of_pool.get(id(pool))
    return None if budget is None or not reader.is_signed_in else Meter(budget, reader)


@asynccontextmanager
async def counting(
    pool: asyncpg.Pool, limits: Mapping[str, int]
) -> AsyncIterator[Budget]:
    """Count the rows read through a pool while inside; write the last at the end."""
    budget = _of_pool[id(pool)] = Budget(pool, limits)
    writing = asyncio.create_task(budget.run())
    try:
        yield budget
    finally:
        del _of_pool[id(pool)]
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        with suppress(*LOST):
            await budget.flush()
