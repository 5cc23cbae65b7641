"""How many of those pointed out may be chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.peers.discovery import q_values

PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
PUBLISHED += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
"""The fifteen of Benjamini and Hochberg (1995), of which four are pointed out at 0.05."""

chances = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def test_the_published_example() -> None:
    assert [q <= 0.05 for q in q_values(PUBLISHED)] == [True] * 4 + [False] * 11
    assert q_values(PUBLISHED)[3] == pytest.approx(0.0095 * 15 / 4)


@given(chances)
def test_never_below_the_chance_and_in_its_order(found: list[float]) -> None:
    q = q_values(found)
    assert all(0 <= p <= one <= 1 for p, one in zip(found, q, strict=True))
    ranked = [one for _, one in sorted(zip(found, q, strict=True))]
    assert ranked == sorted(ranked)


@given(chances, st.randoms())
def test_whatever_the_order(found: list[float], random: object) -> None:
    known = dict(zip(found, q_values(found), strict=True))
    shuffled = sorted(found, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert [known[p] for p in shuffled] == list(q_values(shuffled))


def test_the_more_is_looked_at_the_rarer_it_must_be() -> None:
    assert q_values([0.001])[0] < q_values([0.001, *[0.5] * 30])[0] < q_values([0.001, *[0.5] * 300])[0]


def test_of_nothing_nothing() -> None:
    assert list(q_values([])) == []
