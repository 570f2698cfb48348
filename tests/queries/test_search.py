"""Finding places and people by what they are called."""

from typing import Any

import pytest

from tests.queries.conftest import AsReader
from tests.village import COUNTY, EAST, FAR, FIRST_CELL, NEAR_TOWNSHIP


async def _find(ask: AsReader, words: str, role: str, *branches: str) -> list[Any]:
    async with ask(role, *branches) as client:
        answer = await client.get("/api/search", params={"q": words, "limit": 50})
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


async def test_family_name_alone_lists_nobody(ask: AsReader) -> None:
    assert await _find(ask, "赵", "supervisor", COUNTY) == []


@pytest.mark.parametrize("words", ["", "  ", "\0", "a" * 61])
async def test_nothing_to_look_for_is_refused(ask: AsReader, words: str) -> None:
    async with ask("visitor") as client:
        answer = await client.get("/api/search", params={"q": words})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
