"""Personal values sealed, opened, moved about and tampered with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_service.people.sealing import (
    ID_NUMBER,
    PHONE,
    SealBrokenError,
    Sealer,
    normalised,
)

SEALER = Sealer(b"k" * 32)
NUMBER = "990101199001010019"


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_sealed_values_open_again(values: list[str | None]) -> None:
    assert SEALER.open(SEALER.seal(values, PHONE), PHONE) == values


def test_equal_values_are_sealed_differently() -> None:
    one, other = SEALER.seal([NUMBER, NUMBER], ID_NUMBER)
    assert one != other
    assert one is not None
    assert NUMBER.encode() not in one


def test_form_is_version_key_nonce_text_tag() -> None:
    (sealed,) = SEALER.seal([NUMBER], ID_NUMBER)
    assert sealed is not None
    assert sealed[:1] == b"\x01"
    assert sealed[1:5] == SEALER.key_id
    assert len(sealed) == 1 + 4 + 12 + len(NUMBER) + 16


def test_any_flipped_bit_is_found() -> None:
    (sealed,) = SEALER.seal([NUMBER], ID_NUMBER)
    assert sealed is not None
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBrokenError):
            SEALER.open([bytes(altered)], ID_NUMBER)


@pytest.mark.parametrize("cut", [0, 1, 5, 16, 20, 50])
def test_cut_value_does_not_open(cut: int) -> None:
    (sealed,) = SEALER.seal([NUMBER], ID_NUMBER)
    assert sealed is not None
    with pytest.raises(SealBrokenError):
        SEALER.open([sealed[:cut]], ID_NUMBER)


def test_value_moved_to_another_column_does_not_open() -> None:
    sealed = SEALER.seal([NUMBER], ID_NUMBER)
    with pytest.raises(SealBrokenError):
        SEALER.open(sealed, PHONE)


def test_other_master_key_opens_nothing_unless_it_knows_the_old_one() -> None:
    sealed = SEALER.seal([NUMBER], ID_NUMBER)
    with pytest.raises(SealBrokenError):
        Sealer(b"n" * 32).open(sealed, ID_NUMBER)
    renewed = Sealer(b"n" * 32, older_keys=[b"k" * 32])
    assert renewed.open(sealed, ID_NUMBER) == [NUMBER]


def test_index_is_equal_for_equal_numbers_however_typed() -> None:
    typed = [
        "11010519491231002X",
        "11010519491231002x",
        " １１０１０５19491231002X",
        None,
    ]
    first, second, third, missing = SEALER.index(typed)
    assert first == second == third
    assert first is not None
    assert len(first) == 16
    assert missing is None


def test_index_tells_neither_across_columns_nor_across_keys() -> None:
    (by_id,) = SEALER.index([NUMBER])
    (by_phone,) = SEALER.index([NUMBER], PHONE)
    (elsewhere,) = Sealer(b"n" * 32).index([NUMBER])
    assert len({by_id, by_phone, elsewhere}) == 3


def test_message_of_a_broken_seal_holds_nothing_of_the_value() -> None:
    (sealed,) = SEALER.seal([NUMBER], ID_NUMBER)
    with pytest.raises(SealBrokenError) as refusal:
        SEALER.open([sealed], PHONE)
    assert NUMBER not in str(refusal.value.problem())


def test_numbers_are_normalised_for_comparison() -> None:
    assert normalised(" 138-0000 １２３４ ") == "13800001234"
