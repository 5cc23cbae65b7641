"""The three special functions that exact tails of counts need, on arrays, without SciPy (it is no part of the product).

Sources: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov, by equation number; the continued
fractions are summed by W. J. Lentz's method as modified by Thompson and Barnett (1986), J. Comput. Phys. 64, 490-509.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pair = tuple[Array, Array]

LARGE = 10.0
"""From here on eight terms of Stirling's series are exact to the last digit."""
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)
HALF_LOG_TWO_PI = 0.5 * float(np.log(2 * np.pi))
PRECISION = 1e-15
MOST_TERMS = 20_000
TINY = 1e-300


def log_gamma(x: Array) -> Array:
    """ln Γ(x) for x > 0, any shape; absolute error about 1e-14 times the greater of 1 and the result.

    Stirling's series (DLMF 5.11.1), small x by way of Γ(x + 10) = x (x + 1) … (x + 9) Γ(x).
    """
    given = np.asarray(x, dtype=np.float64)
    small = given < LARGE
    z = np.where(small, given + LARGE, given)
    inverse = 1.0 / z
    square = inverse * inverse
    series = np.full_like(z, STIRLING[-1])
    for coefficient in STIRLING[-2::-1]:
        series *= square
        series += coefficient
    result = (z - 0.5) * np.log(z) - z + HALF_LOG_TWO_PI + series * inverse
    if not small.any():
        return np.asarray(result)
    low = np.where(small, given, 1.0)
    product = low.copy()
    for step in range(1, int(LARGE)):
        product *= low + step
    return np.asarray(result - np.where(small, np.log(product), 0.0))


def gamma_tails(shape: Array, x: Array) -> Pair:
    """The regularised incomplete gamma functions P(shape, x) and Q = 1 - P, shapes alike, shape > 0, x >= 0.

    Whichever is small is worked out directly, so that it keeps its digits: the power series (DLMF 8.11.4) below
    shape + 1, the continued fraction (DLMF 8.9.2) above. Raises ArithmeticError where neither settles.
    """
    a, z = np.broadcast_arrays(np.asarray(shape, dtype=np.float64), np.asarray(x, dtype=np.float64))
    safe = np.maximum(z, TINY)
    front = np.exp(a * np.log(safe) - z - log_gamma(a))
    below = z < a + 1.0
    lower, upper = np.zeros_like(front), np.zeros_like(front)
    if np.any(below):
        lower[below] = front[below] * _gamma_series(a[below], z[below])
    above = ~below
    if np.any(above):
        shape_, x_ = a[above], z[above]
        upper[above] = front[above] * _continued_fraction(
            np.ones_like(x_), lambda k: k * (shape_ - k), lambda k: x_ + 2.0 * k + 1.0 - shape_
        )
    return np.where(below, lower, 1.0 - upper), np.where(below, 1.0 - lower, upper)


def beta_tails(a: Array, b: Array, x: Array, rest: Array) -> Pair:
    """The regularised incomplete beta functions I_x(a, b) and 1 - I, shapes alike, a, b > 0, 0 <= x <= 1.

    `rest` is 1 - x, given apart so that it keeps its digits where x is nearly 1. By the continued fraction DLMF
    8.17.22 on the side of the mean where it converges quickly. Raises ArithmeticError where it does not settle.
    """
    first, second, low, high = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (a, b, x, rest)))
    turned = low > (first + 1.0) / (first + second + 2.0)
    p, q = np.where(turned, second, first), np.where(turned, first, second)
    y, z = np.where(turned, high, low), np.where(turned, low, high)
    front = np.exp(
        p * np.log(np.maximum(y, TINY))
        + q * np.log(np.maximum(z, TINY))
        + log_gamma(p + q)
        - log_gamma(p)
        - log_gamma(q)
    )
    near = front / p * _continued_fraction(np.ones_like(y), lambda k: _beta_term(p, q, y, k), lambda _: np.ones_like(y))
    near = np.where(y > 0.0, np.clip(near, 0.0, 1.0), 0.0)
    return np.where(turned, 1.0 - near, near), np.where(turned, near, 1.0 - near)


def _beta_term(a: Array, b: Array, x: Array, k: int) -> Array:
    m = k // 2
    if k % 2:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
    return m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))


def _gamma_series(a: Array, x: Array) -> Array:
    """sum of x^k / (a (a + 1) … (a + k))."""
    term = 1.0 / a
    total = term.copy()
    for k in range(1, MOST_TERMS):
        term = term * x / (a + k)
        total += term
        if np.all(term <= PRECISION * total):
            return total
    raise ArithmeticError("The incomplete gamma series did not settle.")


def _continued_fraction(first: Array, numerator: Callable[[int], Array], denominator: Callable[[int], Array]) -> Array:
    """first / (d₀ + n₁ / (d₁ + n₂ / (d₂ + …))) with n and d by index."""
    d0 = denominator(0)
    value = np.where(np.abs(d0) < TINY, TINY, d0)
    upper, lower = value.copy(), np.zeros_like(value)
    for k in range(1, MOST_TERMS):
        n, d = numerator(k), denominator(k)
        lower = d + n * lower
        lower = 1.0 / np.where(np.abs(lower) < TINY, TINY, lower)
        upper = d + n / upper
        upper = np.where(np.abs(upper) < TINY, TINY, upper)
        step = upper * lower
        value = value * step
        if np.all(np.abs(step - 1.0) <= 4 * PRECISION):
            return first / value
    raise ArithmeticError("The continued fraction did not settle.")
