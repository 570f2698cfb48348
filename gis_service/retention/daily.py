"""Retention while the service runs: once a day, by whichever worker is first."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from gis_service.database import engine
from gis_service.retention.forgetting import forget_once_a_day

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hours:
    """When it is looked whether the day's work is done."""

    first_s: float = 600
    """After the start: the service has other things to do then."""
    every_s: float = 3600


def run_once(url: str) -> dict[str, int] | None:
    """Forget as the owner of a database, unless it was done on this day."""
    owner = engine(url)
    try:
        with owner.begin() as connection:
            return forget_once_a_day(connection, datetime.now(UTC))
    finally:
        owner.dispose()


@asynccontextmanager
async def forgetting(url: str, hours: Hours | None = None) -> AsyncIterator[None]:
    """Forget once a day while inside; ``url`` is the owner's."""
    task = asyncio.create_task(_run(url, hours or Hours()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _run(url: str, hours: Hours) -> None:
    await asyncio.sleep(hours.first_s)
    while True:
        try:
            done = await asyncio.to_thread(run_once, url)
        except (SQLAlchemyError, OSError) as refusal:
            # Its text may hold values of a row; its kind says enough.
            _log.warning("retention failed: %s", type(refusal).__name__)
        else:
            if done is not None:
                _log.info("retention: %s", done)
        await asyncio.sleep(hours.every_s)
