"""Pulling a source: from an address to segment files on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from vision.capture.clock import Fixed, StreamClock
from vision.capture.cutting import Cutter, Stretch, Timed
from vision.capture.faults import SourceFault, Trouble
from vision.capture.playing import Playback, file_next, folder_next, playback_read
from vision.capture.reader import POLL_S, Over, Reader
from vision.capture.resent import Resent, packet_mark
from vision.capture.source import Kind, Opened, kind_of
from vision.capture.stamping import REPORT_S, Stamped, Stamper
from vision.capture.writing import SegmentFile, segment_name, stretch_write

# A server may send what it has in store at once; one that never stops being ahead is held back to this.
LEAD_S = 60.0


class Keeper(Protocol):
    """Whoever answers for the camera while it is pulled."""

    def going_on(self) -> bool:
        """Asked several times a second; False ends the pulling at once."""
        ...

    def connected(self, opened: Opened) -> None: ...

    def playback_keep(self, kept: Mapping[str, object]) -> None:
        """Remember which recording is being played since when, for whoever takes over."""
        ...


@dataclass
class Pull:
    """One camera being pulled. `segments` may be called again after a fault: its sense of time goes on.

    `stored_until` is the end of the last segment that is already stored, Unix seconds; `stored_mark` the mark of its
    last packet, where it has one.
    """

    source: str
    folder: Path
    keeper: Keeper
    stored_until: float | None = None
    stored_mark: str = ""
    kept: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        self._stamper = Stamper(self.stored_until)
        self._last = playback_read(self.kept or {})
        self._pause = threading.Event()

    @property
    def ahead_s(self) -> float:
        """By how much the video already stored reaches beyond now: a server that sends faster than life."""
        return max(0.0, (self._stamper.ended_at or 0.0) - time.time())

    def segments(self) -> Iterator[SegmentFile]:
        """Segments as they become whole. Ends when the keeper says so; raises SourceFault when the source does."""
        kind = kind_of(self.source)
        if kind is Kind.FOLDER:
            yield from self._folder(Path(self.source))
        elif kind is Kind.FILE:
            yield from self._file(Path(self.source))
        else:
            yield from self._stream(self.source, kind, None)
            if self.keeper.going_on():
                raise SourceFault(Trouble.LOST, "The camera ended the stream.")

    def _file(self, path: Path) -> Iterator[SegmentFile]:
        play = file_next(path, self._last, time.time())
        if play is not None:
            yield from self._play(play)
        if self.keeper.going_on():
            raise SourceFault(Trouble.ENDED, "The file has been played to its end. Replace it to play another.")

    def _folder(self, folder: Path) -> Iterator[SegmentFile]:
        """Plays what is there and waits for more; a file that cannot be played is passed over and named."""
        while self.keeper.going_on():
            play = folder_next(folder, self._last, self._stamper.ended_at, time.time())
            if play is None:
                self._pause.wait(POLL_S)
                continue
            try:
                yield from self._play(play)
            except SourceFault as fault:
                self._playback(replace(play, ended=True))
                raise SourceFault(fault.trouble, f"Passed over {Path(play.path).name}: {fault}") from fault

    def _play(self, play: Playback) -> Iterator[SegmentFile]:
        self._playback(play)
        yield from self._stream(play.path, Kind.FILE, play)
        if self.keeper.going_on():
            self._playback(replace(play, ended=True))

    def _playback(self, play: Playback) -> None:
        self._last = play
        self.keeper.playback_keep(play.kept())

    def _stream(self, source: str, kind: Kind, play: Playback | None) -> Iterator[SegmentFile]:
        with closing(Reader(source, kind)) as reader:
            if (opened := self._opened(reader)) is None:
                return
            self.keeper.connected(opened)
            began_at = play.began_at if play else time.time()
            hold_until = time.time() + REPORT_S if kind is Kind.RTSP else None
            for stamped in self._stamped(reader, opened, began_at, hold_until):
                if (segment := self._written(stamped, opened)) is not None:
                    yield segment

    def _opened(self, reader: Reader) -> Opened | None:
        while self.keeper.going_on():
            if (opened := reader.opened()) is not None:
                return opened
        return None

    def _stamped(self, reader: Reader, opened: Opened, began_at: float, hold_until: float | None) -> Iterator[Stamped]:
        """Cuts and stamps; what was pulled before the source failed is still delivered, before the failure."""
        cutter, failure, first = Cutter(), None, True
        resent = Resent(self.stored_mark if opened.resends else "", self._stamper.resumed)
        while self.keeper.going_on():
            try:
                packet = reader.next()
            except (SourceFault, Over) as end:
                failure = end
                break
            if packet is None:
                continue
            if first:
                clock = Fixed(began_at - packet.t) if opened.recording else StreamClock()
                self._stamper.begin(clock, hold_until=hold_until)
                pace = began_at - packet.t - (0.0 if opened.recording else LEAD_S)
                first = False
            if not self._paced(packet.t + pace):
                break
            for fresh in resent.push(packet):
                yield from self._advance(cutter, fresh)
        for fresh in resent.rest():
            yield from self._advance(cutter, fresh)
        yield from self._rest(cutter)
        if isinstance(failure, SourceFault):
            raise failure

    def _advance(self, cutter: Cutter, packet: Timed) -> Iterator[Stamped]:
        jump = cutter.breaks(packet)
        if jump:
            yield from self._rest(cutter)
            self._stamper.jumped()
        self._stamper.observe(packet.t, packet.arrived_at, packet.sender_wall)
        yield from self._stamper.released(time.time())
        for stretch in cutter.push(packet):
            yield from self._stamper.push(stretch, time.time())

    def _rest(self, cutter: Cutter) -> Iterator[Stamped]:
        for stretch in cutter.flush():
            yield from self._stamper.push(stretch, time.time())
        yield from self._stamper.flush()

    def _paced(self, due_at: float) -> bool:
        """Waits until a picture is due; False where the keeper ends it."""
        while (left := due_at - time.time()) > 0:
            self._pause.wait(min(left, POLL_S))
            if not self.keeper.going_on():
                return False
        return True

    def _written(self, stamped: Stamped, opened: Opened) -> SegmentFile | None:
        """None for a segment that is stored already (a recording read again after a worker died)."""
        stretch: Stretch = stamped.stretch
        ended_at = stamped.started_at + stretch.duration_s
        if opened.recording and self.stored_until is not None and ended_at <= self.stored_until + 0.001:
            return None
        started_at = datetime.fromtimestamp(round(stamped.started_at, 6), UTC)
        self.stored_mark = packet_mark(stretch.packets[-1]) if opened.resends else ""
        name = segment_name(started_at, stamped.clock_source, "", self.stored_mark)
        path = stretch_write(stretch, opened.stream, self.folder, name)
        return SegmentFile(
            path=path,
            started_at=started_at,
            duration_s=stretch.duration_s,
            clock_source=stamped.clock_source,
            frames=len(stretch.packets),
            size_bytes=path.stat().st_size,
            continues=stamped.continues,
            width=opened.width,
            height=opened.height,
            fps=opened.fps or 1 / stretch.interval_s,
        )
