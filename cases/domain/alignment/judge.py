"""The one call: passes and POS lines in, verdicts out. Pure: no wall clock, no database.

A lane is judged stretch by stretch, in the order of time. Each stretch is cut at a quiet gap, judged as a whole on the
clock and the rates that all before it have taught, and teaches them in turn. What is carried on is a ``LaneState``;
whoever keeps it need not judge again what lies behind it. The same events give the same verdicts whatever order they
came in: what is told late is judged from the last state that it cannot have changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cases.domain.alignment.blocks import Block, next_block
from cases.domain.alignment.counts import count_verdicts
from cases.domain.alignment.learn import tally_of
from cases.domain.alignment.looks import Look, LookBook
from cases.domain.alignment.params import Params
from cases.domain.alignment.rates import rates_of
from cases.domain.alignment.silence import outage_verdicts
from cases.domain.alignment.slots import HALF_S, cuts_seconds, till_order
from cases.domain.alignment.state import MOST_SPENT, RECENT_S, LaneState
from cases.domain.alignment.stretch import Stretch, stretch_judge
from cases.domain.alignment.tally import Tally
from cases.domain.alignment.timing import Clockwork
from cases.domain.alignment.types import (
    Clock,
    Gap,
    Match,
    PosLine,
    Quality,
    Ready,
    Sighting,
    Verdict,
    Verdicts,
)

HALF_LIFE = 12_000.0
"""Items after which what was learnt counts half: four days of a busy lane."""
LONGEST_COLD = 400
"""A lane whose clock is still not known after so many events is carried on without it."""
GAP_ROOM_S = 6.0
PHASE_S = 300.0
"""So far before a stretch the till is asked whether a ticket was open."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`verdicts` and, to go on from, the `states` after each stretch that nothing new can change."""

    verdicts: Verdicts
    states: tuple[LaneState, ...]


@dataclass
class _Lane:
    """What was given, in order, and what has been said so far."""

    seen: list[Sighting]
    told: list[PosLine]
    gaps: tuple[Gap, ...]
    book: LookBook
    ready: Ready
    params: Params
    priors: Sequence[tuple[float, Tally]]
    coarse: bool
    start: Clock
    answers: list[Verdict] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    steps: list[tuple[float, float]] = field(default_factory=list)
    track: list[tuple[float, Clock]] = field(default_factory=list)
    settled: bool = True
    blurred: list[PosLine] = field(default_factory=list)
    """Lines of stretches whose clock is not known: their tickets are only counted."""

    def __post_init__(self) -> None:
        self.seen_at = [s.at for s in self.seen]
        self.told_at = [line.at for line in self.told]
        self.clockwork = Clockwork(self.seen, self.told, self.gaps, self.start, self.params)

    def prior(self, at: float) -> Tally:
        """What was taught by camera time `at`: a stretch is judged alike whenever it is judged."""
        return next((tally for since, tally in reversed(self.priors) if since <= at), Tally())


def judge(
    passes: Sequence[Sighting],
    lines: Sequence[PosLine],
    *,
    state: LaneState | None = None,
    gaps: Sequence[Gap] = (),
    clock: Clock | None = None,
    looks: Mapping[str, Sequence[Look]] | None = None,
    params: Params | None = None,
    priors: Sequence[tuple[float, Tally]] = (),
    until: float = float("inf"),
    ready: Ready | None = None,
    coarse: bool = False,
) -> Verdicts:
    """Verdicts for all stretches that begin after `state` and before `until`; see ``judge_on``."""
    return judge_on(
        passes, lines, state=state, gaps=gaps, clock=clock, looks=looks, params=params, priors=priors, until=until,
        ready=ready, coarse=coarse,
    ).verdicts  # fmt: skip


def judge_on(
    passes: Sequence[Sighting],
    lines: Sequence[PosLine],
    *,
    state: LaneState | None = None,
    gaps: Sequence[Gap] = (),
    clock: Clock | None = None,
    looks: Mapping[str, Sequence[Look]] | None = None,
    params: Params | None = None,
    priors: Sequence[tuple[float, Tally]] = (),
    until: float = float("inf"),
    ready: Ready | None = None,
    coarse: bool = False,
) -> Judgement:
    """`passes` on the camera's clock, `lines` on the till's; `until` on the camera's.

    `state`: where an earlier judgement of this lane left off; passes before it are only looked back at. `clock`: where
    to start from when nothing is known. `priors`: (from when on, what other lanes had taught by then). `ready`: which
    events may be spoken about already. `looks`: how articles have looked before, by gtin. `coarse`: the lane's till
    only tells whole tickets, so passes are counted and never judged one by one.
    """
    params = params or Params()
    told = sorted(lines, key=till_order)
    lane = _Lane(
        seen=sorted((s for s in passes if s.label not in params.not_items), key=lambda s: (s.at, s.key)),
        told=told,
        gaps=tuple(gaps),
        book=LookBook(),
        ready=ready or Ready(),
        params=params,
        priors=sorted(priors, key=lambda known: known[0]),
        coarse=coarse or any(line.granularity != "line" for line in told),
        start=clock or Clock(),
    )
    state = state or LaneState()
    lane.book = LookBook.of(looks or {}, {s.key for s in lane.seen[bisect_left(lane.seen_at, state.until) :]})
    states: list[LaneState] = []
    while True:
        block = _next(lane, state)
        if block is None or block.start > until:
            break
        state = _fold(lane, state, block)
        known = state.track is not None and lane.settled
        if block.free_from is not None and (known or len(lane.judged) > LONGEST_COLD):
            states.append(state)
    return Judgement(_verdicts(lane, state), tuple(states))


def _next(lane: _Lane, state: LaneState) -> Block | None:
    """The next stretch after `state`, from just as many events as can touch its cut."""
    offset = _offset(lane, state)
    first_seen = bisect_left(lane.seen_at, state.until)
    first_told = bisect_left(lane.told_at, state.until + offset)
    heads = [at for at in (
        lane.seen_at[first_seen] if first_seen < len(lane.seen) else None,
        lane.told_at[first_told] - offset if first_told < len(lane.told) else None,
    ) if at is not None]  # fmt: skip
    if not heads:
        return None
    reach = min(heads) + lane.params.block_s + lane.params.quiet_s
    seen = lane.seen_at[first_seen : bisect_left(lane.seen_at, reach) + 1]
    told = lane.told_at[first_told : bisect_left(lane.told_at, reach + offset) + 1]
    ordered = sorted([*seen, *(at - offset for at in told)])
    return next_block(ordered, lane.params, state.until)[0]


def _offset(lane: _Lane, state: LaneState) -> float:
    """Till minus camera, roughly, for cutting stretches: lines half a second early do not matter there."""
    if state.track is not None:
        return state.track.offset
    if not lane.track:
        lane.track.append((state.until, lane.clockwork.first(state.until)))
    return lane.track[0][1].offset_s


def _fold(lane: _Lane, state: LaneState, block: Block) -> LaneState:
    """Judge one stretch, in two halves where the till's clock was set inside it."""
    offset = _offset(lane, state)
    told = lane.told[bisect_left(lane.told_at, block.start + offset) : bisect_left(lane.told_at, block.end + offset)]
    cuts = cuts_seconds(told, state.cuts)
    taken = frozenset(state.spent)
    found = lane.clockwork.timed(block, state.track, cuts, taken)
    lane.settled = lane.settled and found.settled
    tally, said, recent = state.tally, [], list(state.recent)
    for part in found.parts:
        stretch = _stretch(lane, state, part.start, part.end, part.clock, cuts)
        judged = stretch_judge(stretch)
        said += outage_verdicts(judged.verdicts, stretch.sightings, stretch.lines, part.clock, lane.params)
        lane.matches += judged.matches
        at = {s.key: s.at for s in judged.aligned.passes}
        recent += [(match, at[match.sighting]) for match in judged.matches]
        if not lane.coarse and part.clock.quality is not Quality.BAD and not _deaf(lane, part.start, part.end, offset):
            more = tally_of(judged.aligned, stretch.rates, lane.params.laws)
            tally = tally.plus(more, 0.5 ** (more.items / HALF_LIFE))
        if part.clock.quality is Quality.BAD:
            lane.blurred += [line for line in stretch.lines if line.granularity == "line"]
        lane.track.append(((part.start + part.end) / 2, part.clock))
    lane.answers += said
    if found.step is not None:
        lane.steps.append(found.step)
    return LaneState(
        until=block.end,
        free_from=block.free_from if block.free_from is not None else block.end,
        track=found.track,
        tally=tally.rounded(),
        cuts=cuts,
        spent=(*state.spent, *dict.fromkeys(match.line for match, at in recent if at >= block.start))[-MOST_SPENT:],
        recent=tuple((match, at) for match, at in recent if at >= block.end - RECENT_S),
    )


def _stretch(lane: _Lane, state: LaneState, start: float, end: float, clock: Clock, cuts: bool) -> Stretch:
    half = HALF_S if cuts else 0.0
    low, high = start + clock.offset_s - half, end + clock.offset_s - half
    told = lane.told[bisect_left(lane.told_at, low) : bisect_left(lane.told_at, high)]
    seen = lane.seen[bisect_left(lane.seen_at, start) : bisect_left(lane.seen_at, end)]
    lane.judged.update(s.key for s in seen)
    lane.judged.update(line.key for line in told)
    return Stretch(
        sightings=seen,
        lines=[replace(line, at=line.at + half) for line in told] if half else told,
        phases=lane.told[bisect_left(lane.told_at, low - PHASE_S) : bisect_left(lane.told_at, high)],
        around=lane.seen,
        clock=clock,
        ready=lane.ready,
        book=lane.book,
        rates=rates_of(lane.params, lane.prior(start).plus(state.tally), np.diff([s.at for s in seen])),
        params=lane.params,
        coarse=lane.coarse,
    )


def _deaf(lane: _Lane, start: float, end: float, offset: float) -> bool:
    """Whether a witness could not be heard somewhere in the stretch: it teaches nothing."""
    return any(
        gap.start - shift < end and gap.end - shift > start
        for gap in lane.gaps
        for shift in ((offset,) if gap.witness == "pos" else (0.0,))
    )


def _verdicts(lane: _Lane, state: LaneState) -> Verdicts:
    last = lane.track[-1][1] if lane.track else lane.start
    whole = [line for line in lane.told if line.granularity != "line" and line.key in lane.judged]
    whole += lane.blurred
    answers = lane.answers + count_verdicts(lane.seen, whole, last, lane.ready, lane.params)
    waiting = [s.key for s in lane.seen if s.key in lane.judged and not lane.ready.sighting(s.key)]
    waiting += [line.key for line in lane.told if line.key in lane.judged and not lane.ready.line(line.key)]
    kept, suppressed = _suppressed(answers, lane.gaps, last)
    return Verdicts(
        tuple(kept), tuple(lane.matches), frozenset(lane.judged), frozenset(waiting), last, tuple(suppressed),
        tuple(lane.steps), tuple(lane.track[1:] if len(lane.track) > 1 else lane.track),
    )  # fmt: skip


def _suppressed(
    verdicts: Sequence[Verdict], gaps: Sequence[Gap], rough: Clock
) -> tuple[list[Verdict], list[Mapping[str, object]]]:
    """A witness that was not heard cannot contradict, nor is a blinded one believed: no verdict over its gap, and it is
    said that there is none."""
    kept: list[Verdict] = []
    silenced: dict[Gap, list[str]] = {}
    for verdict in verdicts:
        gap = next((gap for gap in gaps if _silences(gap, verdict, rough)), None)
        if gap is None:
            kept.append(verdict)
        else:
            silenced.setdefault(gap, []).append(verdict.anchor)
    return kept, [
        {"witness": g.witness, "start": g.start, "end": g.end, "reason": g.reason, "verdicts": len(anchors),
         "anchors": anchors}
        for g, anchors in sorted(silenced.items(), key=lambda entry: entry[0].start)
    ]  # fmt: skip


def _silences(gap: Gap, verdict: Verdict, rough: Clock) -> bool:
    if verdict.sighting and gap.witness == "vision":
        of_it = bool(gap.camera) and verdict.sighting.startswith(f"{gap.camera}/")
        return of_it and gap.start <= verdict.at <= gap.end
    missing = "pos" if verdict.sighting or gap.doubted else "vision"
    return gap.witness == missing and _covers(gap, verdict.at, rough)


def _covers(gap: Gap, at: float, clock: Clock) -> bool:
    """With room for a line's delay on either side."""
    shift = clock.offset_s if gap.witness == "pos" else 0.0
    return gap.start - shift - GAP_ROOM_S <= at <= gap.end - shift + GAP_ROOM_S
