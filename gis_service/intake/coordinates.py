"""Longitudes and latitudes as people write them, and what a whole file tells."""

import re
import unicodedata
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DEGREES = re.compile(
    r"^(?P<d>\d{1,3})[°度:](?P<m>\d{1,2}(?:\.\d+)?)?[′'分:]?"
    r"(?P<s>\d{1,2}(?:\.\d+)?)?[″\"秒]?$"
)
MARKS = re.compile(r"东经|北纬|西经|南纬|[EeNnWwSs]")

SHARE = 0.9
"""Share of the points that must agree before a whole file is called swapped."""

Layout = Literal["degrees", "swapped", "metres", "zone"]


def read(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a column of degrees or metres.

    Returns
    -------
    tuple of Series
        The numbers (NaN where missing or unreadable), whether a text cannot be
        read, and whether it was written in degrees, minutes, seconds or with marks.
    """
    numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    odd = texts.notna() & ~np.isfinite(numbers)
    if not odd.any():
        return numbers, odd, odd
    numbers[odd] = texts[odd].map(_degrees).astype("float64")
    unread = odd & numbers.isna()
    return numbers, unread, odd & ~unread


def layout(x: Numbers, y: Numbers) -> Layout:
    """Tell in what way most points of a file are written.

    ``metres`` and ``zone`` are Gauss-Kruger eastings without and with the number of
    the zone in front; ``swapped`` is latitude before longitude.
    """
    is_there = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
    x, y = x[is_there], y[is_there]
    if not len(x):
        return "degrees"

    def mostly(where: NDArray[np.bool_]) -> bool:
        return bool(where.mean() >= SHARE)

    if mostly((x >= 16) & (x <= 54) & (y >= 73) & (y <= 135)):  # noqa: PLR2004 - China
        return "swapped"
    north = (y > 1e6) & (y < 7e6)  # noqa: PLR2004 - metres north of the equator in China
    if mostly((x > 1e5) & (x < 9e5) & north):  # noqa: PLR2004 - metres about 500 000
        return "metres"
    if mostly((x > 13e6) & (x < 46e6) & north):  # noqa: PLR2004 - zones 13 to 45
        return "zone"
    return "degrees"


def suggestion(x: Numbers, kind: Layout) -> str:
    """Return the CRS that points in metres are likely in."""
    if kind == "zone":
        zone = int(np.nanmedian(x) // 1e6)
        code = 4513 + zone - 25 if zone >= 25 else 4491 + zone - 13  # noqa: PLR2004 - 3-degree zones
        return f"EPSG:{code}"
    return "EPSG:4546 (中央经线 111°)"


def _degrees(written: str) -> float:
    text = unicodedata.normalize("NFKC", written).replace(" ", "")
    text = text.replace("’", "'").replace("”", '"').replace("′", "'").replace("″", '"')
    text = text.replace("''", '"')
    sign = -1.0 if re.search(r"西经|南纬|[WwSs]", text) else 1.0
    text = MARKS.sub("", text).strip(",")
    if re.fullmatch(r"\d{1,3},\d+", text):  # A decimal comma.
        text = text.replace(",", ".")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?°?", text):
        return sign * float(text.rstrip("°"))
    found = DEGREES.match(text)
    if found is None:
        return np.nan
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:  # noqa: PLR2004 - parts of a degree
        return np.nan
    return sign * (float(found["d"]) + minutes / 60 + seconds / 3600)
