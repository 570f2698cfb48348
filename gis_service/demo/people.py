"""Households and residents of the demo county, a township at a time.

A cell draws its people one after the other from a stream of its own, so the people of
a small county are the first ones of the full county. Their names come from lists and
their numbers from ranges that were never given out: nobody alive can have them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.demo import county, family, identity, names
from gis_service.demo.streams import Counts, Numbers, Streams, chosen
from gis_service.demo.yards import Yards

SIZE_WEIGHTS = [0.13, 0.22, 0.22, 0.2, 0.13, 0.06, 0.025, 0.015]
"""Weights of households of 1 to 8 people."""

PER_HOUSE_RURAL, PER_HOUSE_TOWN, PER_HOUSE_LET = 3, 14, 2
REGISTERED, FLOATING = "registered", "floating"
FIRST_FLOATING = 5_000
"""Household numbers above this are of people registered elsewhere."""


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
    relation = family.relations(people["position"].to_numpy(), home, draws[0])
    head_age = family.head_ages(home)
    age = family.ages(relation, head_age, draws[1])
    head_is_male = home["surname"].to_numpy() * 997 % 1 < 0.78  # noqa: PLR2004 - share of male heads
    is_male = family.are_male(relation, head_is_male, draws[2])
    is_floating = people["is_floating"].to_numpy()
    is_living = is_floating | (draws[3] >= family.away_rates(age))
    relation = np.where((relation == family.SON) & ~is_male, family.DAUGHTER, relation)
    born = np.datetime64(county.TODAY) - (age * 365.2425 + draws[4] * 365).astype(int)
    born = np.minimum(born, np.datetime64(county.TODAY))
    surname = names.surnames(family.surname_draws(relation, home, draws[5]))
    members = pd.DataFrame(
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
            "phone": identity.phones(draws[7], age >= family.CHILD),
            "birth_on": born,
            "sex": np.where(is_male, 1, 2),
            "person_type": np.where(is_floating, "02", "01"),
            "relation": relation,
            "is_registered_here": ~is_floating,
            "is_living_here": is_living,
            "care_types": family.care_types(members, draws[8]),
        }
    )
