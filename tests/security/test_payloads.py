"""Whatever is put in the place of any parameter: an answer, at once, and no fault."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.security.conftest import Fort
from tests.security.payloads import MANY, WORD, payloads
from tests.security.table import ASKERS, ROUTES, Asker, Route

FULL = ("filter", "q", "body")
"""Parameters that get all payloads; the others share them out between them."""

SHARE = 40
"""Every so many payloads for each of the other parameters, another choice for each."""

LONGEST_PATH = 60_000
"""What a server takes of an address; beyond that it answers 400 before we see it."""

ATTEMPTS = 4
"""What was slow once is asked again: the machine may have been at something else."""

HEADERS = (
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie"),
    *("Host", "If-None-Match", "If-Modified-Since", "Origin", "Range", "Referer"),
    *("Sec-Fetch-Site", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host"),
)
_SAMPLE = {
    "layer_id": "villages",
    "map_id": "county",
    "tile_matrix_set": "WebMercatorQuad",
}


@dataclass(frozen=True)
class Target:
    """One parameter of one route."""

    route: Route
    where: str
    name: str
    path: str
    body: dict[str, Any] | None


def _targets(document: dict[str, Any]) -> Iterator[Target]:
    """Go through every parameter that the service says it takes."""
    described = document["paths"]
    for route in ROUTES:
        method, path = route.route.split(maxsplit=1)
        operation = described.get(path, {}).get(method.lower(), {})
        body = json.loads(route.body) if _is_json(route.body) else None
        for each in operation.get("parameters", ()):
            if each["in"] in {"path", "query"}:
                yield Target(route, each["in"], each["name"], path, body)
        if "requestBody" in operation:
            yield Target(route, "whole body", "body", path, body)
            for name in _members(operation["requestBody"], document):
                yield Target(route, "body", name, path, body)
        yield Target(route, "query", WORD, path, body)
    for name in HEADERS:
        route = next(each for each in ROUTES if each.route == "GET /api/session")
        yield Target(route, "header", name, "/api/session", None)
        path = "/api/ogc/collections/villages/items"
        yield Target(route, "header", name, path, None)


def _is_json(body: str | None) -> bool:
    return body is not None and "{polygon}" not in body


def _members(body: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    schema = body["content"]["application/json"]["schema"]
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = document["components"]["schemas"][name]
    yield from schema.get("properties", ())


def _request(client: httpx.AsyncClient, target: Target, text: str) -> httpx.Request:
    sent = text.encode("utf-8", "surrogatepass")
    path = target.path
    for name in [part.split("}")[0] for part in target.path.split("{")[1:]]:
        is_asked = target.where == "path" and name == target.name
        value = quote(sent, safe="") if is_asked else _SAMPLE.get(name, "1")
        path = path.replace("{" + name + "}", value)
    if target.where == "query":
        path += f"?{quote(target.name)}={quote(sent, safe='')}"
    content, headers = None, [(b"Sec-Fetch-Site", b"same-origin")]
    if target.where == "whole body":
        content = sent
    elif target.body is not None or target.where == "body":
        told = {
            **(target.body or {}),
            **({target.name: text} if target.where == "body" else {}),
        }
        content = json.dumps(told).encode()
    if content is not None:
        headers.append((b"Content-Type", b"application/json"))
    if target.where == "header":
        headers = [(target.name.encode(), sent.replace(b"\r", b"").replace(b"\n", b""))]
    url = httpx.URL("http://grid.test", raw_path=path.encode()[:LONGEST_PATH])
    return client.build_request(
        target.route.method, url, headers=headers, content=content
    )


def _best(route: Route) -> Asker:
    """Return somebody who may use a route, with a token and the widest scope."""
    by_token = [each for each in ASKERS if each.by == "token" and each.state == "good"]
    may = [each for each in by_token if route.is_for(each.role)]
    return min(may, key=lambda each: min(map(len, each.branches), default=99))


def _chosen(target: Target, number: int, texts: list[str]) -> list[str]:
    is_ours = target.name in FULL and "session" not in target.path
    return texts if is_ours else texts[number % SHARE :: SHARE]


class Siege:
    """All payloads sent, and what was wrong."""

    def __init__(self, fort: Fort) -> None:
        self._fort = fort
        self.faults: list[str] = []
        self.slow: list[str] = []
        self.count = 0

    async def run(self, document: dict[str, Any]) -> None:
        """Send every target its payloads."""
        texts = payloads()
        for number, target in enumerate(_targets(document)):
            for text in _chosen(target, number, texts):
                await self._send(target, text)

    async def _send(self, target: Target, text: str) -> None:
        request = _request(self._fort.client, target, text)
        if "authorization" not in request.headers and target.where != "header":
            request.headers.update(self._fort.shown[_best(target.route).name])
        said = f"{target.route.method} {target.path} {target.name}={text[:60]!r}"
        for _ in range(ATTEMPTS):
            start = time.perf_counter()
            answer = await self._fort.client.send(request)
            seconds = time.perf_counter() - start
            if seconds <= 1:
                break
        self.count += 1
        if answer.status_code >= 500:
            self.faults.append(f"{said} is {answer.status_code}: {answer.text[:200]}")
        if seconds > 1:
            self.slow.append(f"{said} took {seconds:.1f} s")


@pytest.fixture(scope="module")
async def siege(fort: Fort) -> Siege:
    made = Siege(fort)
    await made.run(fort.app.openapi())
    return made


def test_there_are_a_thousand_different_payloads() -> None:
    assert len(set(payloads())) == MANY


def test_every_payload_is_answered_and_never_by_a_fault(siege: Siege) -> None:
    shown = "\n".join(siege.faults[:20])
    assert not siege.faults, f"{len(siege.faults)} of {siege.count}, such as\n{shown}"
    assert siege.count > 5 * MANY


def test_no_payload_takes_a_second(siege: Siege) -> None:
    assert siege.slow == []


async def test_service_is_alive_after_all_of_them(siege: Siege, fort: Fort) -> None:
    assert siege.count
    assert (await fort.client.get("/api/ready")).status_code == 200


def test_no_statement_holds_a_payload(siege: Siege, fort: Fort) -> None:
    assert siege.count
    log = fort.database_log()
    assert log.count("execute") > 1_000
    found = [line for line in log.splitlines() if WORD in line]
    assert found == [], found[:5]
