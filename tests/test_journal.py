"""The journal: every request has a number, and nothing personal is written down."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import Depends
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gis_service import app as application
from gis_service import doctor, journal
from gis_service.access.rules import open_to_all
from gis_service.settings import Settings
from tests.world import serving

NAME = "赵某某"
ADDRESSES = (
    "/api/health",
    "/api/nothing",
    f"/api/{NAME}",
    f"/api/search?q={NAME}",
    f"/api/ogc/collections/villages/items?filter=name%20%3D%20'{NAME}'",
    f"/api/ogc/collections/{NAME}/items",
    "/api/ogc/collections/villages/tiles/WebMercatorQuad/10/427/827",
    "/api/people/residents",
    "/maps/county.html",
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_names_its_request(
    client: httpx.AsyncClient, address: str
) -> None:
    brought = await client.get(address, headers={"X-Request-ID": "number-1.of_us"})
    assert brought.headers.get_list("x-request-id") == ["number-1.of_us"]
    if brought.status_code >= 400:
        assert brought.json()["request_id"] == "number-1.of_us"
    unfit = await client.get(address, headers={"X-Request-ID": "a b\t'; DROP"})
    assert len(unfit.headers["x-request-id"]) == 32


async def test_requests_are_written_down_without_what_was_asked(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gis_service.requests")
    for address in ADDRESSES:
        await client.get(address)
    written = [journal.Lines().format(record) for record in caplog.records]
    lines = [json.loads(line) for line in written]
    asked = [line for line in lines if line["by"] == "gis_service.requests"]
    assert len(asked) == len(ADDRESSES)
    assert NAME not in "".join(written)
    assert "filter" not in "".join(written)
    routes = [line["route"] for line in asked]
    assert routes[0] == "/api/health"
    assert routes[1:3] == ["unknown"] * 2
    assert routes[5] == "/api/ogc/collections/{layer_id}/items"
    assert {line["role"] for line in asked[3:]} == {"visitor"}


async def test_fault_of_the_service_is_numbered_too(
    copy_of_village: str, settings_for: Callable[[str], Settings]
) -> None:
    app = application.create(settings_for(copy_of_village))

    @app.get("/api/fault", dependencies=[Depends(open_to_all)])
    async def fault() -> None:
        raise ZeroDivisionError

    async with serving(app) as client:
        # As uvicorn has it: the answer comes first, then the error for the log.
        client._transport.raise_app_exceptions = False  # type: ignore[attr-defined] # noqa: SLF001 - httpx has no other way
        answer = await client.get("/api/fault")
    assert answer.status_code == 500
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_error_is_written_without_its_words(connection: Connection) -> None:
    day = "(431322, '2026-11-24', 5)"
    twice = text(f"INSERT INTO access.rows_read VALUES {day}, {day}")  # noqa: S608 - ours
    with pytest.raises(IntegrityError) as caught:
        connection.execute(twice)
    assert "431322" in str(caught.value)
    kind, value, trace = caught.type, caught.value, caught.tb
    record = logging.LogRecord(
        "uvicorn.error",
        logging.ERROR,
        __file__,
        1,
        "Exception in ASGI application\n",
        None,
        (kind, value, trace),
    )
    line = journal.Lines().format(record)
    assert "431322" not in line
    assert json.loads(line)["error"] == "IntegrityError"
    assert "test_journal.py" in json.loads(line)["where"][0]


def test_server_quotes_nothing_in_its_log(connection: Connection) -> None:
    assert doctor.quoting(connection).ok
    connection.execute(text("SET LOCAL log_error_verbosity = 'default'"))
    check = doctor.quoting(connection)
    assert not check.ok
    assert check.do == "ALTER SYSTEM SET log_error_verbosity = 'terse'"


def test_workers_write_lines(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        "import logging, logging.config\n"
        "from gis_service import journal\n"
        "logging.config.dictConfig(journal.config(with_requests=True))\n"
        "logging.getLogger('gis_service.requests').info('request')\n"
        "logging.getLogger('other').info('nothing')\n"
    )
    subprocess.run([sys.executable, str(script)], check=True)
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["says"] == "request"
