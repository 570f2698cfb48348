"""Rows of sums in a table: taken out, and held against what they sum up."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.intake import numbers
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Finding
from gis_service.intake.headers import NOTE, RAGGED, SUBTOTAL, TOTAL

SUMMED = frozenset({"number", "integer", "area"})
CLOSE = 1e-6


class Totals:
    """Sums so far of the columns that hold amounts."""

    def __init__(self, thing: Thing) -> None:
        self._names = [one.name for one in thing.fields if one.kind in SUMMED]
        self._sums: dict[str, float] = {}

    def add(self, raw: pd.DataFrame) -> None:
        """Add the rows of a slice."""
        for name in self._names:
            if name in raw.columns:
                amounts = numbers.read(raw[name].str.strip())[0]
                self._sums[name] = self._sums.get(name, 0.0) + float(np.nansum(amounts))

    def differing(self, row: pd.Series) -> list[tuple[str, float, float]]:
        """Return field, written sum and real sum where a row of sums is wrong."""
        found = []
        for name, real in self._sums.items():
            written = numbers.read(pd.Series([row[name]], dtype="str").str.strip())[0][
                0
            ]
            if np.isfinite(written) and abs(written - real) > CLOSE * max(
                1.0, abs(real)
            ):
                found.append((name, float(written), real))
        return found


def explain(
    faults: Sequence[str | None],
    row_nos: NDArray[np.int32],
    raw: pd.DataFrame,
    totals: Totals,
) -> Iterator[Finding]:
    """Say what became of each row that is none of the table."""
    for at, (fault, row_no) in enumerate(zip(faults, row_nos.tolist(), strict=True)):
        if fault == NOTE:
            message = "表下说明,已略去 (a note, passed over)"
            yield Finding(row_no, None, "note_row", "fixed", None, message, None)
        elif fault == RAGGED:
            message = "列数与表头不符 (more columns than the heading)"
            advice = "请检查分隔符和引号 (check delimiters and quotes)"
            yield Finding(row_no, None, "row_ragged", "refused", None, message, advice)
        elif fault in {TOTAL, SUBTOTAL}:
            message = "合计行,已略去 (a row of sums, passed over)"
            yield Finding(row_no, None, "total_row", "fixed", None, message, None)
            for name, written, real in (
                totals.differing(raw.iloc[at]) if fault == TOTAL else ()
            ):
                message = f"合计 {written:g} 与各行之和 {real:g} 不符 (sum differs)"
                yield Finding(
                    row_no, name, "total_differs", "warned", None, message, "请核对"
                )
