"""Codes of divisions and grid cells: their level, their parent, their clean form.

A code is text. It is kept by its significant digits: county 6, township 9, village
12, villager group 14, cell 15, micro cell 17; a province (2) and a city (4) are only
ever read. Files bring it padded with zeros, as a number, or with stray marks around.
"""

import math
import re
import unicodedata
from enum import IntEnum

from gis_service.errors import UnprocessableError

LARGEST_EXACT_FLOAT = 2**53
"""Beyond it a float has lost digits: what a spreadsheet made of a longer code."""

TOWNSHIP_KINDS = ((99, "街道"), (199, "镇"), (399, "乡"), (599, "类似乡级"))
"""Last number of each range of the township part, GB/T 10114."""

VILLAGE_KINDS = ((199, "社区"), (399, "村"), (599, "类似村级"))
"""Last number of each range of the village part, as the NBS uses them."""

OTHER = "其他"


class Level(IntEnum):
    """What a code names; the value is its number of significant digits."""

    PROVINCE = 2
    CITY = 4
    COUNTY = 6
    TOWNSHIP = 9
    VILLAGE = 12
    GROUP = 14
    CELL = 15
    MICRO_CELL = 17


LEVEL_NAMES = {
    Level.PROVINCE: "省",
    Level.CITY: "市",
    Level.COUNTY: "县",
    Level.TOWNSHIP: "乡镇",
    Level.VILLAGE: "村",
    Level.GROUP: "村民小组",
    Level.CELL: "网格",
    Level.MICRO_CELL: "微网格",
}

PARENTS = {
    Level.CITY: Level.PROVINCE,
    Level.COUNTY: Level.CITY,
    Level.TOWNSHIP: Level.COUNTY,
    Level.VILLAGE: Level.TOWNSHIP,
    Level.GROUP: Level.VILLAGE,
    Level.CELL: Level.VILLAGE,
    Level.MICRO_CELL: Level.CELL,
}


PADDED = frozenset(LEVEL_NAMES) - {Level.GROUP}
"""Levels whose codes are met filled up with zeros to the length of a lower one."""


class MalformedCodeError(UnprocessableError):
    """What was given is no code, or no code of the level that is needed.

    The parameter ``problem`` says which: ``missing``, ``not_digits``, ``damaged``,
    ``length`` or ``level``.
    """

    code = "malformed_code"
    title = "编码有误 (malformed code)"


def normalise(value: object) -> str:
    """Return the significant digits of a code as a file or a person writes it.

    Takes text and whole numbers of 2, 4, 6, 9, 12, 14, 15 or 17 digits; full-width
    digits, blanks, a leading quotation mark and a trailing ``.0`` are put right, and
    zeros that only fill up are cut: ``431322101000`` is the township ``431322101``.

    Raises
    ------
    MalformedCodeError
        When nothing was given, or it cannot be read as a code without guessing.
    """
    digits = _digits(value)
    if digits.strip("0") == "":
        raise _missing()
    for length in _levels_of_length(len(digits)):
        if digits[length:].strip("0") == "":
            return digits[:length]
    message = f"编码 {digits} 的位数不对，应为 2、4、6、9、12、14、15 或 17 位"
    message += f" (a code of {len(digits)} digits)"
    raise MalformedCodeError(message, problem="length", value=digits)


def level(code: str) -> Level:
    """Return the level of a code given by its significant digits.

    Raises
    ------
    MalformedCodeError
        When it is not all ASCII digits or of no known length.
    """
    if not re.fullmatch(r"[0-9]+", code):
        message = f"编码只能由数字组成：{code[:40]!r} (a code has digits only)"
        raise MalformedCodeError(message, problem="not_digits", value=code[:40])
    try:
        return Level(len(code))
    except ValueError:
        message = f"编码 {code[:40]} 有 {len(code)} 位，没有这样的级别"
        message += " (no level has this many digits)"
        raise MalformedCodeError(message, problem="length", value=code[:40]) from None


def at_level(value: object, wanted: Level) -> str:
    """Return the clean code, which must be of the level wanted.

    Raises
    ------
    MalformedCodeError
        When it is no code, or one of another level: a township for a village.
    """
    code = normalise(value)
    found = level(code)
    if found is not wanted:
        message = (
            f"编码 {code} 是{LEVEL_NAMES[found]}编码，这里需要{LEVEL_NAMES[wanted]}编码"
            f" (a {wanted.name.lower()} code is needed)"
        )
        raise MalformedCodeError(message, problem="level", value=code)
    return code


def parent(code: str) -> str:
    """Return the code one level up, empty for a province."""
    above = PARENTS.get(level(code))
    return "" if above is None else code[:above]


def ancestor(code: str, wanted: Level) -> str:
    """Return the code of the division at a level above, or the code itself.

    Raises
    ------
    MalformedCodeError
        When the code is of a higher level than the one wanted.
    """
    if level(code) < wanted:
        message = f"编码 {code} 不含{LEVEL_NAMES[wanted]}一级 (it names no such level)"
        raise MalformedCodeError(message, problem="level", value=code)
    return code[:wanted]


def child(above: str, part: object) -> str:
    """Return the code one level down from its own part, zeros on the left restored.

    A spreadsheet turns the part ``001`` into the number 1: ``child("431322", 1)`` is
    ``431322001``. Below a village the part names a cell.
    """
    digits = _digits(part)
    length = {4: 2, 6: 3, 9: 3, 12: 3, 15: 2}.get(len(above), 0)
    if not length or len(digits) > length:
        message = f"{above} 之下没有编号 {digits} (no such part below it)"
        raise MalformedCodeError(message, problem="length", value=digits)
    return above + digits.zfill(length)


def restore_zeros(value: object, digits: int) -> str:
    """Return a class code with the zeros on the left that a number lost.

    ``101`` of a four-digit list is ``0101``. Longer than ``digits`` is refused.
    """
    found = _digits(value)
    if len(found) > digits:
        message = f"代码 {found} 超过 {digits} 位 (longer than {digits} digits)"
        raise MalformedCodeError(message, problem="length", value=found)
    return found.zfill(digits)


def township_kind(code: str) -> str:
    """Return the kind that the township part tells: 街道, 镇, 乡, 类似乡级, 其他."""
    return _kind(ancestor(code, Level.TOWNSHIP)[-3:], TOWNSHIP_KINDS)


def village_kind(code: str) -> str:
    """Return the kind that the village part tells: 社区, 村, 类似村级, 其他."""
    return _kind(ancestor(code, Level.VILLAGE)[-3:], VILLAGE_KINDS)


def _kind(part: str, kinds: tuple[tuple[int, str], ...]) -> str:
    number = int(part)
    if number == 0:
        return OTHER
    return next((kind for last, kind in kinds if number <= last), OTHER)


def _levels_of_length(length: int) -> list[int]:
    if length not in LEVEL_NAMES:
        return []
    # Only 14 digits name a villager group: in a longer code they are part of a cell.
    return [at for at in Level if at <= length and at in {length, *PADDED}]


def _digits(value: object) -> str:
    if isinstance(value, bool) or value is None:
        raise _missing()
    if isinstance(value, int):
        return str(value) if value >= 0 else _refuse(str(value), "not_digits")
    if isinstance(value, float):
        return _digits_of_number(value)
    text = unicodedata.normalize("NFKC", str(value))
    text = re.sub(r"[\s'`\u2018\u2019\u200b\ufeff]", "", text)
    if text.lower() in {"", "nan", "none", "null", "<na>"}:
        raise _missing()
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text):
        return _refuse(text, "damaged")
    text = re.sub(r"\.0*$", "", text)
    return text if re.fullmatch(r"[0-9]{1,40}", text) else _refuse(text, "not_digits")


def _digits_of_number(value: float) -> str:
    if math.isnan(value):
        raise _missing()
    if math.isinf(value) or value < 0 or value != int(value):
        return _refuse(str(value), "not_digits")
    if value >= LARGEST_EXACT_FLOAT:
        return _refuse(str(value), "damaged")
    return str(int(value))


def _missing() -> MalformedCodeError:
    return MalformedCodeError("缺少编码 (the code is missing)", problem="missing")


def _refuse(value: str, problem: str) -> str:
    shown = value[:40]
    if problem == "damaged":
        message = (
            f"编码 {shown} 已被当作数字而丢失位数，请把该列设为文本后重新导出"
            " (digits were lost; export the column as text)"
        )
    else:
        message = f"编码只能由数字组成：{shown!r} (a code has digits only)"
    raise MalformedCodeError(message, problem=problem, value=shown)
