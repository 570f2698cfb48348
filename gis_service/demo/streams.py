"""Named streams of random numbers: the same seed and name give the same numbers.

Every step of the county, and every cell inside a step, draws from a stream of its own.
So the order of making does not matter, and a small county is a part of a large one:
the first rows of a stream are the same however many rows are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streams:
    """All streams of one seed."""

    seed: int

    def of(self, name: str, number: int | str = 0) -> np.random.Generator:
        """Return the stream of a step, for one division or cell if it has one."""
        return np.random.default_rng([self.seed, crc32(name.encode()), int(number)])

    def rows(self, name: str, number: int | str, shape: tuple[int, int]) -> Numbers:
        """Draw uniform numbers in [0, 1), one row per thing to be made."""
        draws: Numbers = self.of(name, number).random(shape)
        return draws

    def rows_of_each(
        self, name: str, codes: Sequence[str], counts: Counts, columns: int
    ) -> tuple[Counts, Numbers]:
        """Draw rows for many divisions or cells, each from its own stream.

        Returns
        -------
        tuple
            Which of the codes each row belongs to, and the rows.
        """
        rows = [
            self.rows(name, code, (count, columns))
            for code, count in zip(codes, counts.tolist(), strict=True)
            if count
        ]
        owner = np.repeat(np.arange(len(codes)), counts)
        return owner, np.concatenate([np.empty((0, columns)), *rows])


def apportioned(total: int, weights: Numbers) -> Counts:
    """Share a total out by weight, exact to the unit (largest remainder)."""
    exact = total * weights / weights.sum()
    counts = np.floor(exact).astype(np.int64)
    rest = total - int(counts.sum())
    # A stable sort: among equal remainders the first gets the unit.
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    return np.asarray(counts)


def apportioned_between(
    total: int, weights: Numbers, low: Counts, high: Counts
) -> Counts:
    """Share a total out by weight, none less than ``low`` or more than ``high``."""
    factor_low, factor_high = 0.0, 1.0
    while np.clip(weights * factor_high, low, high).sum() < total:
        factor_high *= 2
    for _ in range(60):
        factor = (factor_low + factor_high) / 2
        is_more = np.clip(weights * factor, low, high).sum() > total
        factor_low, factor_high = (
            (factor_low, factor) if is_more else (factor, factor_high)
        )
    exact = np.clip(weights * factor_low, low, high)
    counts = np.floor(exact + 1e-9).astype(np.int64)
    rest = total - int(counts.sum())
    room = counts < high
    order = np.argsort(np.where(room, counts - exact, np.inf), kind="stable")
    counts[order[:rest]] += 1
    return counts


def chosen(draws: Numbers, weights: Numbers | list[float]) -> NDArray[np.intp]:
    """Turn uniform numbers into choices by weight."""
    bounds = np.cumsum(weights)
    return np.searchsorted(bounds / bounds[-1], draws, side="right")


def normal(draws: Numbers) -> Numbers:
    """Turn uniform numbers into standard normal ones, one for one."""
    return np.asarray(ndtri(np.clip(draws, 1e-12, 1 - 1e-12)))
