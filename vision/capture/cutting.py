"""Cutting a stream of packets into stretches that each begin with a key frame. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from vision.capture.faults import SourceFault, Trouble

TARGET_S = 2.0
# The key frame nearest to the target ends a segment: a camera with one a second gives 2 s, one every 1.6 s gives 1.6 s.
LEAST_S = 0.75 * TARGET_S
# Nothing can be cut without key frames, and nothing be judged before the cut.
PATIENCE_S = 60.0
BYTES_MOST = 96 * 1024 * 1024
BACK_S = 0.5  # decoding order and rounding go back by less
HOLE_S = 2.0


@dataclass(slots=True)
class Timed:
    """One packet. `t` is its presentation time on the stream's own clock, seconds; `sender_wall` Unix seconds."""

    t: float
    key: bool
    size: int
    arrived_at: float
    sender_wall: float | None = None
    packet: Any = None


@dataclass
class Stretch:
    """Packets from a key frame up to the next cut, in decoding order."""

    packets: list[Timed]
    end_t: float
    interval_s: float

    @property
    def start_t(self) -> float:
        return self.packets[0].t

    @property
    def duration_s(self) -> float:
        return self.end_t - self.start_t


class Cutter:
    """`push` packets in decoding order; whole stretches come out as soon as the next key frame is there.

    Where a packet `breaks` the stream, `flush` first.
    """

    def __init__(self) -> None:
        self._open: list[Timed] = []
        self._bytes = 0
        self._last: Timed | None = None
        self._waiting_since: float | None = None
        self.interval_s = 0.04

    def breaks(self, packet: Timed) -> bool:
        """Whether stream time jumps at `packet`: a loop, a wrap, a restarted encoder, or frames that never came."""
        if self._last is None:
            return False
        step = packet.t - self._last.t
        return step < -max(BACK_S, 16 * self.interval_s) or step > max(HOLE_S, 4 * self.interval_s)

    def push(self, packet: Timed) -> Iterator[Stretch]:
        if self._open and packet.key and packet.t - self._open[0].t >= LEAST_S:
            yield self._cut(end_t=packet.t)
        self._last = packet
        self._keep(packet)

    def flush(self) -> Iterator[Stretch]:
        """What has come so far, as the stream will not go on from here."""
        if self._open:
            yield self._cut(end_t=max(p.t for p in self._open) + self._interval())
        self._last = None

    def _keep(self, packet: Timed) -> None:
        if self._waiting_since is None:
            self._waiting_since = packet.arrived_at
        if not self._open and not packet.key:
            self._patience(packet.arrived_at)
            return
        if self._open and packet.t < self._open[0].t:
            return  # an open GOP's leading picture: it leans on the segment before and cannot be decoded here
        self._open.append(packet)
        self._bytes += packet.size
        self._waiting_since = self._open[0].arrived_at
        if self._bytes > BYTES_MOST:
            self._patience(self._waiting_since + PATIENCE_S + 1)
        self._patience(packet.arrived_at)

    def _patience(self, now: float) -> None:
        assert self._waiting_since is not None
        if now - self._waiting_since > PATIENCE_S:
            raise SourceFault(
                Trouble.NO_VIDEO, "The camera sends no key frames. Set its key frame (I-frame) interval to 2 seconds."
            )

    def _cut(self, end_t: float) -> Stretch:
        self.interval_s = self._interval()
        stretch = Stretch(self._open, end_t, self.interval_s)
        self._open, self._bytes, self._waiting_since = [], 0, None
        return stretch

    def _interval(self) -> float:
        times = sorted(p.t for p in self._open)
        steps = [b - a for a, b in pairwise(times) if b > a]
        return median(steps) if steps else self.interval_s
