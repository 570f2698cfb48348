"""The members of households: relations, ages, who is away, who needs care."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.demo.streams import Counts, Numbers, normal

HEAD, SPOUSE, SON, DAUGHTER, GRANDCHILD, PARENT = 0, 1, 2, 3, 4, 5
SIBLING = 7
"""Relations to the head of a household, codes of GB/T 31000."""

ADULT, OLD, EIGHTY, CHILD = 18, 60, 80, 16

AWAY_BY_AGE = ((0, 0.09), (16, 0.33), (22, 0.44), (46, 0.29), (60, 0.05))
"""Share of the registered who live elsewhere, from an age on."""

CARE_RATES = {
    "03": 0.026,
    "04": 0.031,
    "05": 0.05,
    "08": 0.25,
    "09": 0.004,
    "10": 0.03,
    "11": 0.008,
}
"""Care types given by chance, among those whom they can concern."""

Flags = NDArray[np.bool_]


def relations(position: Counts, home: pd.DataFrame, draw: Numbers) -> Counts:
    """Return the relation to the head (GB/T 31000 codes), children still as sons."""
    is_pair = (home["size"].to_numpy() > 2) | (draw < 0.8)  # noqa: PLR2004 - two people
    return np.select(
        [position == 0, position == 1, position == 2, position == 3, position == 4],  # noqa: PLR2004 - places
        [
            HEAD,
            np.where(is_pair, SPOUSE, SON),
            SON,
            np.where(draw < 0.62, SON, PARENT),  # noqa: PLR2004 - a share
            np.where(draw < 0.55, PARENT, GRANDCHILD),  # noqa: PLR2004 - a share
        ],
        np.where(position == 7, SIBLING, GRANDCHILD),  # noqa: PLR2004 - the last place
    )


def head_ages(home: pd.DataFrame) -> Numbers:
    """Return the age of the head of each member's household, years."""
    draw = home["head"].to_numpy()
    # Who lives alone is old more often than not.
    return np.where(home["size"] == 1, 38 + 50 * draw**0.7, 27 + 52 * draw**1.15)


def ages(relation: Counts, head: Numbers, draw: Numbers) -> Numbers:
    """Return ages, years, by relation and the age of the head."""
    age = np.select(
        [relation == HEAD, relation == SPOUSE, relation == SON, relation == PARENT],
        [
            head,
            np.maximum(head + 3 * normal(draw), 20),
            head - 23 - 9 * draw,
            head + 22 + 7 * draw,
        ],
        np.where(relation == SIBLING, head - 8 + 14 * draw, head - 47 - 13 * draw),
    )
    # Whose parents would be too old to live, or grandchildren not yet born, has
    # younger relatives there instead.
    age = np.where(age > 98, 3 + 12 * draw, age)  # noqa: PLR2004 - years
    return np.where(age < 0, 17 * draw, age)


def are_male(relation: Counts, head_is_male: Flags, draw: Numbers) -> Flags:
    """Tell who is male; spouses are of the other sex than heads."""
    other = draw < 0.53  # noqa: PLR2004 - more boys than girls were born
    by_head = np.where(relation == HEAD, head_is_male, ~head_is_male)
    return np.where(relation <= SPOUSE, by_head, other).astype(bool)


def away_rates(age: Numbers) -> Numbers:
    """Return how likely the registered of an age live elsewhere."""
    starts, rates = zip(*AWAY_BY_AGE, strict=True)
    return np.array(rates)[np.searchsorted(starts, age, side="right") - 1]


def surname_draws(relation: Counts, home: pd.DataFrame, draw: Numbers) -> Numbers:
    """Return draws for surnames: the household's, or one's own if married in."""
    is_married_in = (relation == SPOUSE) | ((relation == PARENT) & (draw > 0.5))  # noqa: PLR2004 - mothers
    return np.where(is_married_in, draw, home["surname"].to_numpy())


def care_types(family: pd.DataFrame, draw: Numbers) -> NDArray[np.object_]:
    """Return lists of care types; most are empty."""
    age, is_living = family["age"].to_numpy(), family["is_living"].to_numpy()
    is_woman = ~family["is_male"].to_numpy()
    is_adult = (age >= ADULT) & (age < OLD)
    is_left, is_unminded = _left_behind(family["household"], is_adult, is_living)
    alone = (family["size"] == 1).to_numpy() & (age >= OLD) & is_living
    # Several chances out of one draw: its digits further down.
    chance = [draw * step % 1 for step in (1, 97, 389, 977, 1999, 577, 1361)]
    flags = {
        "01": alone,
        "02": age >= EIGHTY,
        "03": chance[0] < CARE_RATES["03"],
        "04": chance[1] < CARE_RATES["04"],
        "05": alone & (chance[5] < CARE_RATES["05"]),
        "06": is_unminded & (age >= OLD),
        "07": is_unminded & (age < CHILD),
        "08": is_left & is_adult & is_woman & (chance[6] < CARE_RATES["08"]),
        "09": (age < ADULT) & (chance[2] < CARE_RATES["09"]),
        "10": ~is_woman & (age >= ADULT) & (chance[3] < CARE_RATES["10"]),
        "11": chance[4] < CARE_RATES["11"],
    }
    return _lists(flags)


def _left_behind(
    households: pd.Series, is_adult: Flags, is_living: Flags
) -> tuple[Flags, Flags]:
    """Tell who lives here while an adult is away, and who without any adult."""
    of_household = pd.DataFrame(
        {"away": is_adult & ~is_living, "here": is_adult & is_living}
    ).groupby(households.to_numpy())
    any_adult = of_household.transform("any")
    is_left = any_adult["away"].to_numpy() & is_living
    return is_left, is_left & ~any_adult["here"].to_numpy()


def _lists(flags: dict[str, Flags]) -> NDArray[np.object_]:
    """Return per row the names of the flags that are set."""
    masks = np.zeros(len(next(iter(flags.values()))), dtype=np.int64)
    for bit, flag in enumerate(flags.values()):
        masks += flag.astype(np.int64) << bit
    lists = {
        mask: [code for bit, code in enumerate(flags) if mask >> bit & 1]
        for mask in np.unique(masks).tolist()
    }
    result = np.empty(len(masks), dtype=object)
    result[:] = [lists[mask] for mask in masks.tolist()]
    return result
