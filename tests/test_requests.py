"""What every request passes: HEAD for all that GET gives, and the limit of bodies."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from gis_service.requests import LARGEST_BODY, LARGEST_WITH_POLYGON

HERE = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
BESIDE_OPENAPI = ("/", "/api/docs", "/api/openapi.json", "/nothing")
POSTS = ("/api/session", "/api/tokens", "/api/query/within")


async def _get_addresses(client: httpx.AsyncClient) -> list[str]:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    described = [path for path, acts in paths.items() if "get" in acts]
    return [*BESIDE_OPENAPI, *(re.sub(r"{\w+}", "1", path) for path in described)]


async def test_head_is_answered_wherever_get_is(client: httpx.AsyncClient) -> None:
    addresses = await _get_addresses(client)
    assert len(addresses) > 30
    for address in addresses:
        shown = await client.get(address)
        head = await client.head(address)
        assert head.status_code == shown.status_code, address
        assert head.content == b"", address
        assert _steady(head) == _steady(shown), address


def _steady(answer: httpx.Response) -> dict[str, str]:
    # What is drawn anew for every request is never twice the same.
    drawn = {"date", "location", "set-cookie", "x-request-id"}
    return {name: value for name, value in answer.headers.items() if name not in drawn}


async def test_wrong_method_names_head_among_the_right_ones(
    client: httpx.AsyncClient,
) -> None:
    refused = await client.delete("/api/health")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD"
    assert not refused.json()["detail"][0].isascii()


@pytest.mark.parametrize("address", POSTS)
async def test_long_body_is_refused_before_it_is_read(
    client: httpx.AsyncClient, address: str
) -> None:
    is_drawn = address.startswith("/api/query/")
    limit = LARGEST_WITH_POLYGON if is_drawn else LARGEST_BODY
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += limit // 4
            yield b" " * (limit // 4)

    for content in (b" " * (limit + 1), parts()):
        answer = await client.post(address, content=content, headers=HERE)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["code"] == "too_large"
        assert sent <= limit * 1.5
        assert not answer.json()["detail"][0].isascii()


@pytest.mark.parametrize("address", ["/api/session", "/api/query/within"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"login": "\xff"}',
        b"[" * 50_000,
        b"1" * 5_000,
        b'{"login": "\\ud800", "password": "x"}',
        b"null",
        b'{"login": "a\\u0000", "password": "x"}',
    ],
    ids=["open", "none", "bytes", "deep", "digits", "half", "null", "nul"],
)
async def test_body_that_is_no_json_is_a_problem_with_a_sentence(
    client: httpx.AsyncClient, address: str, body: bytes
) -> None:
    answer = await client.post(address, content=body, headers=HERE)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not answer.json()["detail"][0].isascii()
