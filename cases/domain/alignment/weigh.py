"""From passes, slots, clock and rates to the weights of the lattice. All densities are per second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.between import JUNK
from cases.domain.alignment.causes import TAKEN_BACK_S, act_causes, fresh, likeness, nothing_density
from cases.domain.alignment.lattice import Weights
from cases.domain.alignment.odds import pair_densities, residuals, spreads
from cases.domain.alignment.params import Params
from cases.domain.alignment.rates import Rates
from cases.domain.alignment.slots import SALE_LAWS, Slot
from cases.domain.alignment.types import Clock, Sighting

Array = NDArray[np.float64]
REACH_S = 10.0
"""A slot this far from a pass cannot be that pass."""
LATE = frozenset({"keyed", "weighed", "department", "extra", "return"})
SEEN, TOLD, SLOW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Weighed:
    """`acts` [n]: what a pass without a line may be, cause -> share."""

    weights: Weights
    acts: Sequence[Mapping[str, float]]
    residual: Array


def weigh(
    passes: Sequence[Sighting],
    slots: Sequence[Slot],
    returns: Sequence[Sighting],
    idle: NDArray[np.bool_],
    clock: Clock,
    rates: Rates,
    params: Params,
) -> Weighed:
    """`passes`, `slots`: ordered by time. `returns`: item_return events that no line asks for.
    `idle` [n]: no ticket was open."""
    seen_at = np.array([s.at for s in passes])
    told_at = np.array([slot.expected_at for slot in slots]) - clock.offset_s
    hard = np.array([slot.law in SALE_LAWS for slot in slots], dtype=bool)
    residual = residuals(passes, slots, clock)
    sd = spreads(slots, clock, rates.laws)
    near = [r for r in returns if passes and passes[0].at < r.at <= passes[-1].at + TAKEN_BACK_S]
    acts = [act_causes(s, near, rates, params) for s in passes]
    after, before = _repeats(passes, seen_at, rates)
    pass_gap, hidden = _pass_gaps(seen_at, rates, params)
    unpaid = np.array([sum(a.values()) for a in acts]) * np.where(idle, params.between, 1.0)
    low, high = _band(seen_at, told_at, REACH_S + 3 * clock.sd_s)
    pair = pair_densities(passes, slots, residual, sd, rates.laws, params)
    blur = np.where(sd > 0.8, SLOW, TOLD) if len(slots) else np.zeros(0, dtype=int)
    weights = Weights(
        pair=np.where(hard[None, :], pair, pair / rates.pace) if len(slots) else pair,
        unpaid=unpaid * _room_behind(seen_at, rates, params),
        alone=np.array([nothing_density(s, rates, params) for s in passes]),
        after=after,
        before=before,
        skip=np.array([1.0 - rates.laws[slot.law].seen for slot in slots]),
        hard=hard,
        swap=np.array([_crossable(slots, j) for j in range(len(slots))], dtype=bool),
        pass_gap=pass_gap,
        hidden=hidden,
        slot_to_pass=_by_blur(seen_at[:, None] - _hard_before(told_at, hard)[None, :], blur, rates),
        pass_to_slot=_by_blur(told_at[None, :] - seen_at[:, None], blur, rates),
        slot_gap=_slot_gaps(told_at, hard, blur, rates),
        first=rates.pace * params.lull,
        low=low,
        high=high,
        again=params.again / rates.before_share,
    )
    return Weighed(weights, acts, residual)


def _band(seen_at: Array, told_at: Array, reach_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per row (row 0: before the first pass), how many slots must be told by then, and how many may be."""
    n, m = len(seen_at), len(told_at)
    low, high = np.zeros(n + 1, dtype=int), np.full(n + 1, m)
    low[1:] = np.searchsorted(told_at, seen_at - reach_s)
    high[1:] = np.searchsorted(told_at, seen_at + reach_s)
    high[0] = high[1] if n else m
    for back in range(1, JUNK + 2):
        high[:-back] = np.maximum(high[:-back], low[back:])
    high[max(0, n - JUNK) :] = m
    return low, np.maximum.accumulate(high)


def _pass_gaps(seen_at: Array, rates: Rates, params: Params) -> tuple[Array, Array]:
    """[n, JUNK + 1] cadence from pass i - 1 - k to pass i, and how much likelier than at the lane's cadence an unpaid
    item crosses so soon after another."""
    n = len(seen_at)
    earlier = np.arange(n)[:, None] - 1 - np.arange(JUNK + 1)
    gap = seen_at[:, None] - seen_at[np.maximum(earlier, 0)]
    usual = rates.cadence.at(gap, SEEN)
    hand = (gap < params.together_s) * params.together_unpaid / params.together_s
    hidden = (hand + (1 - params.together_unpaid) * rates.apart.at(gap, SEEN)) / usual
    return np.where(earlier < 0, rates.pace, usual), np.where(earlier < 0, 1.0, hidden)


def _room_behind(seen_at: Array, rates: Rates, params: Params) -> Array:
    """[n] how much rarer than any act an item of its own is followed so soon by the next pass: further units of one
    line follow sooner than items do."""
    found = np.ones(len(seen_at))
    if len(seen_at) > 1:
        gap = np.diff(seen_at)
        rarer = np.minimum(1.0, rates.apart.at(gap, SEEN) / rates.cadence.at(gap, SEEN))
        found[:-1] = np.where(gap > params.together_s, rarer, 1.0)
    return found


def _hard_before(told_at: Array, hard: NDArray[np.bool_]) -> Array:
    """[m] instant of the last slot, up to and with each, that is an item of its own."""
    if not len(told_at):
        return told_at
    place = np.maximum.accumulate(np.where(hard, np.arange(len(told_at)), 0))
    return np.asarray(told_at[place])


def _by_blur(gap: Array, blur: NDArray[np.int64], rates: Rates) -> Array:
    """`gap` [n, m], `blur` [m]."""
    return rates.cadence.at(gap, np.broadcast_to(blur, gap.shape)) if gap.size else gap


def _slot_gaps(told_at: Array, hard: NDArray[np.bool_], blur: NDArray[np.int64], rates: Rates) -> Array:
    found = np.full(len(told_at), rates.pace)
    if len(told_at) > 1:
        gap = told_at[1:] - _hard_before(told_at, hard)[:-1]
        found[1:] = _by_blur(gap[None, :], blur[1:], rates)[0]
    return found


def _crossable(slots: Sequence[Slot], j: int) -> bool:
    return j >= 1 and (slots[j].law in LATE or slots[j - 1].law in LATE)


def _repeats(passes: Sequence[Sighting], seen_at: Array, rates: Rates) -> tuple[Array, Array]:
    n = len(passes)
    after, before = np.zeros((n, JUNK)), np.zeros((n, JUNK))
    for k in range(JUNK):
        if n <= k + 1:
            continue
        late, early = rates.again(seen_at[k + 1 :] - seen_at[: n - k - 1])
        for i in range(n - k - 1):
            if late[i] == early[i] == 0.0:
                continue
            alike = likeness(passes[i], passes[i + k + 1])
            again = alike * fresh(passes[i + k + 1]) / rates.fresh
            after[i + k + 1, k], before[i, k] = late[i] * again, early[i] * again
    return after, before
