"""How probable counts are: the Poisson law, and the negative binomial law where people differ.

A count with mean `mean` whose rate is gamma-distributed about it with coefficient of variation c is negative binomial
with shape 1/c² (Greenwood and Yule, 1920, J. R. Stat. Soc. 83, 255-279). An infinite shape is the Poisson law.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pos.domain.peers.special import Array, beta_tails, gamma_tails, log_gamma


def log_chance(count: Array, mean: Array, shape: Array) -> Array:
    """ln P(Y = count), negative binomial, shapes alike; mean, shape > 0 and finite."""
    return np.asarray(
        log_gamma(count + shape)
        - log_gamma(shape)
        - log_gamma(count + 1.0)
        - shape * np.log1p(mean / shape)
        + count * (np.log(mean) - np.log(mean + shape))
    )


def at_least(count: Array, mean: Array, shape: Array) -> Array:
    """P(Y >= count), exact, small values with all their digits; shapes alike, mean > 0, shape may be infinite."""
    return _tails(count, mean, shape)[0]


def at_most(count: Array, mean: Array, shape: Array) -> Array:
    """P(Y <= count), like `at_least`."""
    return _tails(np.asarray(count, dtype=np.float64) + 1.0, mean, shape)[1]


def _tails(count: Array, mean: Array, shape: Array) -> tuple[Array, Array]:
    """P(Y >= count) = I_q(count, shape) with q = mean / (mean + shape), or P(count, mean); and P(Y < count)."""
    y, mu, a = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (count, mean, shape)))
    reached, missed = np.ones_like(mu), np.zeros_like(mu)
    for chosen, pure in (((y > 0) & np.isinf(a), True), ((y > 0) & np.isfinite(a), False)):
        if not np.any(chosen):
            continue
        k, m, s = y[chosen], mu[chosen], a[chosen]
        high, low = gamma_tails(k, m) if pure else beta_tails(k, s, m / (m + s), s / (m + s))
        reached[chosen], missed[chosen] = high, low
    return reached, missed


def interpolated_quantile(level: float, at_most_of: Callable[[Array], Array], ceiling: Array) -> Array:
    """Where a count's distribution reaches `level`, between the integers, as funnel plots draw it.

    `at_most_of` gives P(Y <= y) [k] for y [k]; `ceiling` [k] must be so high that it is reached there. With y the
    least count that reaches the level, y - (P(Y <= y) - level) / P(Y = y), at least 0 (Spiegelhalter, 2005,
    Statistics in Medicine 24, 1185-1202, appendix A.1).
    """
    low, high = np.full_like(ceiling, -1.0), np.ceil(ceiling)
    while np.any(high - low > 1.0):
        middle = np.floor((low + high) / 2)
        reached = at_most_of(middle) >= level
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    upper = at_most_of(high)
    lower = np.where(high > 0, at_most_of(np.maximum(high - 1.0, 0.0)), 0.0)
    part = np.clip((upper - level) / np.maximum(upper - lower, 1e-300), 0.0, 1.0)
    return np.asarray(np.maximum(high - part, 0.0))
