"""How personal values are shown by default."""

import pytest
from sqlalchemy import Connection, text

from gis_service.people.masking import (
    COMPOUND_SURNAMES,
    masked_address,
    masked_id,
    masked_name,
    masked_phone,
)

NAMES = (
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
)
"""Names and how they are shown."""


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_name_shows_the_surname(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_database_masks_every_name_alike(empty_connection: Connection) -> None:
    surnames = [f"{surname}{given}" for surname in COMPOUND_SURNAMES for given in "一 "]
    blanks = [f"{chr(code)}王二{chr(code)}" for code in range(1, 0x3100)]
    names = [name for name, _ in NAMES] + surnames + blanks + ["阳 司", "\u3000", "é"]
    query = text(
        "SELECT people.masked_name(name) FROM unnest(CAST(:names AS text[])) AS name"
    )
    shown = empty_connection.execute(query, {"names": names}).scalars().all()
    assert shown == [masked_name(name) for name in names]


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
