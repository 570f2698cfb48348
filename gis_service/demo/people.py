"""Households and residents of the demo county, a township at a time.

A cell draws its people one after the other from a stream of its own, so the people of
a small county are the first ones of the full county. Their names come from lists and
their numbers from ranges that were never given out: nobody alive can have them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.demo import county, identity, names
from gis_service.demo.streams import Counts, Numbers, Streams, chosen, normal
from gis_service.demo.yards import Yards

SIZE_WEIGHTS = [0.13, 0.22, 0.22, 0.2, 0.13, 0.06, 0.025, 0.015]
"""Weights of households of 1 to 8 people."""

HEAD, SPOUSE, SON, DAUGHTER, GRANDCHILD, PARENT = 0, 1, 2, 3, 4, 5
SIBLING = 7
ADULT, OLD, EIGHTY, CHILD = 18, 60, 80, 16
PER_HOUSE_RURAL, PER_HOUSE_TOWN, PER_HOUSE_LET = 3, 14, 2
REGISTERED, FLOATING = "registered", "floating"
FIRST_FLOATING = 5_000
"""Household numbers above this are of people registered elsewhere."""

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


@dataclass(frozen=True, slots=True)
class Folk:
    """Households and residents of some cells, before they are stored.

    ``households`` are sorted as they will be stored and ``residents.household`` is a
    row number of them.
    """

    households: pd.DataFrame
    residents: pd.DataFrame


def houses_needed(
    codes: list[str], registered: Counts, floating: Counts, streams: Streams
) -> Counts:
    """Return how many houses the people of each cell live in."""
    needed = np.ones(len(codes), dtype=np.int64)
    for name, counts, per_house in (
        (REGISTERED, registered, _per_house(codes)),
        (FLOATING, floating, PER_HOUSE_LET),
    ):
        owner, *_ = _homes(codes, counts, streams, name)
        homes = np.bincount(owner, minlength=len(codes))
        needed = np.maximum(needed, np.ceil(homes / per_house).astype(np.int64))
    return needed


def _per_house(codes: list[str]) -> Counts:
    is_town = np.array([code[9:12] < "200" for code in codes])
    return np.where(is_town, PER_HOUSE_TOWN, PER_HOUSE_RURAL)


def _homes(
    codes: list[str], counts: Counts, streams: Streams, name: str
) -> tuple[Counts, Counts, Counts, Numbers]:
    """Draw households one after the other until the people of a cell are housed.

    Returns
    -------
    tuple
        Per household: its cell, how many it was to have, how many of them are among
        the people of the cell, and draws for more.
    """
    owner, draws = streams.rows_of_each(f"{name} households", codes, counts, 3)
    sizes = chosen(draws[:, 0], SIZE_WEIGHTS) + 1
    first = np.cumsum(counts) - counts
    # People housed in the cell before each household, from one sum over all cells.
    before = np.cumsum(sizes) - sizes
    before = before - np.append(before, 0)[first][owner]
    kept = before < counts[owner]
    owner, sizes = owner[kept], sizes[kept]
    here = np.minimum(sizes, counts[owner] - before[kept])
    return owner, sizes, here, draws[kept]


def folk(yards: Yards, registered: Counts, floating: Counts, streams: Streams) -> Folk:
    """Make the people of some cells: ``registered`` and ``floating`` per yard."""
    parts = [
        _drawn(yards, registered, streams, REGISTERED),
        _drawn(yards, floating, streams, FLOATING),
    ]
    homes = pd.concat([part.households for part in parts], ignore_index=True)
    parts[1].residents["household"] += len(parts[0].households)
    people = pd.concat([part.residents for part in parts], ignore_index=True)
    return Folk(homes, _described(people, homes))


def _drawn(yards: Yards, counts: Counts, streams: Streams, name: str) -> Folk:
    """Return the people of one kind before they are described."""
    owner, sizes, here, draws = _homes(yards.code.tolist(), counts, streams, name)
    household = np.repeat(np.arange(len(owner)), here)
    position = np.arange(len(household)) - (np.cumsum(here) - here)[household]
    number = _counted(owner)
    is_floating = name == FLOATING
    per_house = _per_house(yards.code.tolist())[owner]
    house = number // (PER_HOUSE_LET if is_floating else per_house)
    homes = pd.DataFrame(
        {
            "owner": owner,
            "grid_code": yards.code[owner],
            "number": number + 1 + FIRST_FLOATING * is_floating,
            "house": house,
            "group_no": yards.first_group[owner] + house % yards.group_count[owner],
            "size": sizes,
            "surname": draws[:, 1],
            "head": draws[:, 2],
        }
    )
    homes[["lon", "lat"]] = _places(yards, owner, house)
    _, rows = yards.drawn(streams, f"{name} residents", counts, 9)
    residents = pd.DataFrame(rows, columns=[f"draw{at}" for at in range(9)])
    residents["household"] = household
    residents["position"] = position
    residents["area"] = yards.serial[owner[household]]
    residents["is_floating"] = is_floating
    return Folk(homes, residents)


def _counted(owner: Counts) -> Counts:
    """Return the number of each row of its owner from 0; owners are in order."""
    first = np.searchsorted(owner, np.arange(owner.max(initial=0) + 1))
    return np.arange(len(owner)) - first[owner]


def _places(yards: Yards, owner: Counts, house: Counts) -> Numbers:
    houses = np.concatenate([yard.houses for yard in yards.each])
    built = np.array([len(yard.houses) for yard in yards.each])
    return np.asarray(houses[(np.cumsum(built) - built)[owner] + house])


def _described(people: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Give everybody a place in the family, an age, a name and what follows."""
    draws = people.filter(like="draw").to_numpy().T
    home = homes.iloc[people["household"].to_numpy()].reset_index(drop=True)
    relation = _relations(people["position"].to_numpy(), home, draws[0])
    head_age = _head_ages(home)
    age = _ages(relation, head_age, draws[1])
    head_is_male = home["surname"].to_numpy() * 997 % 1 < 0.78  # noqa: PLR2004 - share of male heads
    is_male = _are_male(relation, head_is_male, draws[2])
    is_floating = people["is_floating"].to_numpy()
    is_living = is_floating | (draws[3] >= _away_rates(age))
    relation = np.where((relation == SON) & ~is_male, DAUGHTER, relation)
    born = np.datetime64(county.TODAY) - (age * 365.2425 + draws[4] * 365).astype(int)
    born = np.minimum(born, np.datetime64(county.TODAY))
    surname = names.surnames(_surname_draws(relation, home, draws[5]))
    family = pd.DataFrame(
        {
            "household": people["household"],
            "age": age,
            "is_living": is_living,
            "is_male": is_male,
            "size": home["size"],
        }
    )
    return pd.DataFrame(
        {
            "household": people["household"],
            "name": surname + names.given_names(draws[6], is_male),
            "id_number": identity.numbers(people["area"].to_numpy(), born, is_male),
            "phone": identity.phones(draws[7], age >= CHILD),
            "birth_on": born,
            "sex": np.where(is_male, 1, 2),
            "person_type": np.where(is_floating, "02", "01"),
            "relation": relation,
            "is_registered_here": ~is_floating,
            "is_living_here": is_living,
            "care_types": _care_types(family, draws[8]),
        }
    )


def _relations(position: Counts, home: pd.DataFrame, draw: Numbers) -> Counts:
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


def _head_ages(home: pd.DataFrame) -> Numbers:
    draw = home["head"].to_numpy()
    # Who lives alone is old more often than not.
    return np.where(home["size"] == 1, 38 + 50 * draw**0.7, 27 + 52 * draw**1.15)


def _ages(relation: Counts, head: Numbers, draw: Numbers) -> Numbers:
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


def _are_male(relation: Counts, head_is_male: Flags, draw: Numbers) -> Flags:
    other = draw < 0.53  # noqa: PLR2004 - more boys than girls were born
    by_head = np.where(relation == HEAD, head_is_male, ~head_is_male)
    return np.where(relation <= SPOUSE, by_head, other).astype(bool)


def _away_rates(age: Numbers) -> Numbers:
    starts, rates = zip(*AWAY_BY_AGE, strict=True)
    return np.array(rates)[np.searchsorted(starts, age, side="right") - 1]


def _surname_draws(relation: Counts, home: pd.DataFrame, draw: Numbers) -> Numbers:
    is_married_in = (relation == SPOUSE) | ((relation == PARENT) & (draw > 0.5))  # noqa: PLR2004 - mothers
    return np.where(is_married_in, draw, home["surname"].to_numpy())


def _care_types(family: pd.DataFrame, draw: Numbers) -> NDArray[np.object_]:
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
