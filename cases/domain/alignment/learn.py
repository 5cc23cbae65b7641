"""What one aligned stretch adds to the lane's tally: the expectation step."""

from __future__ import annotations

import numpy as np

from cases.domain.alignment.aligned import Aligned
from cases.domain.alignment.between import JUNK
from cases.domain.alignment.causes import fresh, likeness_to_nothing, sure_bin
from cases.domain.alignment.params import Law
from cases.domain.alignment.rates import Rates
from cases.domain.alignment.tally import ECHO_EDGES, GAP_EDGES, Tally

TRIMMED_SD = 3.0
"""Delays beyond so many spreads are outliers and do not move a law."""


def tally_of(aligned: Aligned, rates: Rates, base: dict[str, Law]) -> Tally:
    """Expected counts. `rates`: as they were believed in the alignment; `base`: the laws believed before any lane was
    seen, from which delays are counted. What looks like goods teaches little about inventions."""
    found, tally = aligned.found, Tally()
    paid = found.pair.sum(axis=1)
    for i, sighting in enumerate(aligned.passes):
        if sighting.type == "item_pass":
            tally.items += float(paid[i] + found.unpaid[i])
            tally.unpaid += aligned.unpaid(i)
            tally.deferred += float(aligned.deferred[i])
            tally.passes += 1.0
            tally.fresh += fresh(sighting)
            tally.sure_items[sure_bin(sighting)] += float(paid[i] + found.unpaid[i])
            if sighting.item_probability is None:
                tally.label(sighting.label)[:] += float(paid[i] + found.unpaid[i]), float(found.alone[i])
                tally.spurious += float(found.alone[i]) * min(1.0, likeness_to_nothing(sighting, rates))
                tally.sure_spurious[sure_bin(sighting)] += float(found.alone[i])
        elif sighting.type == "item_bypass":
            tally.bypass += float(paid[i] + found.unpaid[i])
            tally.bypass_unpaid += aligned.unpaid(i)
    _count_gaps(tally, aligned)
    _count_repeats(tally, aligned)
    _count_laws(tally, aligned, rates.laws, base)
    return tally


def _count_gaps(tally: Tally, aligned: Aligned) -> None:
    """Of acts with nothing between them: what lies between may have been one that we do not believe in."""
    at = np.array([s.at for s in aligned.passes])
    if len(at) > 1:
        share = np.clip(aligned.found.gap[1:, 0], 0.0, 1.0)
        tally.gaps += np.histogram(np.diff(at), GAP_EDGES, weights=share)[0]
        extra = np.array([slot.law == "extra" for slot in aligned.slots], dtype=bool)
        own = np.clip(1.0 - aligned.found.pair[:, extra].sum(axis=1), 0.0, 1.0)
        tally.apart += np.histogram(np.diff(at), GAP_EDGES, weights=share * own[1:] * own[:-1])[0]


def _count_repeats(tally: Tally, aligned: Aligned) -> None:
    at = np.array([s.at for s in aligned.passes])
    for k in range(JUNK):
        if len(at) > k + 1:
            gap = at[k + 1 :] - at[: len(at) - k - 1]
            tally.after += np.histogram(gap, ECHO_EDGES, weights=aligned.found.after[k + 1 :, k])[0]
            tally.before += np.histogram(gap, ECHO_EDGES, weights=aligned.found.before[: len(at) - k - 1, k])[0]


def _count_laws(tally: Tally, aligned: Aligned, laws: dict[str, Law], base: dict[str, Law]) -> None:
    if not aligned.slots:
        return
    seen = aligned.found.pair.sum(axis=0) if len(aligned.passes) else np.zeros(len(aligned.slots))
    passing = np.array([s.type == "item_pass" for s in aligned.passes], dtype=bool)
    for j, slot in enumerate(aligned.slots):
        counts, law = tally.law(slot.law), laws[slot.law]
        counts[0] += 1.0
        counts[1] += float(min(1.0, seen[j]))
        delay = aligned.residual[:, j]
        near = passing & (np.abs(delay) <= TRIMMED_SD * law.sd_s)
        weight, late = aligned.found.pair[near, j], delay[near] + law.mean_s - base[slot.law].mean_s
        counts[2:] += weight.sum(), (weight * late).sum(), (weight * late**2).sum()
