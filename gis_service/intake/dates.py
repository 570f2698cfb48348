"""Days and moments as people and spreadsheets write them."""

import re
import unicodedata

import numpy as np
import pandas as pd

ISO = r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
PACKED = r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
CLOCK = (
    r"(?:[T\s]*(?P<h>\d{1,2})[:时点](?P<n>\d{1,2})分?(?::?(?P<s>\d{1,2})秒?(?:\.\d+)?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
SERIAL = r"(?P<serial>\d{5})(?P<part>\.\d+)?"

FIRST_SERIAL, LAST_SERIAL = 10_000, 73_050
"""1927 to the year 2099: five digits that a spreadsheet keeps a day as. Earlier ones
are refused with the two months of 1900 whose serials are off by one."""

EPOCH = np.datetime64("1899-12-30", "s")
DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
CHINA_OFFSET_S = 8 * 3600


def read(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a column of days and moments, Chinese time where no zone is written.

    Returns
    -------
    tuple of Series
        Moments in Chinese time without a zone (NaT where missing or unreadable),
        whether a text cannot be read, and whether it was a serial or in words.
    """
    plain = texts.str.strip()
    moments = pd.Series(np.datetime64("NaT", "s"), texts.index, dtype="datetime64[s]")
    odd = pd.Series(data=False, index=texts.index)
    left = texts.notna()
    for pattern in (ISO + CLOCK, PACKED + CLOCK):
        moments, left = _fill(moments, left, plain, pattern)
    if left.any():
        serial = left & plain.str.fullmatch(SERIAL)
        moments[serial] = plain[serial].map(_serial).astype("datetime64[s]")
        odd = serial & moments.notna()
        left &= moments.isna()
    if left.any():
        words = plain[left].map(_in_digits).astype("str")
        again, still = _fill(moments[left], left[left], words, ISO + CLOCK)
        moments[left] = again
        odd[left] |= ~still
        left = left & moments.isna()
    return moments, left, odd


def _fill(
    moments: pd.Series, left: pd.Series, texts: pd.Series, pattern: str
) -> tuple[pd.Series, pd.Series]:
    fitting = left & texts.str.fullmatch(pattern)
    if not fitting.any():
        return moments, left
    parts = texts[fitting].str.extract(f"^{pattern}$")
    clock = parts[["h", "n", "s"]].fillna("0").astype("int64")
    days = pd.to_datetime(
        parts["y"] + parts["m"].str.zfill(2) + parts["d"].str.zfill(2),
        format="%Y%m%d",
        errors="coerce",
    )
    is_clock = (clock["h"] < 24) & (clock["n"] < 60) & (clock["s"] < 60)  # noqa: PLR2004 - of a clock
    seconds = clock["h"] * 3600 + clock["n"] * 60 + clock["s"]
    seconds = seconds + parts["zone"].map(_to_china, na_action="ignore").fillna(0)
    found = days.astype("datetime64[s]") + pd.to_timedelta(seconds, unit="s")
    moments = moments.copy()
    moments[fitting] = found.where(is_clock).astype("datetime64[s]")
    return moments, left & moments.isna()


def _to_china(zone: str) -> int:
    """Return the seconds to add to a time of a zone to have Chinese time."""
    if zone == "Z":
        return CHINA_OFFSET_S
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return CHINA_OFFSET_S - (seconds if zone[0] == "+" else -seconds)


def _serial(text: str) -> np.datetime64:
    number = float(text)
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        return np.datetime64("NaT", "s")
    return EPOCH + np.timedelta64(round(number * 86400), "s")


def _in_digits(written: str) -> str:
    """Turn 二〇二四年十一月五日 into 2024年11月5日."""
    text = unicodedata.normalize("NFKC", written).replace(" ", "").replace("号", "日")
    text = re.sub(r"([一二三四五六七八九])十([一二三四五六七八九])", r"\1\2", text)
    text = re.sub(r"([一二三四五六七八九])十", r"\g<1>0", text)
    text = re.sub(r"十([一二三四五六七八九])", r"1\1", text).replace("十", "10")
    return text.translate(DIGITS)
