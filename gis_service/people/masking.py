"""Personal values as they are shown to whoever has given no reason to see more."""

_WRITTEN = (
    "欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 "
    "夏侯 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 "
    "轩辕 端木 百里 呼延 东郭 申屠 公冶 太史 "
    "澹台 濮阳 淳于 单于 司空 闻人 钟离"
)
COMPOUND_SURNAMES = frozenset(_WRITTEN.split())
"""Surnames of two characters, which stay readable as a whole."""

SHOWN_BEFORE, SHOWN_AFTER = 6, 4
PHONE_BEFORE, PHONE_AFTER = 3, 4


def masked_name(name: str) -> str:
    """Return the surname and a star for every further character: 张*, 欧阳**.

    A name of a single character shows nothing but a star; in a name written in
    Latin letters the stars do not tell its length. ``people.masked_name`` in the
    database says the same (migration 0019); a test holds the two together.
    """
    name = name.strip()
    if name.isascii():
        return f"{name[:1]}***" if len(name) > 1 else "*" * len(name)
    shown = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1  # noqa: PLR2004 - characters of a compound surname
    return name[:shown] + "*" * (len(name) - shown) if len(name) > 1 else "*"


def masked_id(number: str) -> str:
    """Return the area and the last four characters: 990101********0019."""
    return _middle_hidden(number, SHOWN_BEFORE, SHOWN_AFTER)


def masked_phone(phone: str) -> str:
    """Return the first three and the last four digits: 138****1234.

    A number too short for that, such as one of the village's exchange, shows its
    last two digits.
    """
    if len(phone) < PHONE_BEFORE + PHONE_AFTER + 3:
        return _middle_hidden(phone, 0, 2)
    return _middle_hidden(phone, PHONE_BEFORE, PHONE_AFTER)


def masked_address(village_name: str, group_no: int | None) -> str:
    """Return an address down to the villager group: 娘家村3组.

    It is put together from what is kept apart, never cut out of the written
    address, in which a door number may stand anywhere.
    """
    return village_name if group_no is None else f"{village_name}{group_no}组"


def _middle_hidden(text: str, before: int, after: int) -> str:
    hidden = len(text) - before - after
    if hidden <= 0:
        return "*" * len(text)
    return text[:before] + "*" * hidden + text[len(text) - after :]
