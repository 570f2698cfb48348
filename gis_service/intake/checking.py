"""A slice of a file while it is cleaned, checked and placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.intake.fields import Field, Thing
from gis_service.intake.findings import Finding, Findings, Severity, masked
from gis_service.intake.naming import Naming
from gis_service.intake.options import Options
from gis_service.intake.registers import Registers
from gis_service.people.sealing import Sealer

Mask = NDArray[np.bool_]
Where: TypeAlias = Mask | pd.Series
"""Which rows of a slice; a missing answer is no."""


@dataclass(slots=True)
class Slice:
    """Some thousand rows of a file.

    Parameters
    ----------
    raw
        Texts as they were read, by our field names; missing is NaN.
    rows
        Clean values, by our column names, filled in as the work goes on.
    shapes
        Geometries in EPSG:4490, None where a row has none.
    has_place
        Whether the file brings places at all; without, stored ones are left alone.
    """

    thing: Thing
    naming: Naming
    options: Options
    registers: Registers
    findings: Findings
    sealer: Sealer
    row_nos: NDArray[np.int32]
    raw: pd.DataFrame
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    shapes: NDArray[Any] = field(default_factory=lambda: np.empty(0, object))
    refused: Mask = field(default_factory=lambda: np.zeros(0, bool))
    has_place: bool = False

    def has(self, name: str) -> bool:
        """Tell whether the file brings this field."""
        return name in self.rows.columns

    def texts(self, name: str) -> pd.Series:
        """Return a clean column, all missing when the file does not bring it."""
        if name in self.rows.columns:
            return self.rows[name]
        return pd.Series(np.nan, index=self.rows.index, dtype="str")

    def refuse(
        self, where: Where, name: str, code: str, message: str, advice: str
    ) -> None:
        """Refuse rows, each with the same words."""
        at = self._found(where)
        self.tell(at, name, "refused", (code, message, advice))
        self.refused[at] = True

    def warn(
        self, where: Where, name: str, code: str, message: str, advice: str
    ) -> None:
        """Accept rows with a warning, each with the same words."""
        self.tell(self._found(where), name, "warned", (code, message, advice))

    def fixed(
        self,
        where: Where,
        name: str,
        code: str,
        message: str,
        to: Sequence[Any] | pd.Series | None = None,
    ) -> None:
        """Note that values were changed, and to what."""
        at = self._found(where)
        after = None
        if to is not None:
            known = self._field(name)
            how = known.mask if known else "none"
            after = [masked(_shown(one), how) for one in np.asarray(to, object)[at]]
        self.tell(at, name, "fixed", (code, message, "请核对 (please check)"), after)

    def each(
        self,
        where: Where,
        name: str,
        kind: tuple[Severity, str],
        messages: Sequence[str] | pd.Series | NDArray[Any],
        advice: str,
    ) -> None:
        """Note findings whose words differ from row to row; severity and code alike."""
        at = self._found(where)
        severity, code = kind
        words = np.asarray(messages, object)[at]
        for position, message in zip(at.tolist(), words, strict=True):
            self.tell(np.array([position]), name, severity, (code, message, advice))
        if severity == "refused":
            self.refused[at] = True

    def tell(
        self,
        at: NDArray[np.intp],
        name: str,
        severity: Severity,
        words: tuple[str, str, str],
        fixed_to: Sequence[str | None] | None = None,
    ) -> None:
        """Add one finding per position."""
        if not len(at):
            return
        code, message, advice = words
        known = self._field(name)
        column = self.naming.source(name)
        values: list[Any] = [None] * len(at)
        if name in self.raw.columns:
            how = known.mask if known else "none"
            values = [masked(_shown(one), how) for one in self.raw[name].iloc[at]]
        after = fixed_to or [None] * len(at)
        for position, value, to in zip(at.tolist(), values, after, strict=True):
            row_no = int(self.row_nos[position])
            self.findings.add(
                Finding(row_no, column, code, severity, value, message, advice, to)
            )

    def _field(self, name: str) -> Field | None:
        return self.thing.known.get(name)

    def _found(self, where: Where) -> NDArray[np.intp]:
        mask = np.asarray(where)
        if mask.dtype == object:
            filled = pd.array(mask, dtype="boolean").fillna(value=False)
            mask = np.asarray(filled, bool)
        return np.flatnonzero(mask)


def objects(values: pd.Series) -> NDArray[Any]:
    """Return a column as an array of objects, None where it is missing."""
    kept = values.astype(object)
    return np.asarray(kept.where(values.notna(), None).to_numpy(), dtype=object)


def _shown(value: Any) -> str | None:  # noqa: ANN401 - any cell
    return None if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124 - NaN
