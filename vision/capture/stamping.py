"""Putting stretches of a stream on the wall clock, without letting the clock's own jitter tear the video apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from vision.capture.clock import ClockSource, StreamClock
from vision.capture.cutting import Stretch

# How long the first segments of a connection wait for the sender's first report; afterwards each is stamped at once.
REPORT_S = 5.0
JOINED_S = 0.5
# An arrival clock is believed step by step; frames of two segments then never change places.
SLEW_OF_INTERVAL = 0.4
REACH_S = 5.0


class WallClock(Protocol):
    @property
    def source(self) -> ClockSource: ...

    def observe(self, t: float, arrived_at: float, sender_wall: float | None) -> None: ...

    def wall(self, t: float) -> float: ...


@dataclass(frozen=True)
class Stamped:
    """A stretch and the Unix time of its first picture."""

    stretch: Stretch
    started_at: float
    clock_source: ClockSource
    continues: bool


class Stamper:
    """One per camera and run: it remembers where the last segment ended, also across connections."""

    def __init__(self, ended_at: float | None = None) -> None:
        self.ended_at = ended_at
        self._clock: WallClock = StreamClock()
        self._held: list[Stretch] = []
        self._hold_until: float | None = None
        self._same_stretch = False  # the last segment was stamped on this very clock

    def begin(self, clock: WallClock, *, hold_until: float | None) -> None:
        """A connection begins. `hold_until`: Unix time up to which a sender report may still be waited for."""
        self._clock, self._hold_until, self._same_stretch = clock, hold_until, False

    def observe(self, t: float, arrived_at: float, sender_wall: float | None) -> None:
        self._clock.observe(t, arrived_at, sender_wall)

    def resumed(self, t: float) -> None:
        """What begins at `t` is known to go on exactly where the last segment ended."""
        if self.ended_at is not None:
            self._clock.observe(t, self.ended_at, None)

    def jumped(self) -> None:
        """The stream's time jumped: what was learnt about it no longer holds."""
        if isinstance(self._clock, StreamClock):
            self._clock = StreamClock()
        self._same_stretch = False

    def push(self, stretch: Stretch, now: float) -> Iterator[Stamped]:
        self._held.append(stretch)
        yield from self.released(now)

    def released(self, now: float) -> Iterator[Stamped]:
        """What was held back and need not be any longer."""
        if self._held and not (self._waiting(now) and self._clock.source is ClockSource.ARRIVAL):
            self._hold_until = None
            yield from self.flush()

    def flush(self) -> Iterator[Stamped]:
        held, self._held = self._held, []
        for stretch in held:
            yield self._stamped(stretch)

    def _waiting(self, now: float) -> bool:
        return self._hold_until is not None and now < self._hold_until

    def _stamped(self, stretch: Stretch) -> Stamped:
        start = self._joined(self._clock.wall(stretch.start_t), stretch)
        continues = self.ended_at is not None and abs(start - self.ended_at) < JOINED_S
        self.ended_at, self._same_stretch = start + stretch.duration_s, True
        return Stamped(stretch, start, self._clock.source, continues)

    def _joined(self, start: float, stretch: Stretch) -> float:
        """`start`, but not (or hardly) before the last segment's end where it is only an estimate."""
        overlap = (self.ended_at or start) - start
        if self._clock.source is not ClockSource.ARRIVAL or not 0 < overlap < REACH_S:
            return start
        slack = SLEW_OF_INTERVAL * stretch.interval_s if self._same_stretch else 0.0
        return start + max(0.0, overlap - slack)
