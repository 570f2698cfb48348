"""What somebody typed into the search box, and how it is to be looked for."""

import re
import unicodedata
from dataclasses import dataclass

from gis_service.errors import MalformedRequestError

LONGEST = 60
LEAST_OF_A_NAME = 2
"""One character is taken for a surname: in the middle of names it says nothing."""

CODE_LENGTHS = (17, 15, 12, 9, 6, 4, 2)
"""Beginnings of household numbers that signatures know (migration 0026)."""

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{9,11}")
_OFTEN = frozenset("0123456789组号村社区栋室")
_SEPARATORS = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class Words:
    """Typed words in their normal form.

    Parameters
    ----------
    text
        Without surrounding blanks, full-width characters made ASCII.
    """

    text: str

    @property
    def pinyin(self) -> str | None:
        """Return the words as pinyin, None where they cannot be any."""
        letters = self.text.replace(" ", "").replace("'", "").lower()
        is_pinyin = letters.isascii() and letters.isalnum() and not letters.isdecimal()
        return letters if is_pinyin else None

    @property
    def id_number(self) -> str | None:
        """Return the words as a whole identity number."""
        number = self.text.translate(_SEPARATORS).upper()
        return number if _ID_NUMBER.fullmatch(number) else None

    @property
    def phone(self) -> str | None:
        """Return the words as a whole telephone number."""
        number = self.text.translate(_SEPARATORS)
        return number if _PHONE.fullmatch(number) else None

    @property
    def is_number(self) -> bool:
        """Tell whether the words are a number that only one person should have."""
        return self.id_number is not None or self.phone is not None


def read_words(typed: str) -> Words:
    """Read what was typed.

    Raises
    ------
    MalformedRequestError
        When nothing is left to look for, or what no keyboard types.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    is_typed = all(unicodedata.category(sign)[0] != "C" for sign in text)
    if not text or len(text) > LONGEST or not is_typed:
        message = "请输入名称或编码 (give a name or a code)"
        raise MalformedRequestError(message)
    return Words(text)


def pairs(needle: str, count: int) -> list[str]:
    """Return ``count`` neighbouring pairs of a needle, the telling ones first.

    A pair comes again where the needle has too few.
    """
    found = [needle[at : at + 2] for at in range(len(needle) - 1)]
    found.sort(key=lambda pair: sum(sign in _OFTEN for sign in pair))
    return (found * count)[:count]


def beginning(code: str) -> str | None:
    """Return the longest beginning of a code that signatures know."""
    length = next((each for each in CODE_LENGTHS if each <= len(code)), None)
    return None if length is None else code[:length]
