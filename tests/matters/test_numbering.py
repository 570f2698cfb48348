"""Numbers of matters."""

from datetime import date

import pytest

from gis_service.matters.numbering import MalformedNumberError, MatterNumber, parse


def test_number_is_written_and_read_back() -> None:
    number = MatterNumber(date(2026, 10, 20), "431322", 7)
    assert str(number) == "20261020431322000007"
    assert parse(str(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026102043132200000",
        "20261320431322000007",
        "20261020431322000000",
        "２０２６1020431322000007",
        "20261020431322000007\n",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumberError):
        parse(text)


def test_serial_beyond_its_places_is_refused() -> None:
    with pytest.raises(MalformedNumberError):
        MatterNumber(date(2026, 10, 20), "431322", 1_000_000)
