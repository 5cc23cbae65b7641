"""How many times as often as expected: observed over expected, shrunk towards 1 as far as little was seen.

The gamma-Poisson model of Clayton and Kaldor (1987, Biometrics 43, 671-681), averaged over how much peers may differ
and over how well the expectation is known, with a second gamma for the few who stand out (DuMouchel, 1999, The American
Statistician 53, 177-190): else whoever does would be told as if ordinary. Integrated numerically over the logarithm of
the ratio, where the density has no edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pos.domain.peers.special import Array, log_gamma
from pos.domain.peers.spread import SPREADS, STANDING_OUT, STANDING_OUT_SHAPE, STANDING_OUT_TIMES

POINTS = 1_200
UNLIKELY = 1e-5
"""Spreads less probable than this do not decide how wide the grid is."""
REACH = 9.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """The posterior mean, and the ends of the central credible interval."""

    mean: float
    low: float
    high: float


def ratio_of(
    observed: float, expected: float, doubt: float, beliefs: Array, coverage: float, standing_out: float = STANDING_OUT
) -> Ratio:
    """The true ratio of someone with `observed` events where `expected` > 0 were to be expected.

    `doubt`: squared coefficient of variation of `expected`; `beliefs` [spreads] over SPREADS; `coverage` such as 0.95;
    `standing_out`: how many do, beforehand.
    """
    shapes = 1.0 / np.square(SPREADS)
    x = _grid(observed, expected, doubt, shapes[beliefs > UNLIKELY])
    ordinary = _log_gamma_density(x[None, :], shapes[:, None])
    far = _log_gamma_density(x[None, :] - np.log(STANDING_OUT_TIMES), np.array(STANDING_OUT_SHAPE))
    shares = np.append((1.0 - standing_out) * beliefs, standing_out)[:, None]
    # In logarithms up to here: what was counted may lie where every prior vanishes.
    logs = np.concatenate([ordinary, far]) + _log_likelihood(x, observed, expected, doubt)
    with np.errstate(divide="ignore"):  # what cannot be has no share, however well it would explain the count
        logs = logs + np.log(shares)
    density = np.exp(logs - logs.max()).sum(axis=0)
    steps = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    below = steps / steps[-1]
    mean = float(np.exp(x) @ density / density.sum())
    tail = (1.0 - coverage) / 2
    low, high = np.exp(np.interp([tail, 1.0 - tail], below, x))
    return Ratio(mean, float(low), float(high))


def _grid(observed: float, expected: float, doubt: float, shapes: Array) -> Array:
    """Logarithms of the ratio, evenly, wide enough for the posterior under every one of `shapes`."""
    shapes = np.append(shapes, STANDING_OUT_SHAPE)
    rates = np.append(shapes[:-1], STANDING_OUT_SHAPE / STANDING_OUT_TIMES)
    centres = np.log((observed + shapes) / (expected + rates))
    worth = float(shapes.min()) + observed / (1.0 + observed * doubt)
    width = REACH / np.sqrt(worth)
    # To the left the density falls like a power of the ratio, slowly where the shape is small.
    return np.linspace(centres.min() - width - 3 * REACH / worth, centres.max() + width, POINTS)


def _log_gamma_density(x: Array, shape: Array) -> Array:
    """Of ln ratio where the ratio is gamma-distributed with mean 1."""
    return np.asarray(shape * (np.log(shape) + x - np.exp(x)) - log_gamma(shape))


def _log_likelihood(x: Array, observed: float, expected: float, doubt: float) -> Array:
    """Of the count as far as it depends on the ratio, highest value 0: negative binomial with shape 1 / doubt."""
    mean = expected * np.exp(x)
    found = observed * x - (observed + 1.0 / doubt) * np.log1p(mean * doubt)
    return np.asarray(found - found.max())
