"""Chances of counts: by summing them up, and as published."""

from math import comb, exp, factorial, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.peers.counting import at_least, at_most, interpolated_quantile, log_chance


def one(value: float) -> np.ndarray:
    return np.array([value])


def poisson(count: int, mean: float) -> float:
    return exp(-mean) * mean**count / factorial(count)


def negative_binomial(count: int, mean: float, shape: int) -> float:
    share = mean / (mean + shape)
    return comb(count + shape - 1, count) * share**count * (1 - share) ** shape


@pytest.mark.parametrize(("count", "mean"), [(0, 3.0), (1, 0.2), (7, 2.5), (40, 33.0)])
def test_poisson_tails_are_sums(count: int, mean: float) -> None:
    below = sum(poisson(k, mean) for k in range(count))
    assert at_least(one(count), one(mean), one(inf))[0] == pytest.approx(1 - below, rel=1e-9)
    assert at_most(one(count), one(mean), one(inf))[0] == pytest.approx(below + poisson(count, mean), rel=1e-12)


@pytest.mark.parametrize(("count", "mean", "shape"), [(0, 3.0, 2), (1, 0.2, 5), (12, 2.5, 4), (60, 33.0, 9)])
def test_negative_binomial_tails_are_sums(count: int, mean: float, shape: int) -> None:
    above = sum(negative_binomial(k, mean, shape) for k in range(count, count + 900))
    assert at_least(one(count), one(mean), one(shape))[0] == pytest.approx(above, rel=1e-10)
    chance = negative_binomial(count, mean, shape)
    assert np.exp(log_chance(one(count), one(mean), one(shape)))[0] == pytest.approx(chance, rel=1e-12)


def test_published_limits_of_ten_events() -> None:
    """Garwood's exact 95 % limits for the mean of a count of 10: 4.795 and 18.390."""
    assert at_least(one(10), one(4.795389), one(inf))[0] == pytest.approx(0.025, rel=1e-4)
    assert at_most(one(10), one(18.390356), one(inf))[0] == pytest.approx(0.025, rel=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 300), st.floats(0.01, 300), st.one_of(st.floats(0.3, 1e4), st.just(inf)))
def test_both_tails_share_one_count(count: int, mean: float, shape: float) -> None:
    more, fewer = at_least(one(count), one(mean), one(shape))[0], at_most(one(count), one(mean), one(shape))[0]
    assert 0 <= more <= 1 and 0 <= fewer <= 1
    assert more + fewer >= 1 - 1e-12
    assert at_least(one(count + 1), one(mean), one(shape))[0] == pytest.approx(1 - fewer, abs=1e-12)


def test_an_endless_shape_is_poisson() -> None:
    counts = np.arange(20.0)
    alike, nearly = (at_least(counts, np.full(20, 6.0), np.full(20, shape)) for shape in (inf, 1e7))
    assert nearly == pytest.approx(alike, rel=1e-4)


def test_people_who_differ_have_longer_tails() -> None:
    chances = at_least(np.full(3, 20.0), np.full(3, 10.0), np.array([2.0, 10.0, inf]))
    assert chances[0] > chances[1] > chances[2]


@pytest.mark.parametrize("level", [0.001, 0.025, 0.5, 0.975, 0.999])
def test_a_quantile_lies_below_the_least_count_that_reaches_it(level: float) -> None:
    means = np.array([0.3, 4.0, 37.5])

    def below(count: np.ndarray) -> np.ndarray:
        return at_most(count, means, np.full(3, inf))

    found = interpolated_quantile(level, below, means + 60)
    assert np.all(below(np.ceil(found)) >= level - 1e-12)
    reached_before = np.where(found > 1, below(np.maximum(np.ceil(found) - 2, 0)), 0.0)
    assert np.all(reached_before < level)
