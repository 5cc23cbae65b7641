"""How well a pass fits a slot, against both being alone. All densities are per second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.params import Law, Params
from cases.domain.alignment.slots import SALE_LAWS, Slot
from cases.domain.alignment.types import Clock, Sighting

Array = NDArray[np.float64]
ALIGNED = ("item_pass", "item_bypass", "item_presented")


def pair_densities(
    passes: Sequence[Sighting], slots: Sequence[Slot], delta: Array, sd: Array, laws: Mapping[str, Law], params: Params
) -> Array:
    """[n, m] P(slot shows as such a pass) x density of its instant."""
    if not passes or not slots:
        return np.zeros((len(passes), len(slots)))
    seen, outlier = _seen(slots, laws), params.outlier
    near = (1 - outlier) * _normal(delta, sd) + outlier * _normal(delta, np.maximum(sd, params.outlier_sd_s))
    # only a line of its own may be of an item that went round the scanner
    wide = _normal(delta - params.bypass_mean_s, np.maximum(sd, params.bypass_sd_s))
    sold = np.array([slot.law in SALE_LAWS for slot in slots])
    shown = np.array([slot.law == "attempt" for slot in slots])
    density = np.empty_like(delta)
    for row, sighting in enumerate(passes):
        if sighting.type == "item_bypass":
            density[row] = np.where(sold, params.bypass_seen * wide[row], 0.0)
        elif sighting.type == "item_presented":
            density[row] = np.where(shown, 0.4, params.presented_seen) * near[row]
        else:
            density[row] = seen * near[row]
    return density


def log_odds(sightings: Sequence[Sighting], slots: Sequence[Slot], clock: Clock, alone: Array, params: Params) -> Array:
    """[n, m] log( P(slot shows as this pass) / (P(slot shows as none) x density of such passes without a line) )."""
    if not sightings or not slots:
        return np.zeros((len(sightings), len(slots)))
    delta = residuals(sightings, slots, clock)
    density = pair_densities(sightings, slots, delta, spreads(slots, clock, params.laws), params.laws, params)
    return np.log(density + 1e-300) - np.log(1 - _seen(slots, params.laws)) - np.log(alone)[:, None]


def residuals(sightings: Sequence[Sighting], slots: Sequence[Slot], clock: Clock) -> Array:
    """[n, m] seconds from when the pass was to when the slot says it should have been."""
    seen_at = np.array([sighting.at for sighting in sightings])
    expected = np.array([slot.expected_at for slot in slots]) - clock.offset_s
    return np.asarray(expected[None, :] - seen_at[:, None])


def spreads(slots: Sequence[Slot], clock: Clock, laws: Mapping[str, Law]) -> Array:
    """[m] standard deviation of each slot's residual: its law, the clock, and tills that cut to whole seconds."""
    own = [clock.jitter_s if slot.law == "scanned" else laws[slot.law].sd_s for slot in slots]
    return np.sqrt(np.square(own) + clock.sd_s**2 + clock.cut_s**2)


def _seen(slots: Sequence[Slot], laws: Mapping[str, Law]) -> Array:
    return np.array([laws[slot.law].seen for slot in slots])


def _normal(delta: Array, sd: Array | float) -> Array:
    return np.asarray(np.exp(-0.5 * (delta / sd) ** 2) / (np.asarray(sd) * sqrt(2 * pi)))


def log_normal_density(delta: float, sd: float) -> float:
    return -0.5 * (delta / sd) ** 2 - log(sd * sqrt(2 * pi))
