"""From a file of video to frames sampled by time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from vision.domain.types import Frame
from vision.pipeline.gate import RESTING_FPS, Attention
from vision.pipeline.slices import Slices

if TYPE_CHECKING:
    from vision.pipeline.slices import Packet

NEAR_S = 0.045
"""As well one as the other: pictures beside each other at 25 a second or more."""
_Coded = tuple["Packet", bool]
"""A packet, and whether no other picture is made from it."""


class VideoUnreadable(Exception):
    """A file gave no picture at all."""


class NotVideo(VideoUnreadable):
    """The file holds no video stream that can be read."""


class Truncated(VideoUnreadable):
    """The file breaks off before its first picture."""


def frames(
    path: Path, started_at: float, analysed_fps: float, max_side: int, attention: Attention | None = None
) -> Iterator[Frame]:
    """Frames of `path`, `analysed_fps` per second at most, the longer side `max_side` pixels at most.

    `started_at` is the instant (Unix seconds) of the first picture. A file that breaks off gives what is good and
    ends. Raises NotVideo or Truncated where it gives nothing at all.

    With `attention` they are for an eye that looks on and not for people: without the smoothing of blocks, of two that
    lie beside each other rather the one that has to be decoded anyway, and fewer while the eye rests.
    """
    try:
        container = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error
    with container:
        if not container.streams.video:
            raise NotVideo(f"{path.name} has no video stream. Point the camera's source at a video stream.")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = "NONE"
        if attention is not None:
            # key frames keep it: others are made from them for seconds
            stream.codec_context.options = {"skip_loop_filter": "nokey"}
        first: float | None = None
        for picture in _pictures(container, stream, _Asked(stream, analysed_fps, attention)):
            second = picture.time or 0.0
            first = second if first is None else first
            yield Frame(started_at + second - first, _pixels(picture, max_side))
        if first is None:
            raise Truncated(f"{path.name} breaks off before its first picture.")


class _Asked:
    """Which pictures of a stream are looked at: `fps` a second at most, the first always."""

    def __init__(self, stream: av.VideoStream, fps: float, attention: Attention | None) -> None:
        self._tick = float(stream.time_base or Fraction(1, 90_000))
        # half a source frame early is nearer than half a frame late
        self._slack = 0.5 / float(stream.average_rate or 25)
        self._fps, self._attention, self._rests = fps, attention, False
        self._due: float | None = None
        self._seen: float | None = None
        self._pts: set[int] = set()

    def __contains__(self, packet: Packet) -> bool:
        return packet.pts in self._pts

    @property
    def outdated(self) -> bool:
        return self._attention is not None and self._attention.rests is not self._rests

    def taken(self, pts: int | None) -> bool:
        """Whether this picture, just decoded, was asked for."""
        if pts is None or pts not in self._pts:
            return False
        self._pts.discard(pts)
        self._seen = pts * self._tick
        return True

    def plan(self, coming: Sequence[_Coded]) -> None:
        """Asks for some of what comes next, whatever was asked of it before."""
        changed = self.outdated
        self._rests ^= changed
        every = 1 / (min(self._fps, RESTING_FPS) if self._rests else self._fps)
        if changed and self._seen is not None:
            self._due = self._seen + every
        instants = sorted((packet.pts, disposable) for packet, disposable in coming if packet.pts is not None)
        self._pts -= {pts for pts, _ in instants}
        for number, (pts, _) in enumerate(instants):
            second = pts * self._tick
            self._due = second if self._due is None else self._due
            if second + self._slack >= self._due:
                chosen = self._beside(instants, number, every)
                self._pts.add(chosen)
                # awake so many a second on the whole; at rest one is as good as the next
                self._due = chosen * self._tick + every if self._rests else max(self._due + every, second - self._slack)

    def _beside(self, instants: list[tuple[int, bool]], number: int, every: float) -> int:
        """The picture of that number, or the next or last one where only that has to be decoded anyway."""
        pts, disposable = instants[number]
        if disposable and self._attention is not None:
            for other, too in instants[number + 1 : number + 2] + instants[max(0, number - 1) : number]:
                near = abs(other - pts) * self._tick <= min(NEAR_S, every / 2)
                if near and not too and other not in self._pts:
                    return other
        return pts


def _pictures(container: av.container.InputContainer, stream: av.VideoStream, asked: _Asked) -> Iterator[av.VideoFrame]:
    """What was asked for. Not decoded is what was not and what nothing that was is made from; a packet that cannot be
    decoded costs itself only, and a broken end is the end."""
    for group, closed in _groups(container, stream):
        asked.plan(group)
        for number, (packet, disposable) in enumerate(group):
            coming = group[number:]
            if asked.outdated:
                asked.plan(coming)
            idle = packet.pts is not None and packet not in asked
            if idle and (disposable or (closed and not any(later in asked for later, _ in coming))):
                continue
            try:
                yield from (picture for picture in packet.decode() if asked.taken(picture.pts))
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue


def _groups(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[tuple[list[_Coded], bool]]:
    """The packets from one key frame up to the next, each with whether no other picture is made from it; and whether
    nothing after them is made from them."""
    slices, group = Slices(stream), list[_Coded]()
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            break
        if packet.is_keyframe and group:
            yield group, slices.afresh(packet)
            group = []
        group.append((packet, slices.disposable(packet)))
    if group:
        yield group, True


def _pixels(picture: av.VideoFrame, max_side: int) -> np.ndarray:
    scale = min(1.0, max_side / max(picture.width, picture.height))
    if scale == 1.0:
        return picture.to_ndarray(format="bgr24")
    width, height = (max(2, round(length * scale / 2) * 2) for length in (picture.width, picture.height))
    if picture.format.name == "yuv420p":
        return _planes_scaled(picture, width, height)
    return picture.reformat(width, height, "bgr24", interpolation="AREA").to_ndarray()


def _planes_scaled(picture: av.VideoFrame, width: int, height: int) -> np.ndarray:
    """Brightness and colour made smaller each by itself, then converted: a quarter of what scaling in colour costs."""
    size = width * height
    small = np.empty(size * 3 // 2, np.uint8)
    shapes = ((height, width, 0), (height // 2, width // 2, size), (height // 2, width // 2, size + size // 4))
    for plane, (rows, columns, start) in zip(picture.planes, shapes, strict=True):
        whole = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        part = small[start : start + rows * columns].reshape(rows, columns)
        # AREA is quick by whole steps only, and LINEAR leaves nothing out down to a half
        how = cv2.INTER_AREA if plane.width % columns == 0 or columns < 0.5 * plane.width else cv2.INTER_LINEAR
        cv2.resize(whole, (columns, rows), dst=part, interpolation=how)
    return cv2.cvtColor(small.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420)


def _unreadable(path: Path, error: Exception) -> Exception:
    if isinstance(error, av.error.InvalidDataError) and path.is_file() and path.stat().st_size > 0:
        head = path.read_bytes()[:12]
        if head[4:8] in (b"ftyp", b"styp", b"moov") or head[:1] == b"\x47":
            return Truncated(f"{path.name} breaks off before its first picture.")
    return NotVideo(f"{path.name} is not a video that can be read ({error}).")
