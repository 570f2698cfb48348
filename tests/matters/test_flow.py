"""The flow of matters: nothing happens that is not in the table, no clock runs back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.matters import effects, flow
from gis_service.matters.due import WorkCalendar
from gis_service.matters.effects import ImpossibleError, Moment, Wanted
from gis_service.matters.flow import Situation, acts, refusal
from gis_service.matters.models import STATES
from tests import village
from tests.matters.conftest import PEOPLE, ROOFS

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
READERS = [
    Reader(number, login, login, role, Scope(branches), department)
    for number, (login, (role, branches, department)) in enumerate(
        PEOPLE.items(), start=1
    )
]
OPEN = {"reported", "accepted", "assigned", "answered", "checking", "suspended"}


def test_table_leads_to_known_states_and_out_of_every_open_one() -> None:
    known = set(STATES.split())
    for act in acts().values():
        assert act.states <= known
        assert act.to_state in known | {flow.SAME}
    left = {state for act in acts().values() for state in act.states}
    assert known - {"void", "archived"} <= left


def test_closed_states_are_those_the_database_calls_closed() -> None:
    assert set(STATES.split()) - OPEN == effects.CLOSED


Draw = tuple[int, int, int]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(acts()) - 1),
            st.integers(0, len(READERS) - 1),
            st.integers(1, 200_000),
        ),
        max_size=40,
    )
)
def test_no_course_of_acts_leaves_the_table_or_turns_a_clock_back(
    course: list[Draw],
) -> None:
    calendar, now = WorkCalendar(), START
    matter = Situation("reported", reporter_id=1)
    for act_no, reader_no, seconds in course:
        now += timedelta(seconds=seconds)
        act = list(acts().values())[act_no]
        reader = READERS[reader_no]
        if refusal(act, matter, reader) is not None:
            continue
        wanted = Wanted(
            act=act.name,
            version=1,
            opinion="因故",
            receiver=ROOFS,
            until=now + timedelta(days=20),
        )
        try:
            change = effects.change(act, matter, wanted, Moment(now, calendar))
        except ImpossibleError:
            continue
        after = _after(matter, change)
        assert after.state == act.state_after(matter.state)
        assert (after.closed_at is not None) == (after.state in effects.CLOSED)
        _assert_clock_is_honest(matter, after, act.name, now)
        matter = after


def _after(matter: Situation, change: dict[str, object]) -> Situation:
    values = {name: getattr(matter, name) for name in Situation.__slots__}
    values |= {name: one for name, one in change.items() if name in values}
    return Situation(**values)  # type: ignore[arg-type] # columns by their names


def _assert_clock_is_honest(
    before: Situation, after: Situation, act: str, now: datetime
) -> None:
    is_standing = after.state == "suspended"
    if is_standing:
        assert after.due_at is None
    if before.due_at and after.due_at and act != "reopen":
        assert after.due_at >= before.due_at
    if act == "resume" and before.left_s is not None and before.left_s > 0:
        assert after.due_at is not None
        assert after.due_at > now
    assert after.rework_count >= before.rework_count


@pytest.mark.parametrize(
    ("act", "who", "state", "is_allowed"),
    [
        ("accept", "lead", "reported", True),
        ("accept", "officer", "reported", False),
        ("accept", "lead", "closed", False),
        ("answer", "handler", "assigned", True),
        ("answer", "stranger", "assigned", False),
        ("suspend", "lead", "assigned", False),
        ("close", "township", "checking", True),
        ("self_close", "officer", "reported", True),
    ],
)
def test_table_says_who_may(act: str, who: str, state: str, is_allowed: bool) -> None:  # noqa: FBT001 - of the table
    reader = READERS[list(PEOPLE).index(who)]
    matter = Situation(state, department=ROOFS)
    assert (refusal(acts()[act], matter, reader) is None) == is_allowed


def test_lead_of_a_village_does_not_close_what_the_county_handles() -> None:
    lead = READERS[list(PEOPLE).index("lead")]
    assert lead.scope.branches == (village.EAST,)
    at_county = Situation("checking", level="county")
    assert refusal(acts()["close"], at_county, lead) is not None
