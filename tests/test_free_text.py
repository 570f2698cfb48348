"""Numbers of persons in free text: hidden however they are written, others left."""

import pytest

from gis_service import free_text

ID_NUMBER = "990101198001010019"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"王某{ID_NUMBER}来访", "王某990101********0019来访"),
        ("99010119800101001x。", "990101********001x。"),
        ("990101 19800101 0019", "990101 ******** 0019"),
        ("９９０１０１１９８００１０１００１９", "９９０１０１********００１９"),
        ("电话13812345678", "电话138****5678"),
        ("138 1234 5678、139-1234-5679", "138 **** 5678、139-****-5679"),
        ("+86 13812345678 8613812345679", "+86 138****5678 86138****5679"),
    ],
)
def test_number_of_a_person_is_hidden(written: str, kept: str) -> None:
    assert free_text.masked(written) == kept
    assert free_text.notice("", written) == free_text.NOTICE
    assert free_text.masked(kept) == kept


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "路灯坏了，3天无人修",
        "事项20261124431322000001",
        "网格431322001201001",
        "户43132200120100112",
        "座机0738-8889999",
        "12345678901 和 111.25, 27.75",
    ],
)
def test_other_text_is_left(written: str | None) -> None:
    assert free_text.masked(written) == written
    assert free_text.notice(written) is None
