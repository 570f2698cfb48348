"""The one place that decides which rows a reader may see."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, bindparam, func, or_

COUNTY_DIGITS = 6
VILLAGE_DIGITS = 12
BRANCH_DIGITS = (6, 9, 12, 15)


@dataclass(frozen=True, slots=True)
class Scope:
    """The parts of the division tree open to a reader.

    Parameters
    ----------
    branches
        Leading digits of division or grid codes: ``431322`` is the whole
        county, ``431322101203`` one village. Empty means nothing at all.

    Raises
    ------
    ValueError
        When a branch is not 6, 9, 12 or 15 digits.
    """

    branches: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no code: branches also go into statements as literals."""
        for branch in self.branches:
            if len(branch) not in BRANCH_DIGITS or not branch.isdecimal():
                message = f"not a division or grid code: {branch!r}"
                raise ValueError(message)
            if not branch.isascii():
                message = "codes are written in ASCII digits"
                raise ValueError(message)

    @property
    def is_county_wide(self) -> bool:
        """Tell whether a whole county is open."""
        return any(len(branch) == COUNTY_DIGITS for branch in self.branches)

    @property
    def is_wide(self) -> bool:
        """Tell whether more than villages and cells is open: townships, a county."""
        return any(len(branch) < VILLAGE_DIGITS for branch in self.branches)

    @property
    def prefix(self) -> str:
        """Return the leading part that all branches share, perhaps empty."""
        if not self.branches:
            return ""
        low, high = min(self.branches), max(self.branches)
        pairs = zip(low, high, strict=False)
        first_difference = (at for at, (a, b) in enumerate(pairs) if a != b)
        return low[: next(first_difference, min(len(low), len(high)))]

    def covers(self, grid_code: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that a row's grid code lies in the scope.

        The branches are bound parameters ``branch_0`` … so that one prepared
        statement serves every reader with as many branches. ``starts_with`` is
        deliberate: as a range the generic plan would take the code's index instead
        of the spatial one.
        """
        return or_(
            False,  # noqa: FBT003 - an empty scope must match no row
            *(
                func.starts_with(grid_code, bindparam(f"branch_{number}", code, String))
                for number, code in enumerate(self.branches)
            ),
        )

    def includes(self, code: str) -> bool:
        """Tell whether a division or grid code lies wholly in the scope."""
        return any(code.startswith(branch) for branch in self.branches)
