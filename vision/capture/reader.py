"""Reading a source in a thread of its own, so that nothing that happens to its packets delays their arrival time."""

from __future__ import annotations

import queue
import struct
import threading
import time
from collections import deque

import av
import av.container

from vision.capture.cutting import Timed
from vision.capture.faults import SourceFault, Trouble, fault_reading
from vision.capture.source import Kind, Opened, source_open

AHEAD = 128  # handfuls of packets; beyond them the sender is slowed down
# Waking up who takes a packet costs more than the packet: those of a live stream are handed on together, up to a key
# frame, which ends a segment and is not kept waiting.
HANDFUL = 8
TOGETHER_S = 0.25
POLL_S = 0.25
LEAST_STEP_S = 0.001


class Over(Exception):
    """The source ended by itself."""


class Reader:
    """`opened` and `next` give None while there is nothing yet; they raise SourceFault, or Over at the end.

    The container is closed by its own thread and not before `close`: the stream that a writer copies its settings
    from lives inside it.
    """

    def __init__(self, source: str, kind: Kind) -> None:
        self._source, self._kind = source, kind
        self._items: queue.Queue[Opened | list[Timed] | Exception] = queue.Queue(AHEAD)
        self._taken: deque[Timed] = deque()
        self._closed = threading.Event()
        threading.Thread(target=self._run, name="reader", daemon=True).start()

    def opened(self) -> Opened | None:
        item = self._take()
        assert item is None or isinstance(item, Opened)
        return item

    def next(self) -> Timed | None:
        if not self._taken:
            item = self._take()
            assert item is None or isinstance(item, list)
            self._taken.extend(item or ())
        return self._taken.popleft() if self._taken else None

    def close(self) -> None:
        """Returns at once; a read that is still waiting ends by its own time limit."""
        self._closed.set()

    def _take(self) -> Opened | list[Timed] | None:
        try:
            item = self._items.get(timeout=POLL_S)
        except queue.Empty:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    def _put(self, item: Opened | list[Timed] | Exception) -> None:
        while not self._closed.is_set():
            try:
                self._items.put(item, timeout=POLL_S)
                return
            except queue.Full:
                continue

    def _run(self) -> None:
        try:
            opened = source_open(self._source, self._kind)
        except SourceFault as fault:
            self._put(fault)
            return
        self._put(opened)
        try:
            self._read(opened)
        finally:
            self._closed.wait()
            opened.container.close()

    def _read(self, opened: Opened) -> None:
        times, handful = Times(opened, from_zero=self._kind is Kind.RTSP), list[Timed]()
        most = 1 if opened.recording else HANDFUL  # a recording is read far ahead: no more of it than has to be
        try:
            for packet in opened.container.demux(opened.stream):
                if self._closed.is_set():
                    return
                if packet.size and (timed := times.timed(packet, time.time())) is not None:
                    handful.append(timed)
                    if timed.key or len(handful) >= most or timed.arrived_at - handful[0].arrived_at > TOGETHER_S:
                        self._put(handful)
                        handful = []
            end: Exception = _ended_early(opened, times) or Over()
        except av.error.EOFError:
            end = _ended_early(opened, times) or Over()
        except Exception as error:
            end = fault_reading(error, self._source)
        self._put(handful)
        self._put(end)


class Times:
    """Gives every packet a time, also those that come without."""

    def __init__(self, opened: Opened, *, from_zero: bool) -> None:
        self._untimed = opened.untimed and not opened.recording
        self._step = 1 / opened.fps if opened.fps else 0.04
        self._from_zero = from_zero
        # Where an index says how long a packet is, a corrupt one is half a packet; elsewhere the word means little.
        self._indexed = opened.container.format.name.startswith("mov")
        self.last: float | None = None

    def timed(self, packet: av.Packet, now: float) -> Timed | None:
        """None for a packet of unknown time before the first known one."""
        t = self._arrived(now) if self._untimed else self._time(packet)
        if t is None or (packet.is_corrupt and self._indexed):
            return None
        self.last = t
        return Timed(t, packet.is_keyframe, packet.size, now, _sender_wall(packet), packet)

    def _arrived(self, now: float) -> float:
        return now if self.last is None else max(now, self.last + LEAST_STEP_S)

    def _time(self, packet: av.Packet) -> float | None:
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None and packet.time_base:
            return float(stamp * packet.time_base)
        if self.last is not None:
            return self.last + self._step
        # The parser loses the first RTP picture's time, which is zero by definition: the timeline begins with it.
        return 0.0 if self._from_zero or self._untimed else None


def _sender_wall(packet: av.Packet) -> float | None:
    """The sender's wall clock (`prft` side data: microseconds since 1970 and flags), once a report has come."""
    if not packet.has_sidedata("prft"):
        return None
    microseconds, _flags = struct.unpack_from("<qi", bytes(packet.get_sidedata("prft")))
    return float(microseconds) / 1e6


def _ended_early(opened: Opened, times: Times) -> SourceFault | None:
    """A recording that ends well before its own index says was cut short."""
    length = opened.stream.duration
    if not opened.recording or length is None or opened.stream.time_base is None:
        return None
    start = float((opened.stream.start_time or 0) * opened.stream.time_base)
    missing = start + float(length * opened.stream.time_base) - (times.last if times.last is not None else start)
    if missing > max(1.0, 3 * (1 / opened.fps if opened.fps else 0.04)):
        sentence = f"The recording breaks off {missing:.0f} s before its end. Copy it again."
        return SourceFault(Trouble.TRUNCATED, sentence)
    return None
