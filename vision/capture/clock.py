"""From a stream's own time to the wall clock. All times are seconds; wall time is Unix time UTC."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from statistics import median

# A camera whose clock is this far from ours has never been set; its reports tell nothing.
SENDER_LIMIT_S = 300.0
# The first packets after a report still carry their neighbour's wall clock; a few more outvote them.
SENDER_LEAST = 5


class ClockSource(StrEnum):
    RTCP = "rtcp"  # the sender's own wall clock, from RTCP sender reports
    ARRIVAL = "arrival"  # when the pictures reached us
    FILE = "file"  # a recording: counted from the instant it began to play


class ArrivalClock:
    """The wall time of stream time `t` is `t + offset`, the offset being that of the quickest recent frame.

    A frame can be late by any amount but never early, so the least of `arrival - t` is the one with the least jitter.
    The window lets the estimate follow a camera whose clock runs fast or slow.
    """

    def __init__(self, window_s: float = 60.0) -> None:
        self._window_s = window_s
        self._least: deque[tuple[float, float]] = deque()  # (arrival, offset), offsets ascending

    def observe(self, t: float, arrived_at: float) -> None:
        offset = arrived_at - t
        while self._least and self._least[-1][1] >= offset:
            self._least.pop()
        self._least.append((arrived_at, offset))
        while self._least[0][0] < arrived_at - self._window_s:
            self._least.popleft()

    @property
    def offset(self) -> float | None:
        return self._least[0][1] if self._least else None


class SenderClock:
    """The wall time that sender reports give; frames before the first report get theirs by counting back."""

    def __init__(self, recent: int = 25) -> None:
        self._offsets: deque[float] = deque(maxlen=recent)

    def observe(self, t: float, wall: float) -> None:
        self._offsets.append(wall - t)

    @property
    def offset(self) -> float | None:
        return median(self._offsets) if len(self._offsets) >= SENDER_LEAST else None


class StreamClock:
    """Both clocks of one unbroken stretch of a stream, and which of them is to be believed."""

    def __init__(self) -> None:
        self._arrival, self._sender = ArrivalClock(), SenderClock()

    def observe(self, t: float, arrived_at: float, sender_wall: float | None) -> None:
        self._arrival.observe(t, arrived_at)
        if sender_wall is not None:
            self._sender.observe(t, sender_wall)

    @property
    def source(self) -> ClockSource:
        arrival, sender = self._arrival.offset, self._sender.offset
        if sender is None or (arrival is not None and abs(sender - arrival) > SENDER_LIMIT_S):
            return ClockSource.ARRIVAL
        return ClockSource.RTCP

    def wall(self, t: float) -> float:
        offset = self._sender.offset if self.source is ClockSource.RTCP else self._arrival.offset
        if offset is None:
            raise ValueError("no frame was observed yet")
        return t + offset


class Fixed:
    """A recording's clock: time 0 was played at `began_at`."""

    source = ClockSource.FILE

    def __init__(self, began_at: float) -> None:
        self._began_at = began_at

    def observe(self, t: float, arrived_at: float, sender_wall: float | None) -> None:
        """A recording learns nothing from when its frames are read."""

    def wall(self, t: float) -> float:
        return self._began_at + t
