"""What many lanes teach one that has seen nothing yet."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cases.domain.alignment.params import Params
from cases.domain.alignment.pooling import LANE_CAP, at_most, experience, pooled
from cases.domain.alignment.rates import rates_of
from cases.domain.alignment.tally import Tally


def taught(items: float, *, repeats: float = 0.0, label: str = "item") -> Tally:
    tally = Tally(items=items, passes=items)
    tally.after[8] = repeats * items
    tally.law("scanned")[:] = items, 0.9 * items, items, 0.1 * items, 0.2 * items
    tally.label(label)[:] = items, 0.0
    return tally


@pytest.mark.parametrize(
    ("items", "worth", "left", "reason"),
    [
        ([400.0, 800.0], 600.0, 600.0, "worth is the most"),
        ([100.0, 50.0], 600.0, 150.0, "little stays as it is"),
        ([9_000_000.0], 600.0, 600.0, "however much there was"),
        ([300.0], 0.0, 0.0, "and nothing where there is no room"),
    ],
)
def test_it_is_worth_so_many_items_at_most(items: list[float], worth: float, left: float, reason: str) -> None:
    tally = pooled([taught(n) for n in items], worth)
    assert experience(tally) == pytest.approx(left), reason
    assert tally.laws.get("scanned", np.zeros(5))[0] == pytest.approx(left), reason


def test_of_nothing_comes_nothing() -> None:
    assert pooled([], 600.0).dump() == Tally().dump()
    assert pooled([Tally(), Tally()], 600.0).dump() == Tally().dump()


def test_the_order_of_the_lanes_is_nothing_to_it() -> None:
    rng = random.Random(4)
    lanes = [taught(rng.uniform(1, 9000), repeats=rng.random(), label=f"label {n}") for n in range(40)]
    first = pooled(lanes, 600.0)
    for _ in range(4):
        rng.shuffle(lanes)
        again = pooled(lanes, 600.0)
        assert again.dump() == first.dump()
        assert again.items == first.items, "to the last bit"


def test_one_huge_lane_does_not_speak_for_all() -> None:
    odd = taught(400_000.0, repeats=0.5)
    usual = [taught(5_000.0) for _ in range(3)]
    pool = pooled([odd, *usual], 600.0)
    assert pool.after[8] / pool.items == pytest.approx(0.5 * LANE_CAP / (LANE_CAP + 15_000))


def test_a_lane_that_saw_much_and_believed_little_counts_by_what_it_saw() -> None:
    """Else ten thousand passes that were nothing would be believed of every new lane, undiluted."""
    blind = Tally(items=0.0, passes=10_000.0, spurious=10_000.0)
    assert at_most(blind, 100.0).spurious == pytest.approx(100.0)


def test_a_new_lane_believes_its_neighbours() -> None:
    params = Params()
    alone = rates_of(params, Tally())
    among = rates_of(params, pooled([taught(3_000.0, repeats=0.3)] * 4, 600.0))
    assert among.after[8] > 1.5 * alone.after[8]


def test_what_went_in_is_left_as_it_was() -> None:
    lane = taught(9_000.0)
    before = lane.dump()
    pooled([lane, lane], 600.0)
    assert lane.dump() == before
