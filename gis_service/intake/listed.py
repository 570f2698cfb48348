"""Values of a code list: by code, by code without its zero, or by name."""

from collections.abc import Mapping

import pandas as pd

from gis_service.intake.checking import Slice


def read(part: Slice, column: str, codes: Mapping[str, str]) -> pd.Series:
    """Return a column as codes of four digits or more, from names to ``codes``."""
    given = part.texts(column)
    lost = given.str.fullmatch(r"[0-9]{3}").fillna(value=False)
    padded = given.where(~lost, given.str.zfill(4))
    message = "已补回丢失的前导零 (zero restored)"
    part.fixed(lost, column, "zero_restored", message, padded)
    return padded.map(lambda one: codes.get(one, one), na_action="ignore").astype("str")
