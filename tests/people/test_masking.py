"""How personal values are shown by default."""

import pytest

from gis_service.people.masking import (
    masked_address,
    masked_id,
    masked_name,
    masked_phone,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王**"),
        ("欧阳修文", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("司马", "司*"),
        ("张", "*"),
        ("", ""),
        (" 李四 ", "李*"),
        ("买买提·吐尔逊", "买******"),
        ("𠮷田", "𠮷*"),
        ("John Smith", "J***"),
        ("J", "*"),
    ],
)
def test_name_shows_the_surname(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990101199001010019", "990101********0019"),
        ("11010519491231002X", "110105********002X"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_id_number_hides_the_birth_date(number: str, shown: str) -> None:
    assert masked_id(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138****1234"),
        ("0738-3512345", "073*****2345"),
        ("3512345", "*****45"),
        ("1", "*"),
    ],
)
def test_phone_hides_its_middle(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_address_ends_at_the_villager_group() -> None:
    assert masked_address("娘家村", 3) == "娘家村3组"
    assert masked_address("娘家村", None) == "娘家村"
