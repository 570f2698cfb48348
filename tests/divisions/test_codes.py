"""Codes of divisions as files bring them."""

import pytest

from gis_service.divisions import codes
from gis_service.divisions.codes import Level, MalformedCodeError


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("43", "43"),
        ("430000000000", "43"),
        ("431300", "4313"),
        ("431322", "431322"),
        ("431322000", "431322"),
        ("431322001000", "431322001"),
        ("431322101", "431322101"),
        ("431322500000", "431322500"),
        ("431322111216", "431322111216"),
        ("431322111216.0", "431322111216"),
        (431322111216.0, "431322111216"),
        (431322101, "431322101"),
        (" 4313 2211 1216 ", "431322111216"),
        ("'431322111216", "431322111216"),
        ("４３１３２２", "431322"),
        ("431322111216001", "431322111216001"),
        ("431322111216000", "431322111216"),
        ("43132211121603", "43132211121603"),
        ("43132211121600102", "43132211121600102"),
    ],
)
def test_code_is_kept_by_its_significant_digits(given: object, clean: str) -> None:
    assert codes.normalise(given) == clean


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "missing"),
        ("", "missing"),
        (float("nan"), "missing"),
        ("000000", "missing"),
        ("4.31322E+11", "damaged"),
        (4.3132211121600102e16, "damaged"),
        (4313.5, "not_digits"),
        (-431322, "not_digits"),
        ("娘家村", "not_digits"),
        ("431322١", "not_digits"),
        ("43132", "length"),
        ("4313221112160010", "length"),
    ],
)
def test_what_is_no_code_is_refused_with_its_reason(
    given: object, problem: str
) -> None:
    with pytest.raises(MalformedCodeError) as refusal:
        codes.normalise(given)
    assert refusal.value.problem()["problem"] == problem
    assert refusal.value.status == 422


def test_levels_and_parents_follow_the_digits() -> None:
    cell = "431322111216001"
    assert codes.level(cell) is Level.CELL
    assert codes.parent(cell) == "431322111216"
    assert codes.parent("43132211121600102") == cell
    assert codes.parent("43132211121603") == "431322111216"
    assert codes.parent("431322111216") == "431322111"
    assert codes.parent("43") == ""
    assert codes.ancestor(cell, Level.TOWNSHIP) == "431322111"
    with pytest.raises(MalformedCodeError):
        codes.ancestor("431322", Level.VILLAGE)


def test_code_of_another_level_is_refused_by_name() -> None:
    assert codes.at_level("431322001000", Level.TOWNSHIP) == "431322001"
    with pytest.raises(MalformedCodeError, match="乡镇编码，这里需要村编码"):
        codes.at_level("431322001000", Level.VILLAGE)


def test_zeros_on_the_left_come_back() -> None:
    assert codes.child("431322", 1) == "431322001"
    assert codes.child("431322101", "201.0") == "431322101201"
    assert codes.child("431322101201", 7) == "431322101201007"
    assert codes.restore_zeros(101, 4) == "0101"
    with pytest.raises(MalformedCodeError):
        codes.child("431322", 1000)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("431322001", "街道"),
        ("431322118", "镇"),
        ("431322206", "乡"),
        ("431322500", "类似乡级"),
        ("431322999", "其他"),
    ],
)
def test_township_part_tells_the_kind_and_refuses_none(code: str, kind: str) -> None:
    assert codes.township_kind(code) == kind


@pytest.mark.parametrize(
    ("part", "kind"), [("001", "社区"), ("201", "村"), ("401", "类似村级")]
)
def test_village_part_tells_the_kind(part: str, kind: str) -> None:
    assert codes.village_kind(f"431322101{part}001") == kind
