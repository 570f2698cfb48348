"""Load the demo county into a database: everything, or nothing."""

from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

from gis_service import code_lists
from gis_service.access import trail
from gis_service.access.reader import COMMAND_LINE
from gis_service.demo import accounts, facts
from gis_service.demo.content import Content
from gis_service.demo.plan import Plan, drawn
from gis_service.demo.scale import Scale
from gis_service.demo.storage import Storage, tidy
from gis_service.people.sealing import Sealer


def load(
    engine: Engine, plan: Plan, sealer: Sealer, *, replace: bool = False
) -> Iterator[str]:
    """Store a plan, in one transaction; yield what was done after each part.

    Raises
    ------
    ConflictError
        When the database holds data or accounts of others and ``replace`` is false.
    """
    with engine.begin() as connection:
        driver = _driver(connection)
        storage = Storage(driver)
        storage.clear(replace=replace)
        code_lists.load(connection)
        storage.prepare()
        content = Content(plan, sealer)
        for table, frame in content.registers():
            storage.write(table, frame)
        accounts.renew(connection, accounts.listed(plan), replace=replace)
        yield "区划与网格 divisions and cells"
        names = dict(zip(plan.townships["code"], plan.townships["name"], strict=True))
        for code in plan.township_codes:
            for table, frame in content.township(code):
                storage.write(table, frame)
            yield names[code]
        storage.finish()
        made = {"scale": plan.scale.value}
        trail.record(connection, COMMAND_LINE, "loaded_demo", facts=made)
        yield "索引与统计 indexes and counts"
    # VACUUM refuses to run inside a transaction.
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        tidy(_driver(connection))
    yield "整理 vacuum"


def steps(plan: Plan) -> int:
    """Return how many parts ``load`` yields."""
    return len(plan.township_codes) + 3


def load_county(
    engine: Engine, sealer: Sealer, *, scale: Scale, seed: int, replace: bool = False
) -> dict[str, Any]:
    """Make and store a county without showing progress; return its facts sheet."""
    plan = drawn(seed, scale)
    for _ in load(engine, plan, sealer, replace=replace):
        pass
    return stored_facts(engine, scale=scale, seed=seed)


def stored_facts(engine: Engine, *, scale: Scale, seed: int) -> dict[str, Any]:
    """Return the facts sheet of what is stored."""
    with engine.connect() as connection:
        return facts.sheet(_driver(connection), scale=scale, seed=seed)


def stored_counts(engine: Engine) -> dict[str, int]:
    """Return the rows of each table."""
    with engine.connect() as connection:
        return facts.counts(_driver(connection))


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    found: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # the engine's driver is psycopg
    return found
