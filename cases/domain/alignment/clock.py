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

from cases.domain.alignment.odds import log_normal_density, log_odds, pair_densities, residuals, spreads
from cases.domain.alignment.pairing import log_evidences, pair_posteriors
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import SALE_LAWS, Slot
from cases.domain.alignment.types import Clock, Sighting

Array = NDArray[np.float64]
REACH_S = 122.0
HOUR_S = 3600.0
BIN_S = 0.1
SMOOTH_S = 0.45
KERNEL = np.exp(-0.5 * (np.arange(-int(3 * SMOOTH_S / BIN_S), int(3 * SMOOTH_S / BIN_S) + 1) * BIN_S / SMOOTH_S) ** 2)
PEAKS = 5
PEAK_SHARE = 0.5
HOURS = range(-14, 15)
WHOLE_S = 3.0
"""A clock that was followed and is hours away was set by whole hours, give or take this."""
SETTLED_S = 0.005
EDGE_S = 2.0
"""Lines further than this before the first and after the last pass may have passes nobody has told of yet: a till that
is ahead of the video must not look like a camera that misses items."""
ALONE = 0.03
"""Share of passes without a line, whatever the cause."""
UNHEARD = 1.0
"""Nats against an offset for each event that the other witness had no chance to confirm."""
STEP_GAIN = 20.0
"""Nats by which a step must explain what comes after it better: it is rare, and may go anywhere."""
APART_S = 0.7
"""Offsets nearer than this are one."""
FEW = 4
CLEAR_NATS = 3.0
MOST_GAIN = 4.0
"""Nats that one pass can say for a step."""
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
    cut_s: float = 0.0
    followed: bool = False
    """The clock was known just before, so both witnesses are there: being alone speaks against an offset."""


def clock_estimate(
    sightings: Sequence[Sighting], slots: Sequence[Slot], prior: Prior, params: Params, *, hours: bool = False
) -> Clock:
    """`sightings`, `slots`: the same stretch of time, ordered. Without evidence the prior comes back."""
    passes = [s for s in sightings if s.type == "item_pass"]
    sales = [s for s in slots if s.law in SALE_LAWS]
    start = Clock(prior.centre_s, prior.sd_s, prior.jitter_s, support=prior.support, cut_s=prior.cut_s)
    if not passes or not sales:
        return start
    alone = np.full(len(passes), params.item_rate_s * ALONE)
    offsets = _candidates(passes, sales, prior, hours)
    trials = [replace(start, offset_s=offset, sd_s=0.15) for offset in offsets]
    tables = [log_odds(passes, _within(passes, sales, t.offset_s), t, alone, params) for t in trials]
    evidences = log_evidences(tables)
    weighed = sorted(
        (
            (evidence + _log_alone(passes, sales, offset, prior, params) + _log_prior(offset, prior), offset)
            for evidence, offset in zip(evidences, offsets, strict=True)
        ),
        reverse=True,
    )
    best = weighed[0][1]
    near = _within(passes, sales, best)
    clock = _refined(passes, near, replace(start, offset_s=best), prior, alone, params)
    return replace(clock, certainty=_certainty(weighed))


def rivalry(
    passes: Sequence[Sighting], slots: Sequence[Slot], clock: Clock, known: float | None, params: Params
) -> tuple[float, float] | None:
    """The offset that speaks most against the clock's own, and by how many nats in this stretch.

    `known`: the rival so far; it is asked again, and another takes its place only by speaking clearly.
    """
    crossed = [s for s in passes if s.type == "item_pass"]
    sales = [slot for slot in slots if slot.law in SALE_LAWS]
    if len(crossed) < FEW or len(sales) < FEW:
        return None
    offsets = [known] if known is not None else _elsewhere(crossed, sales, clock)
    found = [(_evidence_gain(crossed, sales, clock, offset, params), offset) for offset in offsets]
    gain, offset = max(found, default=(0.0, 0.0))
    return (offset, gain) if known is not None or gain > CLEAR_NATS else None


def step_within(
    passes: Sequence[Sighting], slots: Sequence[Slot], clock: Clock, params: Params
) -> tuple[int, float] | None:
    """Where inside a stretch the till's clock was set: the first pass after it, and the offset from there on.

    The change point that the passes' own lines gain most by (Page 1954, cumulative sums); None where no change gains
    as much as a few passes in a row with a line each, exactly where there would be none without it.
    """
    crossed = [s for s in passes if s.type == "item_pass"]
    sales = [slot for slot in slots if slot.law in SALE_LAWS]
    if len(crossed) < FEW or len(sales) < FEW:
        return None
    usual, best = _fit(crossed, sales, clock, params), (STEP_GAIN, 0, 0.0)
    for offset in _elsewhere(crossed, sales, clock):
        gain = _fit(crossed, sales, replace(clock, offset_s=offset), params) - usual
        after = np.clip(gain, -MOST_GAIN, MOST_GAIN)[::-1].cumsum()[::-1]
        place = int(np.argmax(after))
        if after[place] > best[0]:
            whole = _evidence_gain(crossed[place:], sales, clock, offset, params)
            best = max(best, (min(whole, float(after[place])), place, offset))
    if best[0] <= STEP_GAIN:
        return None
    return passes.index(crossed[best[1]]), best[2]


def _elsewhere(passes: Sequence[Sighting], sales: Sequence[Slot], clock: Clock) -> list[float]:
    """Offsets that the correlogram speaks for, other than the clock's own."""
    differences = _differences(passes, sales)
    near = differences[np.abs(differences - clock.offset_s) <= REACH_S]
    return [offset for offset in _peaks(near, clock.offset_s) if abs(offset - clock.offset_s) >= APART_S]


def _differences(passes: Sequence[Sighting], sales: Sequence[Slot]) -> Array:
    """[n * m] till minus camera of every pair."""
    return np.asarray(np.subtract.outer([s.expected_at for s in sales], [p.at for p in passes]).ravel())


def _evidence_gain(
    passes: Sequence[Sighting], sales: Sequence[Slot], clock: Clock, offset: float, params: Params
) -> float:
    """Nats for `offset` against the clock's own, line by line, with what each leaves alone."""
    alone = np.full(len(passes), params.item_rate_s * ALONE)
    trials = [clock, replace(clock, offset_s=offset)]
    near = [_within(passes, sales, trial.offset_s) for trial in trials]
    pairings = log_evidences([log_odds(passes, n, t, alone, params) for n, t in zip(near, trials, strict=True)])
    lone = [sum(np.log(1 - params.laws[slot.law].seen) for slot in n) for n in near]
    return float(pairings[1] + lone[1] - pairings[0] - lone[0])


def _fit(passes: Sequence[Sighting], sales: Sequence[Slot], clock: Clock, params: Params) -> Array:
    """[n] log of how well the best line fits each pass, against none."""
    delta = residuals(passes, sales, clock)
    density = pair_densities(passes, sales, delta, spreads(sales, clock, params.laws), params.laws, params)
    alone = params.item_rate_s * ALONE
    return np.asarray(np.log(alone + density.max(axis=1)))


def _within(passes: Sequence[Sighting], sales: Sequence[Slot], offset: float) -> list[Slot]:
    """Slots that belong to the stretch of the passes if the till is `offset` ahead."""
    first, last = passes[0].at + offset - EDGE_S, passes[-1].at + offset + EDGE_S
    return [slot for slot in sales if first <= slot.expected_at <= last]


def _log_alone(passes: Sequence[Sighting], sales: Sequence[Slot], offset: float, prior: Prior, params: Params) -> float:
    """log P of no pairing at all if the till is `offset` ahead: what the evidence of a pairing is compared with.

    Where both witnesses were heard, a lone pass or line speaks against an offset. Before the till's first and after
    its last line, and outside the video, being alone means little: a till that is switched on late, or video that comes
    later than the lines, must not pull the clock to where more things happen to have a partner.
    """
    first, last = sales[0].expected_at - offset - EDGE_S, sales[-1].expected_at - offset + EDGE_S
    covered = sum(first <= sighting.at <= last for sighting in passes)
    heard = _within(passes, sales, offset)
    missed = float(np.log([1 - params.laws[slot.law].seen for slot in heard]).sum())
    if prior.followed:
        return len(passes) * float(np.log(ALONE)) + missed
    alone = covered * float(np.log(ALONE))
    return alone + missed - UNHEARD * (len(passes) - covered + len(sales) - len(heard))


def _candidates(passes: Sequence[Sighting], sales: Sequence[Slot], prior: Prior, hours: bool) -> list[float]:
    """Offsets worth weighing: the prior's centre, what lies nearest to it, and the peaks of the correlogram."""
    found = [prior.centre_s]
    differences = _differences(passes, sales)
    for hour in HOURS if hours else (0,):
        centre = hour * HOUR_S + (prior.centre_s if prior.followed and hour else 0.0)
        reach = WHOLE_S if prior.followed and hour else REACH_S
        found += _peaks(differences[np.abs(differences - centre) <= reach], centre)
    near = differences[np.abs(differences - prior.centre_s) <= 3 * prior.sd_s]
    found += _peaks(near, prior.centre_s)[:2]
    return sorted(set(found))


def _peaks(differences: Array, centre: float) -> list[float]:
    if differences.size == 0:
        return []
    edges = np.arange(centre - REACH_S - 1, centre + REACH_S + 1 + BIN_S, BIN_S)
    counts, _ = np.histogram(differences, edges)
    smooth = np.convolve(counts, KERNEL, mode="same")
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
        delta, sd = residuals(passes, sales, clock), spreads(sales, clock, params.laws)
        spread_s = float(np.hypot(clock.jitter_s, clock.cut_s))
        weight = posterior * (np.abs(delta) < 3 * sd) * np.minimum(1.0, (spread_s / sd) ** 2)
        n = float(weight.sum())
        pull = (spread_s / prior.sd_s) ** 2 if near_prior else 0.0
        if n + pull < 0.2:
            return replace(clock, offset_s=prior.centre_s, sd_s=prior.sd_s)
        towards = prior.centre_s - clock.offset_s
        move = float((weight * delta).sum() + pull * towards) / (n + pull)
        spread = float((weight * (delta - move) ** 2).sum())
        own = max(0.0, spread - n * clock.cut_s**2)
        jitter = np.sqrt((own + JITTER_WEIGHT * prior.jitter_s**2) / (n + JITTER_WEIGHT))
        sd_s = max(0.02, float(np.hypot(jitter, clock.cut_s)) / np.sqrt(n + pull))
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
