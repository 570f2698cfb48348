"""Whatever the OpenAPI document allows to be sent: no answer is a fault of ours."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.security.conftest import Fort
from tests.security.table import ASKERS, Asker

NAMES = ("visitor", "officer on the page", "supervisor of the county", "planner")
CASES = 100
SIGNING_OUT = {
    "DELETE /api/session",
    "DELETE /api/account/sessions/{session_id}",
}
"""Not asked: whoever asks must be signed in to the end, here and in other tests."""


@pytest.fixture(scope="module")
def answered() -> Counter[int]:
    """Return how often each status was answered, to everybody."""
    return Counter()


@pytest.mark.parametrize(
    "asker",
    [each for each in ASKERS if each.name in NAMES],
    ids=lambda asker: asker.name,
)
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_no_request_of_the_document_makes_a_fault(
    fort: Fort, asker: Asker, answered: Counter[int], data: st.DataObject
) -> None:
    schema = schemathesis.openapi.from_dict(fort.app.openapi())
    operations = [each.ok() for each in schema.get_all_operations()]
    asked = [each for each in operations if each.label not in SIGNING_OUT]
    assert len(operations) - len(asked) == len(SIGNING_OUT)
    operation = data.draw(st.sampled_from(asked))
    case = data.draw(operation.as_strategy())
    sent = case.as_transport_kwargs(base_url="http://grid.test")
    sent.pop("cookies", None)
    if not isinstance(sent.get("data", {}), dict):
        # A raw body is called so by requests, and ``content`` by httpx.
        sent["content"] = sent.pop("data")
    sent["headers"] = {**dict(sent.get("headers") or {}), **fort.headers(asker)}
    answer = await fort.client.request(**sent)
    answered[answer.status_code] += 1
    assert answer.status_code < 500, (sent, answer.text)


def test_hundreds_were_answered_in_every_way(answered: Counter[int]) -> None:
    assert answered.total() >= CASES * len(NAMES) * 0.9, answered
    assert {200, 401, 403, 404, 422} <= set(answered), answered
