"""Finding places and people by what they are called."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from gis_service.cluster import Cluster
from gis_service.people import sealing
from gis_service.people.sealing import sealer_of
from gis_service.settings import Settings
from tests.given_server import GivenServer
from tests.queries.conftest import AsReader
from tests.village import COUNTY, EAST, FAR, FIRST_CELL, NEAR_TOWNSHIP


async def _find(ask: AsReader, words: str, role: str, *branches: str) -> list[Any]:
    async with ask(role, *branches) as client:
        answer = await client.post("/api/search", json={"q": words, "limit": 50})
    assert answer.status_code == 200, answer.text
    results: list[Any] = answer.json()["results"]
    return results


async def test_name_finds_the_village_before_its_cells(ask: AsReader) -> None:
    results = await _find(ask, "东村", "visitor")
    assert (results[0]["kind"], results[0]["code"]) == ("village", EAST)
    assert results[0]["subtitle"] == "甲街道"
    assert {each["kind"] for each in results[1:]} == {"cell", "center"}
    west, south, east, north = results[0]["bounds"]
    lon, lat = results[0]["center"]
    assert west < lon < east
    assert south < lat < north


async def test_code_finds_what_begins_with_it(ask: AsReader) -> None:
    codes = [each["code"] for each in await _find(ask, NEAR_TOWNSHIP, "visitor")]
    assert codes[0] == NEAR_TOWNSHIP
    assert FIRST_CELL in codes
    assert FAR not in codes


@pytest.mark.parametrize("words", ["%", "_", "%村", "\\", "' OR true --"])
async def test_wildcards_are_plain_characters(ask: AsReader, words: str) -> None:
    assert await _find(ask, words, "supervisor", COUNTY) == []


async def test_resident_is_found_masked_and_in_the_scope_alone(ask: AsReader) -> None:
    results = await _find(ask, "赵一", "lead", EAST)
    people = [each for each in results if each["kind"] == "resident"]
    assert len(people) == 3
    assert {each["title"] for each in people} == {"赵**"}
    assert {each["subtitle"] for each in people} == {"东村"}


async def test_household_is_found_by_number_and_by_address(ask: AsReader) -> None:
    for words in ("H2", "1组2号"):
        (home,) = await _find(ask, words, "lead", EAST)
        assert (home["kind"], home["code"]) == ("household", "H2")
        assert home["subtitle"] == "东村1组"


@pytest.mark.parametrize("role", ["visitor", "planner", "handler", "administrator"])
@pytest.mark.parametrize("words", ["赵一一", "H2", "1组2号"])
async def test_people_are_found_by_nobody_else(
    ask: AsReader, role: str, words: str
) -> None:
    assert await _find(ask, words, role, COUNTY) == []


async def test_one_character_is_a_surname(ask: AsReader) -> None:
    results = await _find(ask, "赵", "officer", FIRST_CELL)
    assert [each["title"] for each in results] == ["赵**"]
    assert await _find(ask, "一", "supervisor", COUNTY) == []


@pytest.mark.parametrize("words", ["一一", "zyy", "ZYY", "yy"])
async def test_part_and_initials_find_within_the_scope_alone(
    ask: AsReader, words: str
) -> None:
    results = await _find(ask, words, "officer", FIRST_CELL)
    assert [each["code"] for each in results] == ["10"]
    everywhere = await _find(ask, words, "supervisor", COUNTY)
    assert len([each for each in everywhere if each["kind"] == "resident"]) == 5


@pytest.mark.parametrize("words", ["dc", "dongcun", "dong cun"])
async def test_pinyin_finds_the_village_before_its_cells(
    ask: AsReader, words: str
) -> None:
    results = await _find(ask, words, "visitor")
    assert (results[0]["kind"], results[0]["code"]) == ("village", EAST)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("单一", "sy"), ("曾一", "zy"), ("解一", "xy"), ("仇一", "qy"), ("张三", "zs")],
)
def test_surnames_are_spelled_as_they_are_spoken(
    connection: Connection, name: str, initials: str
) -> None:
    query = text("SELECT people.initials(:name)")
    assert connection.execute(query, {"name": name}).scalar_one() == initials


def test_directory_follows_every_change(connection: Connection) -> None:
    query = text(
        "SELECT words, keys FROM people.directory "
        "WHERE kind = 'resident' AND grid_code = :code"
    )
    change = "UPDATE people.residents SET name = '曾三' WHERE id = 10"
    connection.execute(text(change))
    kept = connection.execute(query, {"code": FIRST_CELL}).one()
    assert kept == ("\n曾三\n钱二\n", "\nzs\nqe\n")
    connection.execute(text("DELETE FROM people.residents WHERE id = 11"))
    kept = connection.execute(query, {"code": FIRST_CELL}).one()
    assert kept.words == "\n曾三\n"
    moved = "UPDATE people.residents SET grid_code = :code WHERE id = 10"
    connection.execute(text(moved), {"code": f"{EAST}003"})
    assert connection.execute(query, {"code": FIRST_CELL}).one().words == ""
    assert connection.execute(query, {"code": f"{EAST}003"}).one().words == "\n曾三\n"


@pytest.fixture
def numbers(
    cluster: Cluster | GivenServer, ask: AsReader, data_folder: Path
) -> Iterator[tuple[str, str]]:
    """Give a resident of the first cell an identity number and a telephone."""
    del ask
    number, phone = "990001194501010013", "13900000001"
    sealer = sealer_of(Settings(data_folder=data_folder))
    indexes = (*sealer.index([number]), *sealer.index([phone], sealing.PHONE))
    change = (
        "UPDATE people.residents SET id_number_index = %s, phone_index = %s "
        "WHERE id = 10"
    )
    with psycopg.connect(cluster.dsn("queries"), autocommit=True) as owner:
        owner.execute(change, indexes)
        yield number, phone
        owner.execute(change, (None, None))


async def test_whole_number_finds_its_resident_masked_and_on_the_trail(
    ask: AsReader, numbers: tuple[str, str], cluster: Cluster | GivenServer
) -> None:
    for number in numbers:
        (found,) = await _find(ask, number, "officer", FIRST_CELL)
        assert (found["code"], found["title"]) == ("10", "赵**")
        assert await _find(ask, number, "officer", f"{EAST}002") == []
        assert await _find(ask, number, "visitor") == []
        assert await _find(ask, number[:-1], "supervisor", COUNTY) == []
    with psycopg.connect(cluster.dsn("queries")) as owner:
        lines = owner.execute(
            "SELECT trail::text FROM access.trail AS trail "
            "WHERE act = 'searched_number'"
        ).fetchall()
    assert len(lines) == 4
    # Whom the officer was shown; those in another cell found nobody.
    assert sum("resident 10" in line for (line,) in lines) == 2
    assert not any(number in line for (line,) in lines for number in numbers)


async def test_number_in_an_address_finds_nobody(
    ask: AsReader, numbers: tuple[str, str]
) -> None:
    async with ask("officer", FIRST_CELL) as client:
        for number in numbers:
            answer = await client.get("/api/search", params={"q": number})
            assert (answer.status_code, answer.json()["results"]) == (200, [])


async def test_token_finds_nobody_by_number(
    ask: AsReader, numbers: tuple[str, str]
) -> None:
    scopes = frozenset({"read:layers"})
    async with ask("officer", FIRST_CELL, token_scopes=scopes) as client:
        for number in numbers:
            answer = await client.post("/api/search", json={"q": number})
            assert (answer.status_code, answer.json()["results"]) == (200, [])
        named = await client.post("/api/search", json={"q": "赵一"})
        assert {each["kind"] for each in named.json()["results"]} == {"resident"}


@pytest.mark.parametrize("words", ["", "  ", "\0", "a\x07b", "a" * 61, "a" * 10_000])
async def test_nothing_to_look_for_is_refused(ask: AsReader, words: str) -> None:
    async with ask("visitor") as client:
        answer = await client.get("/api/search", params={"q": words})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_asked_in_a_body_is_answered_alike(ask: AsReader) -> None:
    async with ask("lead") as client:
        plain = await client.get("/api/search", params={"q": "东村", "limit": 5})
        unseen = await client.post("/api/search", json={"q": "东村", "limit": 5})
        wrong = await client.post("/api/search", json={"q": "", "rank": 1})
    assert plain.json()["results"]
    assert unseen.json() == plain.json()
    assert wrong.status_code == 422
