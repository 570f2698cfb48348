"""Every act that is recorded anywhere has a title."""

import ast

from gis_service.access import acts, trail
from tests.house.source import MODULES, tree

RECORDERS = {trail.record.__name__, trail.record_reading.__name__}


def _recorded() -> dict[str, str]:
    """Return the acts recorded, and where; an act is written out where it is."""
    found: dict[str, str] = {}
    for file in MODULES:
        for call in ast.walk(tree(file)):
            is_call = isinstance(call, ast.Call)
            if not is_call or not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr in RECORDERS and ast.unparse(call.func.value) == "trail":
                act = call.args[2]
                where = f"{file.name}:{call.lineno}"
                assert isinstance(act, ast.Constant), f"{where}: write the act out"
                found[str(act.value)] = where
    return found


def test_every_act_has_a_title() -> None:
    recorded = _recorded()
    assert "signed_in" in recorded
    assert recorded.keys() - acts.TITLES.keys() == set()


def test_titles_are_chinese_and_english() -> None:
    for title, title_en in acts.TITLES.values():
        assert not title[0].isascii()
        assert title_en.isascii()


def test_act_without_title_is_shown_as_it_is() -> None:
    assert acts.title("signed_in") == "登录"
    assert acts.title("of_former_days") == "of_former_days"
