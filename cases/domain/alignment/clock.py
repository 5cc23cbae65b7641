"""The till's clock against the camera's, from the two streams alone.

Candidates are the peaks of the smoothed histogram of all pairwise differences (the cross-correlogram of two point
processes). Each is weighed by the evidence of the whole alignment under it, times a prior: most tills are set well,
some are minutes off, a few are in the wrong time zone. The best is refined by its own residuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.odds import log_normal_density, log_odds, residuals, spreads
from cases.domain.alignment.pairing import log_evidences, pair_posteriors
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import Slot
from cases.domain.alignment.types import Clock, Sighting

Array = NDArray[np.float64]
REACH_S = 122.0
HOUR_S = 3600.0
BIN_S = 0.1
SMOOTH_S = 0.45
PEAKS = 5
PEAK_SHARE = 0.5
HOURS = range(-14, 15)
SETTLED_S = 0.005
EDGE_S = 2.0
"""Lines further than this before the first and after the last pass may have passes nobody has told of yet: a till that
is ahead of the video must not look like a camera that misses items."""
UNHEARD = 1.0
"""Nats against an offset for each event that the other witness had no chance to confirm."""
JITTER_WEIGHT = 8.0
"""The prior jitter counts as so many scans."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of the offset beforehand: near `centre_s` give or take `sd_s`, or, with `wild`, anywhere."""

    centre_s: float = 0.0
    sd_s: float = 1.0
    jitter_s: float = 0.45
    support: float = 0.0
    wild: float = 0.001


def clock_estimate(
    sightings: Sequence[Sighting], slots: Sequence[Slot], prior: Prior, params: Params, *, hours: bool = False
) -> Clock:
    """`sightings`, `slots`: the same stretch of time, ordered. Without evidence the prior comes back."""
    passes = [s for s in sightings if s.type == "item_pass"]
    sales = [s for s in slots if s.law in ("scanned", "keyed", "weighed", "department")]
    start = Clock(prior.centre_s, prior.sd_s, prior.jitter_s, support=prior.support)
    if not passes or not sales:
        return start
    alone = np.full(len(passes), params.item_rate_s * (params.no_scan + params.spurious))
    offsets = _candidates(passes, sales, prior, hours)
    trials = [replace(start, offset_s=offset, sd_s=0.15) for offset in offsets]
    tables = [log_odds(passes, _within(passes, sales, t.offset_s), t, alone, params) for t in trials]
    evidences = log_evidences(tables)
    weighed = sorted(
        (
            (evidence + _log_alone(passes, sales, offset, params) + _log_prior(offset, prior), offset)
            for evidence, offset in zip(evidences, offsets, strict=True)
        ),
        reverse=True,
    )
    best = weighed[0][1]
    near = _within(passes, sales, best)
    clock = _refined(passes, near, replace(start, offset_s=best), prior, alone, params)
    return replace(clock, certainty=_certainty(weighed))


def _within(passes: Sequence[Sighting], sales: Sequence[Slot], offset: float) -> list[Slot]:
    """Slots that belong to the stretch of the passes if the till is `offset` ahead."""
    first, last = passes[0].at + offset - EDGE_S, passes[-1].at + offset + EDGE_S
    return [slot for slot in sales if first <= slot.expected_at <= last]


def _log_alone(passes: Sequence[Sighting], sales: Sequence[Slot], offset: float, params: Params) -> float:
    """log P of no pairing at all if the till is `offset` ahead: what the evidence of a pairing is compared with.

    Where both witnesses were heard, a lone pass or line speaks against an offset. Before the till's first and after
    its last line, and outside the video, being alone means little: a till that is switched on late, or video that comes
    later than the lines, must not pull the clock to where more things happen to have a partner.
    """
    first, last = sales[0].expected_at - offset - EDGE_S, sales[-1].expected_at - offset + EDGE_S
    covered = sum(first <= sighting.at <= last for sighting in passes)
    heard = _within(passes, sales, offset)
    missed = float(np.log([1 - params.laws[slot.law].seen for slot in heard]).sum())
    alone = covered * float(np.log(params.no_scan + params.spurious))
    return alone + missed - UNHEARD * (len(passes) - covered + len(sales) - len(heard))


def _candidates(passes: Sequence[Sighting], sales: Sequence[Slot], prior: Prior, hours: bool) -> list[float]:
    """Offsets worth weighing: the prior's centre, what lies nearest to it, and the peaks of the correlogram."""
    found = [prior.centre_s]
    differences = np.subtract.outer([s.expected_at for s in sales], [p.at for p in passes]).ravel()
    for hour in HOURS if hours else (0,):
        inside = differences[np.abs(differences - hour * HOUR_S) <= REACH_S]
        found += _peaks(inside, hour * HOUR_S)
    near = differences[np.abs(differences - prior.centre_s) <= 3 * prior.sd_s]
    found += _peaks(near, prior.centre_s)[:2]
    return sorted(set(found))


def _peaks(differences: Array, centre: float) -> list[float]:
    if differences.size == 0:
        return []
    edges = np.arange(centre - REACH_S - 1, centre + REACH_S + 1 + BIN_S, BIN_S)
    counts, _ = np.histogram(differences, edges)
    reach = int(3 * SMOOTH_S / BIN_S)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * BIN_S / SMOOTH_S) ** 2)
    smooth = np.convolve(counts, kernel, mode="same")
    middles = (edges[:-1] + edges[1:]) / 2
    found: list[float] = []
    least = max(0.5, PEAK_SHARE * float(smooth.max()))
    for _ in range(PEAKS):
        top = int(np.argmax(smooth))
        if smooth[top] < least:
            break
        found.append(float(middles[top]))
        smooth[np.abs(middles - middles[top]) < 1.0] = 0.0
    return found


def _log_prior(offset: float, prior: Prior) -> float:
    """Near the centre, or spread over +-120 s, or (a tenth of that) over whole hours as well."""
    near = (1 - prior.wild) * np.exp(log_normal_density(offset - prior.centre_s, prior.sd_s))
    minutes = abs(offset) <= REACH_S
    away = prior.wild * (0.9 / (2 * REACH_S) if minutes else 0.1 / (len(HOURS) * 2 * REACH_S))
    return float(np.log(near + away))


def _certainty(weighed: Sequence[tuple[float, float]]) -> float:
    """Share of the posterior within two seconds of the best candidate."""
    top, best = weighed[0]
    distinct = {round(offset, 1): weight for weight, offset in reversed(weighed)}
    total = sum(np.exp(weight - top) for weight in distinct.values())
    return float(sum(np.exp(w - top) for offset, w in distinct.items() if abs(offset - best) < 2.0) / total)


def _refined(
    passes: Sequence[Sighting], sales: Sequence[Slot], clock: Clock, prior: Prior, alone: Array, params: Params
) -> Clock:
    """Residuals of the probable pairs move the offset and tell the jitter; outliers do not count."""
    near_prior = abs(clock.offset_s - prior.centre_s) <= 3 * prior.sd_s
    if not sales:
        return replace(clock, offset_s=prior.centre_s, sd_s=prior.sd_s)
    clock = replace(clock, sd_s=0.3)
    for _ in range(4):
        posterior, _ = pair_posteriors(log_odds(passes, sales, clock, alone, params))
        delta, sd = residuals(passes, sales, clock), spreads(sales, clock, params)
        weight = posterior * (np.abs(delta) < 3 * sd) / (sd / clock.jitter_s) ** 2
        n = float(weight.sum())
        pull = (clock.jitter_s / prior.sd_s) ** 2 if near_prior else 0.0
        if n + pull < 0.2:
            return replace(clock, offset_s=prior.centre_s, sd_s=prior.sd_s)
        towards = prior.centre_s - clock.offset_s
        move = float((weight * delta).sum() + pull * towards) / (n + pull)
        spread = float((weight * (delta - move) ** 2).sum())
        jitter = np.sqrt((spread + JITTER_WEIGHT * prior.jitter_s**2) / (n + JITTER_WEIGHT))
        sd_s = max(0.03, float(jitter) / np.sqrt(n + pull))
        clock = replace(
            clock,
            offset_s=clock.offset_s + move,
            sd_s=float(sd_s),
            jitter_s=float(np.clip(jitter, 0.12, 1.2)),
            support=n + (prior.support if near_prior else 0.0),
        )
        if abs(move) < SETTLED_S:
            break
    return clock
