"""Every route, asked by everybody about every place: its status and its words."""

import time
from collections import Counter

import httpx
import pytest

from tests.security.canaries import CANARIES, SECRETS, Watch
from tests.security.conftest import Fort
from tests.security.readings import words
from tests.security.table import ASKERS, Asker, Request, requests

MOST_SECONDS = 90
"""Of this process alone, whatever else the machine is doing."""


class Matrix:
    """The requests of everybody, and what was wrong with their answers."""

    def __init__(self, fort: Fort) -> None:
        self._fort = fort
        self.watches = Watch.all(ASKERS)
        self.faults: list[str] = []
        self.revealed: dict[str, set[str]] = {}
        self.count: Counter[int] = Counter()
        self.seconds = 0.0

    async def run(self) -> None:
        """Send everything."""
        start = time.process_time()
        for request in requests(self._fort.places, self._fort.fixed):
            for asker in ASKERS:
                await self._ask(request, asker)
        self.seconds = time.process_time() - start

    async def _ask(self, request: Request, asker: Asker) -> None:
        headers = self._fort.headers(asker)
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        answer = await self._fort.client.request(
            request.route.method, request.address, headers=headers, content=request.body
        )
        self.count[answer.status_code] += 1
        said = f"{asker.name}: {request.route.method} {request.address}"
        expected = request.status(asker)
        if answer.status_code != expected:
            self.faults.append(f"{said} is {answer.status_code}, not {expected}")
        self._look(request, asker, answer, said)

    def _look(
        self, request: Request, asker: Asker, answer: httpx.Response, said: str
    ) -> None:
        told = words(answer)
        if request.route.reveals and answer.status_code == 200:
            self.revealed.setdefault(asker.name, set()).update(SECRETS.findall(told))
            return
        # What was asked for comes back in links; it tells nobody anything.
        for blank in (request.place.blanks if request.place else {}).values():
            told = told.replace(f"q={blank}", "")
        if found := self.watches[asker.name].found_in(told):
            self.faults.append(f"{said} tells {sorted(found)}")


@pytest.fixture(scope="module")
async def matrix(fort: Fort) -> Matrix:
    run = Matrix(fort)
    await run.run()
    return run


def test_everybody_gets_what_the_table_says_and_no_word_of_others(
    matrix: Matrix,
) -> None:
    shown = "\n".join(matrix.faults[:40])
    assert not matrix.faults, f"{len(matrix.faults)} faults, such as\n{shown}"


def test_it_is_thousands_of_requests_and_not_a_matter_of_minutes(
    matrix: Matrix,
) -> None:
    assert matrix.count.total() >= 5_000, matrix.count
    assert {200, 401, 403, 404} <= set(matrix.count)
    assert matrix.seconds < MOST_SECONDS, f"{matrix.seconds:.0f} s"


@pytest.mark.parametrize("asker", ASKERS, ids=lambda each: each.name)
def test_asker_has_seen_all_that_is_its_own(matrix: Matrix, asker: Asker) -> None:
    # Otherwise the marks could be looked for in vain, and nothing were proved.
    watch = matrix.watches[asker.name]
    assert watch.seen & watch.allowed == watch.allowed


def test_reveal_tells_those_of_the_scope_and_nobody_else(matrix: Matrix) -> None:
    page = [each for each in ASKERS if each.by == "session" and each.state == "good"]
    may = {"officer", "lead", "supervisor"}
    for asker in page:
        own = {
            canary.name
            for canary in CANARIES
            if asker.role in may and asker.covers(canary.cell)
        }
        told = matrix.revealed.get(asker.name, set())
        assert own <= told
        others = {each.name for each in CANARIES} - own
        assert not told & others
    assert set(matrix.revealed) <= {asker.name for asker in page}


def test_no_canary_is_in_the_log_of_the_service(fort: Fort, matrix: Matrix) -> None:
    assert matrix.count
    told = "\n".join(fort.log.lines)
    assert not set(SECRETS.findall(told))


def test_no_canary_is_in_the_log_of_the_database(fort: Fort, matrix: Matrix) -> None:
    assert matrix.count
    log = fort.database_log()
    assert log.count("people.residents") > 100, "statements are written down"
    assert not set(SECRETS.findall(log))
