"""Numbers and codes as people write them in tables."""

import re
import unicodedata

import numpy as np
import pandas as pd

NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
TIMES = {"万": 1e4, "亿": 1e8, "千": 1e3, "百万": 1e6}
UNITS = re.compile(
    r"(亩|公顷|平方米|㎡|m2|m²|米|公里|千米|km|m|万元|元|人|户|个|度|°|小时|天)$",
    re.IGNORECASE,
)

DAMAGED = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}$"
"""What a spreadsheet makes of a long code."""

FORMULA_FAULTS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")


def read(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a column of numbers.

    Returns
    -------
    tuple of Series
        The numbers (NaN where missing or unreadable), whether a text cannot be
        read, and whether it was written in another way than plain digits.
    """
    numbers = pd.to_numeric(texts, errors="coerce")
    odd = texts.notna() & (numbers.isna() | ~np.isfinite(numbers.fillna(0)))
    if not odd.any():
        return numbers.astype("float64"), odd, odd
    mended = texts[odd].map(_number)
    numbers = numbers.astype("float64")
    numbers[odd] = mended.astype("float64")
    unread = odd & numbers.isna()
    return numbers, unread, odd & ~unread


def _number(written: str) -> float:
    text = unicodedata.normalize("NFKC", written).replace(" ", "").replace("'", "")
    text = text.replace("￥", "").replace("¥", "")
    factor = 1.0
    if text.endswith("万元"):
        text, factor = text[:-2], 1e4
    text = UNITS.sub("", text)
    for word in ("百万", "万", "亿", "千"):
        if text.endswith(word):
            text, factor = text.removesuffix(word), TIMES[word]
            break
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text) or re.fullmatch(
        r"[+-]?\d{1,4}(,\d{4})+(\.\d+)?", text
    ):
        text = text.replace(",", "")
    return float(text) * factor if NUMBER.match(text) else np.nan


def plain_digits(texts: pd.Series) -> pd.Series:
    """Return codes without blanks, quotes, width or a ``.0`` behind."""
    odd = texts.notna() & ~texts.str.fullmatch(r"[0-9A-Za-z\-]+")
    if not odd.any():
        return texts
    mended = texts.copy()
    mended[odd] = texts[odd].map(_plain).astype("str")
    return mended


def _plain(written: str) -> str:
    text = unicodedata.normalize("NFKC", written)
    text = re.sub(r"[\s'\"`\u2018\u2019\u200b\ufeff]", "", text)
    return re.sub(r"(?<=\d)\.0+$", "", text)
