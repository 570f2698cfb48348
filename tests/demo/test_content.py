"""A small county is a part of a large one, whatever the order of making."""

import numpy as np
import pandas as pd
import pytest

from gis_service.demo.content import Content
from gis_service.demo.plan import Plan, drawn
from gis_service.demo.scale import Scale
from gis_service.demo.streams import Streams, apportioned, apportioned_between
from gis_service.people.sealing import Sealer
from tests.demo.conftest import SEED

TOWNSHIP = "431322501"
KEYS = {
    "people.households": "code",
    "objects.objects": "code",
    "matters.matters": "number",
    "land.parcels": "code",
}


def _township(scale: Scale, sealer: Sealer) -> dict[str, pd.DataFrame]:
    return dict(Content(drawn(SEED, scale), sealer).township(TOWNSHIP))


def test_people_of_the_demo_are_among_those_of_the_full_county(sealer: Sealer) -> None:
    small, large = (_township(scale, sealer) for scale in (Scale.DEMO, Scale.FULL))
    for table, key in KEYS.items():
        some, many = small[table].set_index(key), large[table].set_index(key)
        assert set(some.index) <= set(many.index), table
        assert len(some) < len(many)
    few = small["people.residents"]["id_number_index"]
    assert set(few) <= set(large["people.residents"]["id_number_index"])
    homes = small["people.households"].set_index("code")["geom"]
    same = large["people.households"].set_index("code")["geom"].loc[homes.index]
    assert [place.wkt for place in homes] == [place.wkt for place in same]


def test_townships_can_be_made_in_any_order(plan: Plan, sealer: Sealer) -> None:
    after_another = Content(plan, sealer)
    list(after_another.township("431322500"))
    alone = dict(Content(plan, sealer).township(TOWNSHIP))["people.households"]
    later = dict(after_another.township(TOWNSHIP))["people.households"]
    assert later["code"].tolist() == alone["code"].tolist()


@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_apportionment_gives_away_all_and_no_more(total: int) -> None:
    weights = np.array([3.0, 1.0, 0.0, 2.5])
    counts = apportioned(total, weights)
    assert counts.sum() == total
    assert (np.abs(counts - total * weights / weights.sum()) < 1).all()


def test_apportionment_keeps_between_its_bounds() -> None:
    weights = Streams(1).of("weights").random(50) ** 3
    low, high = np.full(50, 2), np.full(50, 8)
    counts = apportioned_between(237, weights, low, high)
    assert counts.sum() == 237
    assert counts.min() >= 2
    assert counts.max() <= 8
