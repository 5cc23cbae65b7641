"""On which clock a stretch is judged: looked for while it is not known, followed from then on, split where it steps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from cases.domain.alignment.blocks import Block
from cases.domain.alignment.clock import Prior, clock_estimate, rivalry, step_within
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import CUT_SD_S, HALF_S, SALE_LAWS, Slot, cuts_seconds, slots_of
from cases.domain.alignment.track import (
    LEAST_STEP_S,
    Track,
    begun,
    contested,
    doubt,
    predicted,
    prior_of,
    updated,
)
from cases.domain.alignment.types import Clock, Gap, PosLine, Sighting

COLD = 20
"""Passes around a stretch that tell its clock while no earlier ones do."""
KNOWN = 8.0
"""So many scans make a clock known."""
FAR_SD = 3.0
NEAR_S = 130.0
ZONES_S = 14.1 * 3600
WILD = 1e-5
"""A clock that was known steps at so few stretches; what it steps by is anybody's guess."""
CLASH = 0.25
"""A stretch in which so few of many passes and lines agree is on another clock than we think, or on none."""
AGREED = 0.7
"""Where so many passes have their lines on the clock that is followed, it was not set."""
FEW_PASSES, UNPROVED = 4, 0.3
"""So many passes, of which so few have their line, do not say that a till is set as it should be."""
MANY = 5
DEAF_S = 6.0
"""Room around a gap of the till: its lines come late."""
FIRST_LINES = 200


@dataclass(frozen=True, slots=True)
class Part:
    start: float
    end: float
    clock: Clock


@dataclass(frozen=True, slots=True)
class Timed:
    """`step`: (camera time, seconds) if the till's clock was set in this stretch."""

    parts: tuple[Part, ...]
    track: Track | None
    step: tuple[float, float] | None
    settled: bool = True
    """Nothing that comes later moves this clock: while it was looked for, enough had come."""


class Clockwork:
    """Both streams of a lane, to be asked for the clock of any stretch. `told` on the till's clock, uncorrected."""

    def __init__(
        self,
        seen: Sequence[Sighting],
        told: Sequence[PosLine],
        gaps: Sequence[Gap],
        start: Clock,
        params: Params,
    ) -> None:
        self.deaf = [(g.start - DEAF_S, g.end + DEAF_S) for g in gaps if g.witness == "pos"]
        self.passes = [s for s in seen if s.type == "item_pass"]
        self.times = [s.at for s in self.passes]
        self.told = [line for line in told if line.granularity == "line"]
        self.told_at = [line.at for line in self.told]
        self._uncut: list[PosLine] = []
        self._taken: Set[str] = frozenset()
        self.start, self.params = start, params

    def first(self, after: float) -> Clock:
        """From the first passes after `after`."""
        place = bisect_left(self.times, after)
        told = self.told[bisect_left(self.told_at, after - ZONES_S) :][:FIRST_LINES]
        return self._estimate(self.passes[place : place + 2 * COLD], self._cold_prior(cuts_seconds(told, False)))

    def timed(self, block: Block, track: Track | None, cuts: bool, taken: Set[str] = frozenset()) -> Timed:
        """`taken`: lines that belong to passes before; what they say of a clock that is followed has been heard."""
        self._taken = taken if track else frozenset()
        if track is None:
            return self._cold(block, cuts)
        passes, middle = self._heard(block, track.offset), (block.start + block.end) / 2
        before = predicted(track, middle)
        if doubt(before) > 0.5 and before.rival:
            before = replace(before, offset=before.rival[0], p=(0.3**2, 0.0, before.p[2]), rival=None)
            found, later = self._followed(passes, before, block.end, cuts)
            later = replace(later, stepped_at=block.start, step_s=later.offset - track.offset)
            return Timed((Part(block.start, block.end, found),), later, (block.start, later.step_s))
        found, later = self._followed(passes, before, block.end, cuts)
        if not passes:
            return Timed((Part(block.start, block.end, found),), later, None)
        stepped = later.stepped_at != track.stepped_at
        agreed = later.support - before.support >= AGREED * len(passes) and before.rival is None
        cut = None if stepped or agreed else self._cut(passes, found, block.end, cuts)
        if cut is not None:
            return self._split(block, passes, before, cut, cuts)
        if not (stepped or agreed):
            later = self._contested(passes, found, later, block.end, cuts)
            found = replace(found, certainty=min(found.certainty, 1.0 - doubt(later) ** 0.5))
        step = (block.start, later.step_s) if stepped else None
        return Timed((Part(block.start, block.end, found),), later, step)

    def _heard(self, block: Block, offset: float) -> list[Sighting]:
        """The passes of a stretch, without those of which the till could not be heard."""
        first, after = bisect_left(self.times, block.start), bisect_right(self.times, block.end)
        return [s for s in self.passes[first:after] if not any(a <= s.at + offset <= b for a, b in self.deaf)]

    def _contested(self, passes: Sequence[Sighting], clock: Clock, track: Track, end: float, cuts: bool) -> Track:
        near = slots_of(self._near(passes, clock.offset_s, NEAR_S, end, cuts), self.params.laws)
        known = track.rival[0] if track.rival else None
        return contested(track, rivalry(passes, near, clock, known, self.params))

    def _cold_prior(self, cuts: bool) -> Prior:
        return Prior(self.start.offset_s, self.start.sd_s, self.start.jitter_s, cut_s=CUT_SD_S if cuts else 0.0)

    def _cold(self, block: Block, cuts: bool) -> Timed:
        first, after = bisect_left(self.times, block.start), bisect_right(self.times, block.end)
        around = self.passes[max(0, first - COLD) : max(after, first + 2 * COLD)]
        found = self._estimate(around, self._cold_prior(cuts))
        known = found.support >= KNOWN and found.certainty >= 0.8
        if found.support < KNOWN and abs(found.offset_s - self.start.offset_s) > FAR_SD * self.start.sd_s:
            found = replace(found, certainty=min(found.certainty, 0.5))  # a till so far off owes more proof
        least = max(UNPROVED, CLASH * min(len(around), len(self._sales(around, found))))
        if len(around) >= FEW_PASSES and found.support < least:
            found = replace(found, certainty=min(found.certainty, 0.5))  # that tills are set well is no evidence
        middle = (block.start + block.end) / 2
        track = begun(found, middle) if known else None
        return Timed((Part(block.start, block.end, found),), track, None, self._settled(first + 2 * COLD))

    def _settled(self, place: int) -> bool:
        """Whether the passes up to `place`, and all that the till may have told about them, are there."""
        last = max([*self.times[-1:], *(at - self.start.offset_s for at in self.told_at[-1:])], default=0.0)
        return len(self.times) >= place and last >= self.times[place - 1] + NEAR_S

    def _followed(self, passes: Sequence[Sighting], before: Track, end: float, cuts: bool) -> tuple[Clock, Track]:
        """The clock of `passes`, and the track after them, by what was told until `end`: what is told later must not
        move what was said on it."""
        prior = replace(prior_of(before, WILD), cut_s=CUT_SD_S if cuts else 0.0)
        found = self._estimate(passes, prior, end)
        later = updated(before, found, before.at, prior.sd_s)
        clock = replace(later.clock(), certainty=found.certainty, cut_s=prior.cut_s)
        return self._doubted(clock, passes, _own_support(found, before.support)), later

    def _doubted(self, clock: Clock, passes: Sequence[Sighting], own: float) -> Clock:
        sales = self._sales(passes, clock)
        if min(len(passes), len(sales)) >= MANY and own < CLASH * min(len(passes), len(sales)):
            return replace(clock, certainty=min(clock.certainty, 0.5))
        return clock

    def _sales(self, passes: Sequence[Sighting], clock: Clock) -> list[Slot]:
        if not passes:
            return []
        low, high = passes[0].at + clock.offset_s - 2.0, passes[-1].at + clock.offset_s + 8.0
        slots = slots_of(self._told(low, high, clock.cut_s > 0.0), self.params.laws)
        return [slot for slot in slots if slot.law in SALE_LAWS]

    def _cut(self, passes: Sequence[Sighting], clock: Clock, end: float, cuts: bool) -> tuple[float, float] | None:
        """(camera time, new offset) where the till's clock was set among `passes`."""
        near = self._near(passes, clock.offset_s, NEAR_S, end, cuts)
        found = step_within(passes, slots_of(near, self.params.laws), clock, self.params)
        if found is None or abs(found[1] - clock.offset_s) < LEAST_STEP_S:
            return None
        place, offset = found
        return ((passes[place - 1].at + passes[place].at) / 2 if place else passes[0].at - 1e-3), offset

    def _split(
        self, block: Block, passes: Sequence[Sighting], before: Track, cut: tuple[float, float], cuts: bool
    ) -> Timed:
        at, offset = cut
        old, track = self._followed([s for s in passes if s.at < at], before, block.end, cuts)
        here = predicted(track, (at + block.end) / 2)
        moved = replace(here, offset=offset, p=(0.3**2, 0.0, here.p[2]))
        new, later = self._followed([s for s in passes if s.at >= at], moved, block.end, cuts)
        step = later.offset - here.offset
        later = replace(later, stepped_at=at, step_s=step)
        parts = [Part(block.start, at, old), Part(at, block.end, new)]
        return Timed(tuple(part for part in parts if part.end > part.start), later, (at, step))

    def _near(self, passes: Sequence[Sighting], offset: float, reach_s: float, end: float, cuts: bool) -> list[PosLine]:
        low, high = passes[0].at + offset - reach_s, min(passes[-1].at + reach_s, end) + offset
        return [line for line in self._told(low, high, cuts) if line.key not in self._taken]

    def _told(self, low: float, high: float, cuts: bool) -> list[PosLine]:
        """What was told from `low` to `high` on the till's clock, with the half second that it cuts."""
        if cuts and not self._uncut:
            self._uncut = [replace(line, at=line.at + HALF_S) for line in self.told]
        part = slice(bisect_left(self.told_at, low), bisect_right(self.told_at, high))
        return (self._uncut if cuts else self.told)[part]

    def _estimate(self, passes: Sequence[Sighting], prior: Prior, end: float = float("inf")) -> Clock:
        if not passes:
            return Clock(prior.centre_s, prior.sd_s, prior.jitter_s, support=prior.support, cut_s=prior.cut_s)
        cuts = prior.cut_s > 0.0
        near = self._near(passes, prior.centre_s, NEAR_S, end, cuts)
        clock = clock_estimate(passes, slots_of(near, self.params.laws), prior, self.params)
        own = _own_support(clock, prior.support)
        if own >= 0.3 * len(passes) or len(passes) < 6 or len(near) == len(self.told):
            return clock
        far = self._near(passes, prior.centre_s, ZONES_S, float("inf"), cuts)
        wide = clock_estimate(passes, slots_of(far, self.params.laws), prior, self.params, hours=True)
        return wide if wide.support > own + 3 else clock


def _own_support(found: Clock, before: float) -> float:
    """The scans of these passes alone: a clock that agrees with the one `before` counts that one's too."""
    return found.support - before if found.support >= before else found.support
