"""The one call: passes and POS lines in, verdicts out. Pure: no clock, no database, no state kept.

A stretch between quiet gaps is judged as a whole, on a clock estimated from the lane's recent traffic and the stretch
itself. The same events give the same verdicts, whatever order they came in and whatever else is asked at the time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cases.domain.alignment.blocks import Block, blocks_of
from cases.domain.alignment.clock import Prior, clock_estimate
from cases.domain.alignment.counts import count_verdicts
from cases.domain.alignment.looks import Look, LookBook
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import slots_of
from cases.domain.alignment.stretch import Stretch, stretch_judge
from cases.domain.alignment.types import (
    Clock,
    Gap,
    Match,
    PosLine,
    Ready,
    Sighting,
    Verdict,
    Verdicts,
)

COLD = 20
"""Fewer passes than this before a stretch do not tell the clock: then what follows counts too."""
NEAR_S = 130.0


def judge(
    passes: Sequence[Sighting],
    lines: Sequence[PosLine],
    *,
    gaps: Sequence[Gap] = (),
    clock: Clock | None = None,
    looks: Mapping[str, Sequence[Look]] | None = None,
    params: Params | None = None,
    window: tuple[float, float] = (float("-inf"), float("inf")),
    ready: Ready | None = None,
    coarse: bool = False,
) -> Verdicts:
    """Verdicts for the stretches that touch `window` (common clock); what lies outside tells the clock.

    `passes` on the camera's clock, `lines` on the till's. `clock`: where to start from when there is nothing better.
    `ready`: which events may be spoken about already. `looks`: how articles
    have looked before, by gtin. `coarse`: the lane's till only tells whole
    tickets, so passes are counted and never judged one by one.
    """
    params, ready = params or Params(), ready or Ready()
    seen = sorted((s for s in passes if s.label not in params.not_items), key=lambda s: (s.at, s.key))
    told = sorted(lines, key=lambda line: (line.at, line.key))
    coarse = coarse or any(line.granularity != "line" for line in told)
    start = clock or Clock()
    rough = _clock_over(seen, told, start, params)
    stretches = [
        block for block in _stretches(seen, told, rough, params) if block.end >= window[0] and block.start <= window[1]
    ]
    within = {s.key for block in stretches for s in _inside(seen, block)}
    book = LookBook.of(looks or {}, within)
    answers: list[Verdict] = []
    matches: list[Match] = []
    judged: set[str] = set()
    last = rough
    for block in stretches:
        last = _clock_of(block, seen, told, start, rough, params)
        part = Stretch(
            sightings=_inside(seen, block),
            lines=[ln for ln in told if block.start <= ln.at - rough.offset_s < block.end],
            around=seen,
            clock=last,
            gaps=tuple(gaps),
            ready=ready,
            book=book,
            params=params,
            coarse=coarse,
        )
        verdicts, paid = stretch_judge(part)
        answers += verdicts
        matches += paid
        judged.update(s.key for s in part.sightings)
        judged.update(ln.key for ln in part.lines)
    whole = [ln for ln in told if ln.granularity != "line"]
    answers += [v for v in count_verdicts(seen, whole, last, ready, params) if window[0] <= v.at <= window[1]]
    waiting = frozenset(
        [s.key for s in seen if s.key in judged and not ready.sighting(s.key)]
        + [ln.key for ln in told if ln.key in judged and not ready.line(ln.key)]
    )
    kept, suppressed = _suppressed(answers, gaps, rough)
    return Verdicts(tuple(kept), tuple(matches), frozenset(judged), waiting, last, tuple(suppressed))


def _stretches(seen: Sequence[Sighting], told: Sequence[PosLine], rough: Clock, params: Params) -> list[Block]:
    times = [s.at for s in seen] + [line.at - rough.offset_s for line in told]
    return blocks_of(times, params)


def _inside(seen: Sequence[Sighting], block: Block) -> list[Sighting]:
    return [s for s in seen if block.start <= s.at < block.end]


def _clock_over(seen: Sequence[Sighting], told: Sequence[PosLine], start: Clock, params: Params) -> Clock:
    """The clock from the latest traffic of all that is given: rough, for cutting stretches."""
    recent = [s for s in seen if s.type == "item_pass"][-params.context :]
    return _estimate(recent, told, _prior(start), params)


def _clock_of(
    block: Block, seen: Sequence[Sighting], told: Sequence[PosLine], start: Clock, rough: Clock, params: Params
) -> Clock:
    """The clock of one stretch: learnt before it and corrected by it; at a cold start from all around it."""
    passes = [s for s in seen if s.type == "item_pass"]
    times = [s.at for s in passes]
    first, after = bisect_left(times, block.start), bisect_right(times, block.end)
    before = passes[max(0, first - params.context) : first]
    if len(before) < COLD:
        return _estimate(passes[max(0, first - COLD) : max(after, first + 2 * COLD)], told, _prior(start), params)
    known = _estimate(before, told, _prior(start), params)
    rest_s = max(0.0, block.start - before[-1].at)
    sd_s = min(1.0, known.sd_s + 0.02 + 1e-4 * rest_s)
    prior = Prior(known.offset_s, sd_s, known.jitter_s, known.support, wild=0.001)
    if known.certainty < 0.8:
        prior = replace(prior, wild=0.05)
    return _estimate(passes[first:after], told, prior, params)


def _prior(start: Clock) -> Prior:
    return Prior(start.offset_s, start.sd_s, start.jitter_s)


def _estimate(passes: Sequence[Sighting], told: Sequence[PosLine], prior: Prior, params: Params) -> Clock:
    if not passes:
        return Clock(prior.centre_s, prior.sd_s, prior.jitter_s, support=prior.support)
    first, last = passes[0].at, passes[-1].at
    near = [ln for ln in told if first - NEAR_S <= ln.at - prior.centre_s <= last + NEAR_S and ln.granularity == "line"]
    clock = clock_estimate(passes, slots_of(near, params), prior, params)
    if clock.support >= 0.3 * len(passes) or len(passes) < 6 or len(near) == len(told):
        return clock
    wide = clock_estimate(
        passes, slots_of([ln for ln in told if ln.granularity == "line"], params), prior, params, hours=True
    )
    return wide if wide.support > clock.support + 3 else clock


def _suppressed(
    verdicts: Sequence[Verdict], gaps: Sequence[Gap], rough: Clock
) -> tuple[list[Verdict], list[Mapping[str, object]]]:
    """A witness that was not heard cannot contradict: no verdict over its gap, and it is said that there is none."""
    kept: list[Verdict] = []
    counts: dict[Gap, int] = {}
    for verdict in verdicts:
        missing = "pos" if verdict.sighting else "vision"
        gap = next((gap for gap in gaps if gap.witness == missing and _covers(gap, verdict.at, rough)), None)
        if gap is None:
            kept.append(verdict)
        else:
            counts[gap] = counts.get(gap, 0) + 1
    return kept, [
        {"witness": g.witness, "start": g.start, "end": g.end, "reason": g.reason, "verdicts": n}
        for g, n in sorted(counts.items(), key=lambda entry: entry[0].start)
    ]


def _covers(gap: Gap, at: float, clock: Clock) -> bool:
    """With room for a line's delay on either side."""
    shift = clock.offset_s if gap.witness == "pos" else 0.0
    return gap.start - shift - 6.0 <= at <= gap.end - shift + 6.0
