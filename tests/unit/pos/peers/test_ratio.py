"""The shrunk ratio: the gamma-Poisson model's own closed form, and towards 1 as far as little was seen."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from pos.domain.peers.ratio import ratio_of
from pos.domain.peers.spread import SPREADS

KNOWN = 1e-9
"""The doubt of an expectation that is known."""


def sure_of(index: int) -> np.ndarray:
    return np.eye(len(SPREADS))[index]


@pytest.mark.parametrize("index", [0, 4, 7, 11])
@pytest.mark.parametrize(("observed", "expected"), [(0, 0.3), (14, 5.2), (3, 11.0), (5000, 4100.0)])
def test_the_closed_form(index: int, observed: int, expected: float) -> None:
    shape = SPREADS[index] ** -2
    posterior = stats.gamma(shape + observed, scale=1 / (shape + expected))
    found = ratio_of(observed, expected, KNOWN, sure_of(index), 0.95, standing_out=0.0)
    assert found.mean == pytest.approx(posterior.mean(), rel=1e-3)
    assert found.low == pytest.approx(posterior.ppf(0.025), rel=5e-3, abs=1e-6)
    assert found.high == pytest.approx(posterior.ppf(0.975), rel=5e-3)


def test_fourteen_where_five_were_expected() -> None:
    """Among people who differ by about half: nearly twice, not 2.7 times."""
    found = ratio_of(14, 5.2, KNOWN, (sure_of(6) + sure_of(7)) / 2, 0.95, standing_out=0.0)
    assert SPREADS[6] < 0.5 < SPREADS[7]
    assert (found.mean, found.low, found.high) == pytest.approx((1.93, 1.1, 3.0), abs=0.1)


def test_the_less_was_seen_the_nearer_to_one() -> None:
    beliefs = np.full(len(SPREADS), 1 / len(SPREADS))
    means = [ratio_of(3 * e, e, KNOWN, beliefs, 0.95).mean for e in (0.1, 1.0, 5.0, 50.0, 500.0)]
    assert means == sorted(means)
    assert means[0] < 1.25 and means[-1] == pytest.approx(3.0, rel=0.02)


@example(207, 1.0, 0)  # so much that the least share of those who stand out would explain all of it
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 400), st.floats(0.05, 400), st.integers(0, len(SPREADS) - 1))
def test_between_one_and_what_was_counted(observed: int, expected: float, index: int) -> None:
    raw = observed / expected
    found = ratio_of(observed, expected, KNOWN, sure_of(index), 0.95, standing_out=0.0)
    assert min(1.0, raw) * 0.998 <= found.mean <= max(1.0, raw) * 1.002
    assert 0 <= found.low < found.mean < found.high


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 100), st.integers(0, 10), st.integers(1, 30))
def test_more_events_a_higher_ratio(expected: float, observed: int, further: int) -> None:
    beliefs = np.full(len(SPREADS), 1 / len(SPREADS))
    one, other = (ratio_of(o, expected, 0.05, beliefs, 0.95) for o in (observed, observed + further))
    assert one.mean < other.mean and one.low < other.low and one.high < other.high


def test_doubt_about_the_expectation_shrinks_further_and_widens() -> None:
    sure, unsure = (ratio_of(40, 10.0, doubt, sure_of(7), 0.95, standing_out=0.0) for doubt in (KNOWN, 0.2))
    assert unsure.mean < sure.mean
    assert unsure.low < sure.low


def test_who_plainly_stands_out_is_not_told_as_if_ordinary() -> None:
    """Peers who differ by an eighth explain little of 31 where 10.6 were expected: the ratio is nearly as counted. Of 1
    where 0.4 were expected they explain all."""
    found = ratio_of(31, 10.6, 0.005, sure_of(1), 0.95)
    assert found.mean == pytest.approx(31 / 10.6, rel=0.1)
    assert found.low > 1.5
    assert ratio_of(1, 0.4, 0.005, sure_of(1), 0.95).mean == pytest.approx(1.0, abs=0.06)


def test_a_wider_coverage_holds_the_narrower() -> None:
    narrow, wide = (ratio_of(14, 5.2, 0.01, sure_of(6), coverage) for coverage in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
