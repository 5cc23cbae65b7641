"""From a file of video to frames sampled by time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from vision.domain.types import Frame

if TYPE_CHECKING:
    Packet = av.Packet[Any]  # generic to type checkers alone


class VideoUnreadable(Exception):
    """A file gave no picture at all."""


class NotVideo(VideoUnreadable):
    """The file holds no video stream that can be read."""


class Truncated(VideoUnreadable):
    """The file breaks off before its first picture."""


def frames(path: Path, started_at: float, analysed_fps: float, max_side: int) -> Iterator[Frame]:
    """Frames of `path`, `analysed_fps` per second at most, the longer side `max_side` pixels at most.

    `started_at` is the instant (Unix seconds) of the first picture. A file that breaks off gives what is good and
    ends. Raises NotVideo or Truncated where it gives nothing at all.
    """
    try:
        container = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error
    with container:
        if not container.streams.video:
            raise NotVideo(f"{path.name} has no video stream. Point the camera's source at a video stream.")
        given = 0
        for frame in _sampled(container, started_at, analysed_fps, max_side):
            given += 1
            yield frame
        if not given:
            raise Truncated(f"{path.name} breaks off before its first picture.")


def _sampled(
    container: av.container.InputContainer, started_at: float, analysed_fps: float, max_side: int
) -> Iterator[Frame]:
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    stream.codec_context.thread_type = "NONE"
    # half a source frame early is nearer than half a frame late
    slack = 0.5 / float(stream.average_rate or 25)
    wanted, taken = _Clock(analysed_fps, slack), _Clock(analysed_fps, slack)
    for picture in _pictures(container, stream, wanted):
        second = picture.time if picture.time is not None else 0.0
        if taken.due(second):
            yield Frame(started_at + taken.elapsed, _pixels(picture, max_side))


class _Clock:
    """Which instants of a stream are looked at: `fps` a second at most, the first always."""

    def __init__(self, fps: float, slack: float) -> None:
        self._every, self._slack = 1 / fps, slack
        self._first: float | None = None
        self._due = self.elapsed = 0.0

    def due(self, second: float) -> bool:
        """`elapsed`: seconds from the first to this one."""
        self._first = second if self._first is None else self._first
        self.elapsed = second - self._first
        if self.elapsed + self._slack < self._due:
            return False
        self._due = max(self._due + self._every, self.elapsed - self._slack)
        return True


def _pictures(container: av.container.InputContainer, stream: av.VideoStream, clock: _Clock) -> Iterator[av.VideoFrame]:
    """Decoded pictures, without those that nobody asks for and no other is made from; a packet that cannot be decoded
    costs itself only, and a broken end is the end."""
    disposable, tick = disposable_told(stream), stream.time_base or Fraction(1, 90_000)
    for group in _groups(container, stream):
        instants = sorted(packet.pts for packet in group if packet.pts is not None)
        asked = {pts for pts in instants if clock.due(float(pts * tick))}
        for packet in group:
            if packet.pts is not None and packet.pts not in asked and disposable(packet):
                continue
            try:
                yield from packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                continue


def _groups(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[list[Packet]]:
    """The packets from one key frame up to the next."""
    group: list[Packet] = []
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            break
        if packet.is_keyframe and group:
            yield group
            group = []
        group.append(packet)
    if group:
        yield group


def disposable_told(stream: av.VideoStream) -> Callable[[Packet], bool]:
    """Whether no other picture is made from a packet's, by `nal_ref_idc` of its first slice (ITU-T H.264, 7.4.1).

    Of other codecs nothing is known, and nothing is left out.
    """
    if stream.codec_context.name != "h264":
        return lambda packet: False
    extra = bytes(stream.codec_context.extradata or b"")
    if extra[:1] == b"\x01" and len(extra) > 4:  # avcC (ISO/IEC 14496-15): each unit begins with its length
        width = (extra[4] & 3) + 1
        return lambda packet: _first_slice_counted(bytes(packet), width)
    return lambda packet: _first_slice_marked(bytes(packet))


SLICES = (1, 2, 5)


def _first_slice_counted(data: bytes, width: int) -> bool:
    at = 0
    while at + width < len(data):
        head = data[at + width]
        if head & 31 in SLICES:
            return not head >> 5 & 3
        at += width + int.from_bytes(data[at : at + width], "big")
    return False


def _first_slice_marked(data: bytes) -> bool:
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        head = data[at + 3]
        if head & 31 in SLICES:
            return not head >> 5 & 3
        at = data.find(b"\0\0\1", at + 3)
    return False


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
