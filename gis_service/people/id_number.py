"""Resident identity numbers (公民身份号码, GB 11643-1999): read, check, explain.

18 characters: 6 of the area, 8 of the birth date, 3 of the sequence (odd for men),
one check character (ISO 7064 MOD 11-2). The area is never refused: numbers keep
the code of an area that no longer exists.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.errors import UnprocessableError
from gis_service.people.sealing import normalised

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
LENGTH = 18
OLD_LENGTH = 15
OLDEST_YEARS = 120
MALE, FEMALE = 1, 2

MESSAGES = {
    "empty": "身份证号为空,请补填 (missing)",
    "characters": "身份证号含有数字和末位X以外的字符,请核对 (characters not allowed)",
    "length": "身份证号应为18位(旧号15位),请核对位数 (must have 18 or 15 digits)",
    "birth": "身份证号中的出生日期不存在,请核对第7至14位 (no such day of birth)",
    "future": "身份证号中的出生日期晚于今天,请核对 (born in the future)",
    "age": "按身份证号年龄超过120岁,请核对 (more than 120 years old)",
    "check_digit": "身份证校验位错误,请核对证件原件 (wrong check character)",
}
"""What each kind of problem says; ``check_all`` gives the kinds."""

CONVERTED = "15位旧号已升为18位,请核对 (15 digits converted to 18)"
NORMALISED = "已规范全角、空格、引号或小写x (written in the normal form)"


class IdNumberError(UnprocessableError):
    """An identity number cannot be right.

    Parameters
    ----------
    kind
        A key of ``MESSAGES``.
    expected
        The check character the rest calls for. It is not part of the message:
        who knows it can make a valid number, so only data editors are told.
    """

    code = "id_number_wrong"
    title = "身份证号有误 (wrong identity number)"

    def __init__(self, kind: str, expected: str | None = None) -> None:
        super().__init__(MESSAGES[kind], kind=kind)
        self.kind = kind
        self.expected = expected


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that passed; ``sex`` is 1 for men, 2 for women (GB/T 2261.1)."""

    number: str
    birth_on: date
    sex: int
    notice: str | None


def check(number: str, today: date) -> IdNumber:
    """Return an identity number in its normal form, or say what is wrong.

    Raises
    ------
    IdNumberError
        With the kind of the first problem.
    """
    row = check_all(pd.Series([number], dtype="str"), today).iloc[0]
    if not pd.isna(row["problem"]):
        expected = None if pd.isna(row["expected"]) else str(row["expected"])
        raise IdNumberError(str(row["problem"]), expected)
    notice = None if pd.isna(row["notice"]) else str(row["notice"])
    born = row["birth_on"].date()
    return IdNumber(str(row["number"]), born, int(row["sex"]), notice)


def check_character(body: str) -> str:
    """Return the check character of the first 17 digits."""
    total = sum(
        int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)
    )
    return CHECK_CHARACTERS[total % 11]


def check_all(numbers: pd.Series, today: date) -> pd.DataFrame:
    """Check a column of identity numbers at once.

    Parameters
    ----------
    numbers
        As they were read; missing values are the problem ``empty``.
    today
        The day that tells the future and the age.

    Returns
    -------
    pandas.DataFrame
        On the same index: ``number`` (18 characters), ``birth_on`` (datetime64,
        missing where wrong), ``sex`` (1, 2, or 0 where wrong), ``problem`` (key of
        ``MESSAGES`` or missing), ``notice`` (sentence or missing), ``expected``
        (check character where that is the problem; for data editors only).
    """
    # Row numbers inside, the caller's index outside: it may not be unique.
    texts, notice = _in_normal_form(numbers.reset_index(drop=True))
    is_plain = texts.str.fullmatch(r"[0-9]{17}[0-9X]").to_numpy(bool)
    signs = np.full((len(texts), LENGTH), ord("0"), np.uint8)
    plain = np.array(texts[is_plain].to_list(), dtype=f"S{LENGTH}")
    signs[is_plain] = plain.view(np.uint8).reshape(-1, LENGTH)
    digits = signs[:, : LENGTH - 1].astype(np.int64) - ord("0")
    born, is_day = _birth_days(digits)
    expected = np.frombuffer(CHECK_CHARACTERS.encode(), np.uint8)[
        (digits @ np.array(WEIGHTS)) % 11
    ]
    is_wrong_check = is_plain & (expected != signs[:, -1])
    now = np.datetime64(today, "D")
    problem = np.select(
        [
            (texts == "").to_numpy(bool),
            ~is_plain & ~texts.str.fullmatch(r"[0-9]*X?").to_numpy(bool),
            ~is_plain,
            ~is_day,
            born > now,
            born < np.datetime64(_years_before(today, OLDEST_YEARS), "D"),
            is_wrong_check,
        ],
        list(MESSAGES),
        default="",
    )
    is_right = problem == ""
    return pd.DataFrame(
        {
            "number": texts,
            "birth_on": pd.Series(born.astype("datetime64[s]"), texts.index).where(
                is_right
            ),
            "sex": np.where(is_right, np.where(digits[:, 16] % 2, MALE, FEMALE), 0),
            "problem": _texts(problem, texts.index),
            "notice": notice,
            "expected": _texts(
                np.where(
                    problem == "check_digit", expected.view("S1").astype("U1"), ""
                ),
                texts.index,
            ),
        },
    ).set_axis(numbers.index)


def is_spoilt(numbers: pd.Series) -> bool:
    """Tell whether a column was kept as numbers, which loses the last digits.

    A spreadsheet keeps 15 digits: the rest became zeros, or the nearest number a
    computer can hold. Such a column cannot be mended, only exported anew as text.
    """
    if not (pd.api.types.is_string_dtype(numbers) or numbers.dtype == object):
        return bool((numbers.abs() >= 10**OLD_LENGTH).any())
    texts = numbers.dropna().astype("str").str.strip()
    if texts.str.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+?1[0-9]").any():
        return True
    whole = texts[texts.str.fullmatch(r"[0-9]{18}(\.0)?")].str[:LENGTH]
    # By chance one number in five hundred ends in 000; half of a column never does.
    return len(whole) > 1 and bool(whole.str.endswith("000").mean() > 0.5)  # noqa: PLR2004 - explained above


def _in_normal_form(numbers: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the texts as 18 characters where they can be, and what was changed."""
    typed = numbers.astype("str").fillna("")
    texts, notice = typed.copy(), pd.Series(pd.NA, typed.index, dtype="str")
    odd = ~typed.str.fullmatch(r"[0-9]{17}[0-9X]")
    if not odd.any():
        return texts, notice
    mended = typed[odd].map(normalised).astype("str")
    is_old = mended.str.fullmatch(r"[0-9]{15}")
    longer = mended[is_old].map(_converted).astype("str")
    texts[odd] = mended
    notice[odd & (texts != typed) & (texts != "")] = NORMALISED
    texts[longer.index] = longer
    notice[longer.index] = CONVERTED
    return texts, notice


def _converted(old: str) -> str:
    body = f"{old[:6]}19{old[6:]}"
    return body + check_character(body)


def _birth_days(
    digits: NDArray[np.int64],
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return the days of birth, and whether the calendar has them."""
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    month = digits[:, 10:12] @ np.array([10, 1])
    day = digits[:, 12:14] @ np.array([10, 1])
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    born = months.astype("datetime64[D]") + (day - 1)
    has_month = (month >= 1) & (month <= 12)  # noqa: PLR2004 - months of a year
    return born, has_month & (day >= 1) & (born.astype("datetime64[M]") == months)


def _years_before(today: date, years: int) -> date:
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def _texts(values: NDArray[np.str_], index: pd.Index) -> pd.Series:
    return pd.Series(values, index, dtype="str").replace("", pd.NA)
