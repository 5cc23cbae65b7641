"""How much people differ: learnt from the others, whoever stands out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.peers.seen import table_of
from pos.domain.peers.spread import SPREADS, Peers, peers_of, shapes_of
from tests.unit.pos.peers.crew import REFUND, crew, drawn


def peers(counts: list[int], judged: int | None = None) -> Peers:
    return peers_of(table_of(crew(counts), REFUND), judged)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_the_spread_of_many_is_found(spread: float) -> None:
    rows, _ = drawn(7, 150, spread, 100)
    assert peers_of(table_of(rows, REFUND), None).spread == pytest.approx(spread, rel=0.25, abs=0.03)


def test_few_peers_leave_it_open() -> None:
    few, many = peers([20] * 4).beliefs, peers([20] * 60).beliefs
    assert few.max() < many.max()
    assert few @ SPREADS > many @ SPREADS


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=6, max_size=12), st.integers(0, 5), st.integers(0, 5000))
def test_nothing_of_the_judged_enters(counts: list[int], judged: int, other: int) -> None:
    """Not its own expectation, not that of others, not how much they differ: to the last digit."""
    changed = [other if k == judged else count for k, count in enumerate(counts)]
    a, b = peers(counts, judged), peers(changed, judged)
    assert np.array_equal(a.beliefs, b.beliefs)
    assert np.array_equal(a.expectation.expected, b.expectation.expected)
    assert np.array_equal(a.expectation.doubt, b.expectation.doubt)


def test_a_few_who_stand_out_do_not_widen_what_is_ordinary() -> None:
    rows, _ = drawn(3, 40, 0.2, 40)
    counts = [row.counts["refund"] for row in rows]
    without, with_them = peers(counts), peers([*counts, 200, 260, 320])
    assert with_them.spread < without.spread + 0.08
    assert with_them.expectation.expected[0] == pytest.approx(without.expectation.expected[0], rel=0.05)


def test_people_alike_are_still_allowed_a_tenth() -> None:
    assert peers([100] * 50).spread >= SPREADS[0]


def test_what_is_known_worse_has_a_wider_law() -> None:
    sure, unsure = shapes_of(np.array([0.0, 0.3]), np.array([50.0, 3.0]))
    assert np.all(unsure < sure)
    assert sure[0] == pytest.approx(1 / (0.01 * 1.02))
