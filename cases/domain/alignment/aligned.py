"""One stretch aligned: what each pass and each line most probably was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.between import JUNK
from cases.domain.alignment.lattice import Posterior, posteriors
from cases.domain.alignment.params import Params
from cases.domain.alignment.phases import between_tickets
from cases.domain.alignment.rates import Rates
from cases.domain.alignment.slots import SALE_LAWS, Slot, slots_of
from cases.domain.alignment.types import Clock, PosLine, Sighting
from cases.domain.alignment.weigh import weigh

Array = NDArray[np.float64]
DOUBLE_S = 0.8
"""Seen twice sooner than a hand could show an item again: one item taken for two."""
ORPHAN = 0.05
"""A pass or line that is alone with less than this probability does not look for another."""
EXPLAINED_LAWS = frozenset({"attempt", "soft", "void", "return"})


@dataclass(frozen=True, slots=True)
class Aligned:
    """`found`: posterior of every pass and slot. `acts` [n]: what a pass without a line may be, cause -> share."""

    passes: Sequence[Sighting]
    slots: Sequence[Slot]
    found: Posterior
    acts: Sequence[Mapping[str, float]]
    residual: Array
    deferred: Array
    """[n] P(pass i is goods that a line out of turn pays for)."""

    @property
    def posterior(self) -> Array:
        """[n, m] P(pass i is slot j)."""
        return self.found.pair

    def lone(self, i: int) -> float:
        return float(max(0.0, 1.0 - self.found.pair[i].sum()))

    def unpaid(self, i: int) -> float:
        """P(pass i is goods that left and were not rung up)."""
        total = sum(self.acts[i].values())
        left = float(self.found.unpaid[i] - self.deferred[i])
        return left * self.acts[i].get("unpaid", 0.0) / total if total else 0.0

    def causes(self, i: int) -> dict[str, float]:
        """Posterior over all that pass i may be."""
        total = sum(self.acts[i].values()) or 1.0
        left = float(self.found.unpaid[i] - self.deferred[i])
        weights = {cause: left * share / total for cause, share in self.acts[i].items()}
        weights["deferred"] = float(self.deferred[i])
        weights["spurious"] = float(self.found.alone[i])
        weights |= {"double": 0.0, "repeat": 0.0}
        for k in range(JUNK):
            for share, other in ((self.found.after[i, k], i - 1 - k), (self.found.before[i, k], i + 1 + k)):
                if share > 0.0:
                    gap = abs(self.passes[other].at - self.passes[i].at)
                    weights["double" if gap < DOUBLE_S else "repeat"] += float(share)
        for j, slot in enumerate(self.slots):
            cause = "attempt" if slot.law in EXPLAINED_LAWS else "paid"
            weights[cause] = weights.get(cause, 0.0) + float(self.found.pair[i, j])
        return weights


def align(
    passes: Sequence[Sighting],
    lines: Sequence[PosLine],
    phases: Sequence[PosLine],
    returns: Sequence[Sighting],
    clock: Clock,
    rates: Rates,
    params: Params,
) -> Aligned:
    """`passes`, `lines`: one stretch. `phases`: what the till told, some minutes back. `returns`: items that went back
    without the till knowing."""
    slots = slots_of(lines, rates.laws)
    idle = between_tickets(passes, phases, clock, rates.pace)
    weighed = weigh(passes, slots, returns, idle, clock, rates, params)
    found = posteriors(weighed.weights)
    kept = _no_more_than_billed(slots, found.pair)
    if len(kept) < len(slots):
        slots = [slots[j] for j in kept]
        weighed = weigh(passes, slots, returns, idle, clock, rates, params)
        found = posteriors(weighed.weights)
    claims = _claims(slots, found, weighed.residual, rates, params)
    if claims.any():
        weights = replace(weighed.weights, unpaid=weighed.weights.unpaid + claims)
        found = posteriors(weights)
        share = np.divide(claims, weights.unpaid, out=np.zeros_like(claims), where=weights.unpaid > 0)
        deferred = found.unpaid * share
    else:
        deferred = claims
    return Aligned(passes, slots, found, weighed.acts, weighed.residual, deferred)


def _claims(slots: Sequence[Slot], found: Posterior, residual: Array, rates: Rates, params: Params) -> Array:
    """[n] weight of each lone pass being paid for by a lone line, however far out of turn.

    The lattice keeps the order of lines. That a pass without a line and a line without a pass tell of one item is
    weighed against both being what they seem, each line by how probably it has no pass of its own.
    """
    n = len(residual)
    if not n or not len(slots):
        return np.zeros(n)
    orphan = 1.0 - found.pair.sum(axis=0)
    hard = [j for j, slot in enumerate(slots) if slot.law in SALE_LAWS and orphan[j] > ORPHAN]
    lone = 1.0 - found.pair.sum(axis=1) > ORPHAN
    seen = np.array([rates.laws[slots[j].law].seen for j in hard])
    off = (residual[:, hard] - params.deferred_mean_s) / params.deferred_sd_s
    density = np.exp(-0.5 * off**2) / (params.deferred_sd_s * np.sqrt(2 * np.pi))
    return np.asarray(lone * (rates.deferred * density * orphan[hard] / ((1 - seen) * rates.pace)).sum(axis=1))


def _no_more_than_billed(slots: Sequence[Slot], posterior: Array) -> list[int]:
    """A quantity line offers a soft slot before and after itself for each further unit; only as many as it bills may
    be filled: those that passes fit best stay."""
    extras: dict[str, list[int]] = {}
    for j, slot in enumerate(slots):
        if slot.law == "extra":
            extras.setdefault(slot.line.key, []).append(j)
    dropped: set[int] = set()
    for mine in extras.values():
        by_fit = sorted(mine, key=lambda j: (-round(float(posterior[:, j].sum()), 6), slots[j].unit, j))
        dropped.update(by_fit[len(mine) // 2 :])
    return [j for j in range(len(slots)) if j not in dropped]
