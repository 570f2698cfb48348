"""Identity numbers: which are right, and what is said of those that are not."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from stdnum.cn import ric

from gis_service.people import id_number
from gis_service.people.id_number import (
    CONVERTED,
    FEMALE,
    MALE,
    MESSAGES,
    NORMALISED,
    IdNumberError,
    check,
    check_all,
    is_spoilt,
)

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("number", "birth_on", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), FEMALE),
        ("990101199001010019", date(1990, 1, 1), MALE),
        ("99010119560229002X", date(1956, 2, 29), FEMALE),
        ("990101201506010030", date(2015, 6, 1), MALE),
    ],
)
def test_right_number_tells_birth_and_sex(
    number: str, birth_on: date, sex: int
) -> None:
    checked = check(number, TODAY)
    assert (checked.number, checked.birth_on, checked.sex) == (number, birth_on, sex)
    assert checked.notice is None


def test_old_number_of_15_digits_is_converted_with_a_notice() -> None:
    checked = check("432524651130123", TODAY)
    assert checked.number == "432524196511301233"
    assert checked.notice == CONVERTED


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "'11010519491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002Ｘ",
        "\ufeff11010519491231002x\t",
    ],
)
def test_number_is_brought_into_its_normal_form_with_a_notice(typed: str) -> None:
    checked = check(typed, TODAY)
    assert checked.number == "11010519491231002X"
    assert checked.notice == NORMALISED


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("无", "characters"),
        ("99010119900101001A", "characters"),
        ("X90101199001010019", "characters"),
        ("9901011990010100", "length"),
        ("9901011990010100199", "length"),
        ("990101199002300011", "birth"),
        ("990101199013010011", "birth"),
        ("990101199000010011", "birth"),
        ("990101199001000011", "birth"),
        ("99010119000229001X", "birth"),
        ("610104620932690", "birth"),
        ("990101202611250011", "future"),
        ("990101299901010011", "future"),
        ("990101190611230011", "age"),
        ("440524188001010014", "age"),
        ("990101199001010018", "check_digit"),
        ("990101199001010010", "check_digit"),
        ("99010119900101001X", "check_digit"),
    ],
)
def test_wrong_number_is_refused_with_its_reason(number: str, kind: str) -> None:
    with pytest.raises(IdNumberError) as refusal:
        check(number, TODAY)
    assert refusal.value.kind == kind
    assert refusal.value.detail == MESSAGES[kind]


def test_expected_check_digit_is_told_apart_from_the_message() -> None:
    with pytest.raises(IdNumberError) as refusal:
        check("990101199001010018", TODAY)
    assert refusal.value.expected == "9"
    assert "9" not in str(refusal.value.problem())


def test_every_wrong_last_character_is_found() -> None:
    wrong = [f"99010119900101001{sign}" for sign in "012345678X"]
    checked = check_all(pd.Series(wrong), TODAY)
    assert set(checked["problem"]) == {"check_digit"}
    assert set(checked["expected"]) == {"9"}


def test_person_of_exactly_120_years_is_accepted() -> None:
    body = "99010119061124001"
    number = body + id_number.check_character(body)
    assert check(number, TODAY).birth_on == date(1906, 11, 24)
    with pytest.raises(IdNumberError, match="120"):
        check(number, date(2026, 11, 25))


def test_area_that_no_longer_exists_is_accepted() -> None:
    for number in ("44040119580101000X", "431399195601027674", "432524196511301233"):
        assert check(number, TODAY).number == number


def test_numbers_of_hong_kong_and_taiwan_residents_are_accepted() -> None:
    assert check("810000199408230021", TODAY).sex == FEMALE
    assert check("830000199201300022", TODAY).sex == FEMALE


def test_column_is_checked_like_each_of_its_numbers() -> None:
    random = np.random.default_rng(7)
    bodies = [
        f"990101{year}{month:02}{day:02}{sequence:03}"
        for year, month, day, sequence in zip(
            random.integers(1880, 2040, 500),
            random.integers(0, 14, 500),
            random.integers(0, 33, 500),
            random.integers(0, 1000, 500),
            strict=True,
        )
    ]
    numbers = [body + str(random.choice(list("0123456789X"))) for body in bodies]
    numbers += [body + id_number.check_character(body) for body in bodies]
    checked = check_all(pd.Series(numbers), date(2099, 1, 1))
    is_right = checked["problem"].isna()
    for number, right, problem in zip(
        numbers, is_right, checked["problem"], strict=True
    ):
        # The library knows areas and no age; leave those out of the comparison.
        body_is_right = ric.calc_check_digit(number) == number[-1]
        assert body_is_right or not right
        assert problem != "check_digit" or not body_is_right
    assert is_right.any()


def test_column_keeps_its_index_even_when_it_repeats() -> None:
    numbers = pd.Series(
        ["432524651130123", "990101199001010019", None, "甲"], index=[7, 7, 9, 9]
    )
    checked = check_all(numbers, TODAY)
    assert checked.index.tolist() == [7, 7, 9, 9]
    assert checked["number"].iloc[0] == "432524196511301233"
    assert checked["problem"].isna().tolist() == [True, True, False, False]
    assert checked["problem"].tolist()[2:] == ["empty", "characters"]
    assert checked["sex"].tolist() == [MALE, MALE, 0, 0]
    assert checked["birth_on"].isna().tolist() == [False, False, True, True]


def test_empty_column_gives_an_empty_frame() -> None:
    assert check_all(pd.Series([], dtype="str"), TODAY).empty


@pytest.mark.parametrize(
    ("column", "spoilt"),
    [
        ([431322199001009984.0, 1.0], True),
        ([431322199001009984], True),
        (["4.31322E+17", "4.31322e+17"], True),
        (["431322199001010000", "431322198502030000"], True),
        (["431322199001010000.0", "431322198502030000.0", None], True),
        (["990101199001010019", "99010119560229002X"], False),
        (["990101199001010019", "990101199001010000", "990101201506010030"], False),
        ([12, 13], False),
        ([], False),
    ],
)
def test_column_kept_as_numbers_is_recognised(
    column: list[object],
    spoilt: bool,  # noqa: FBT001 - a table of cases
) -> None:
    assert is_spoilt(pd.Series(column)) is spoilt
