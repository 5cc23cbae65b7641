"""The special functions against closed forms, published values and SciPy, which the product does without."""

from math import erf, erfc, exp, isclose, lgamma, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special as reference

from pos.domain.peers import special
from pos.domain.peers.special import beta_tails, gamma_tails, log_gamma


def one(value: float) -> np.ndarray:
    return np.array([value])


@pytest.mark.parametrize(
    ("x", "value"),
    [
        (0.001, 6.907178885383854),
        (0.5, 0.5723649429247001),
        (1.0, 0.0),
        (2.0, 0.0),
        (10.0, 12.801827480081469),
        (100.0, 359.1342053695754),
        (1e5, 1051287.7089736568),
    ],
)
def test_log_gamma(x: float, value: float) -> None:
    assert log_gamma(one(x))[0] == pytest.approx(value, rel=1e-14, abs=1e-14)


@given(st.floats(1e-6, 1e9))
def test_log_gamma_everywhere(x: float) -> None:
    assert isclose(float(log_gamma(one(x))[0]), lgamma(x), rel_tol=1e-13, abs_tol=1e-13)


@pytest.mark.parametrize(
    ("shape", "x", "lower", "why"),
    [
        (1.0, 0.3, 1 - exp(-0.3), "exponential"),
        (0.5, 0.5, erf(sqrt(0.5)), "one standard deviation"),
        (0.5, 4.5, erf(3.0 / sqrt(2.0)), "three of them"),
        (5.0, 18.307038053275146 / 2, 0.95, "chi-square, 10 degrees of freedom"),
        (10.0, 0.0, 0.0, "nothing below zero"),
    ],
)
def test_incomplete_gamma(shape: float, x: float, lower: float, why: str) -> None:
    low, high = gamma_tails(one(shape), one(x))
    assert low[0] == pytest.approx(lower, rel=1e-13), why
    assert high[0] == pytest.approx(1 - lower, rel=1e-9), why


def test_a_far_tail_keeps_its_digits() -> None:
    assert gamma_tails(one(0.5), one(50.0))[1][0] == pytest.approx(erfc(sqrt(50.0)), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 5e4), st.floats(-6, 6))
def test_incomplete_gamma_is_scipys(shape: float, deviations: float) -> None:
    x = max(shape + deviations * sqrt(shape), 0.0)
    low, high = gamma_tails(one(shape), one(x))
    assert low[0] == pytest.approx(reference.gammainc(shape, x), rel=1e-8)
    assert high[0] == pytest.approx(reference.gammaincc(shape, x), rel=1e-8)
    assert low[0] + high[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "x", "value", "why"),
    [
        (1.0, 1.0, 0.37, 0.37, "even"),
        (2.0, 3.0, 0.4, 0.5248, "6x² - 8x³ + 3x⁴"),
        (3.0, 2.0, 0.6, 1 - 0.5248, "the same from the other end"),
        (1.0, 5.0, 0.1, 1 - 0.9**5, "at least one of five"),
        (7.0, 4.0, 0.0, 0.0, "nothing"),
        (7.0, 4.0, 1.0, 1.0, "everything"),
    ],
)
def test_incomplete_beta(a: float, b: float, x: float, value: float, why: str) -> None:
    low, high = beta_tails(one(a), one(b), one(x), one(1 - x))
    assert low[0] == pytest.approx(value, rel=1e-13, abs=1e-300), why
    assert high[0] == pytest.approx(1 - value, rel=1e-12, abs=1e-15), why


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 5e3), st.floats(0.2, 5e3), st.floats(0.001, 0.999))
def test_incomplete_beta_is_scipys(a: float, b: float, x: float) -> None:
    low, high = beta_tails(one(a), one(b), one(x), one(1 - x))
    assert low[0] == pytest.approx(reference.betainc(a, b, x), rel=1e-8, abs=1e-290)
    assert high[0] == pytest.approx(reference.betaincc(a, b, x), rel=1e-8, abs=1e-290)


def test_arrays_of_any_shape() -> None:
    low, _ = gamma_tails(np.array([[1.0], [2.0]]), np.array([0.5, 1.0, 4.0]))
    assert low.shape == (2, 3)
    assert np.all(np.diff(low, axis=1) > 0) and np.all(np.diff(low, axis=0) < 0)


def test_what_does_not_settle_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special, "MOST_TERMS", 3)
    for x in (90.0, 120.0):
        with pytest.raises(ArithmeticError):
            gamma_tails(one(100.0), one(x))
    with pytest.raises(ArithmeticError):
        beta_tails(one(100.0), one(100.0), one(0.5), one(0.5))
