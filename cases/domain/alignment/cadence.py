"""How items follow each other at a lane: the density of the seconds from one to the next."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.params import Params
from cases.domain.alignment.tally import GAP_EDGES

Array = NDArray[np.float64]
STEP_S = 0.05
FROM_S, TO_S = -6.0, 90.0
GRID = np.arange(FROM_S, TO_S, STEP_S)
TAIL = 1.5
"""Beyond the grid the density falls with this power of the gap."""
LEAST = 1e-5
"""No gap is impossible."""
BLURS_S = (0.0, 0.35, 1.5)
"""How well the instant of an item is known: seen; told by its scan; told by a slow entry."""


def prior_shares(params: Params) -> Array:
    """[bins] of gaps while a lane works: log-normal about its pace, some slower, and the pauses between customers."""
    middles = np.maximum((GAP_EDGES[1:] + GAP_EDGES[:-1]) / 2, 0.05)
    pace = _paced(middles, params.pace_s, params.pace_spread)
    slow = _paced(middles, params.slow_s, params.slow_spread)
    between = _log_normal(middles, np.log(30.0), 0.9)
    working = (1 - params.slow) * pace + params.slow * slow
    hand = np.where(middles < params.together_s, params.together / params.together_s, 0.0)
    shares = ((1 - params.pause) * working + params.pause * between + hand) * np.diff(GAP_EDGES)
    return np.asarray(shares / shares.sum())


def _paced(x: Array, mean_s: float, spread: float) -> Array:
    """`spread`: standard deviation over mean."""
    sigma = float(np.sqrt(np.log(1 + spread**2)))
    return _log_normal(x, np.log(mean_s) - sigma**2 / 2, sigma)


def _log_normal(x: Array, mu: float, sigma: float) -> Array:
    return np.asarray(np.exp(-0.5 * ((np.log(x) - mu) / sigma) ** 2) / (x * sigma * np.sqrt(2 * np.pi)))


class Cadence:
    """Densities per second from the shares of `GAP_EDGES`, exact or blurred by what is known of the instants."""

    def __init__(self, shares: Array) -> None:
        widths = np.diff(GAP_EDGES)
        middles = (GAP_EDGES[1:] + GAP_EDGES[:-1]) / 2
        density = np.interp(GRID, middles, shares / widths)
        density[GRID < 0] = 0.0
        density = np.maximum(density, LEAST * (GRID >= 0))
        self.tables = np.array([_blurred(density, sd) for sd in BLURS_S])

    def at(self, gap_s: Array, blur: int | NDArray[np.int64]) -> Array:
        """`gap_s`: any shape, seconds; `blur`: index of `BLURS_S`, or one for each gap."""
        index = np.minimum(np.maximum((np.minimum(gap_s, TO_S) - FROM_S) / STEP_S, 0), len(GRID) - 1).astype(int)
        found = self.tables[blur, index]
        far, early = gap_s > TO_S, gap_s < 0.0  # few gaps are either: powers are dear
        found[far] *= (TO_S / gap_s[far]) ** TAIL
        least = np.full(gap_s.shape, LEAST)
        least[early] *= np.exp(gap_s[early])
        return np.asarray(np.maximum(found, least))


def _blurred(density: Array, sd_s: float) -> Array:
    if sd_s == 0.0:
        return density
    kernel = _kernel(sd_s)
    return np.convolve(density, kernel, mode="same")


@lru_cache
def _kernel(sd_s: float) -> Array:
    reach = int(4 * sd_s / STEP_S)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP_S / sd_s) ** 2)
    return np.asarray(bell / bell.sum())
