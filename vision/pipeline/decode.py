"""From a file of video to frames sampled by time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from vision.domain.types import Frame


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
    first: float | None = None
    due = 0.0
    for picture in _pictures(container, stream):
        second = picture.time if picture.time is not None else 0.0
        first = second if first is None else first
        elapsed = second - first
        if elapsed + slack < due:
            continue
        due = max(due + 1 / analysed_fps, elapsed - slack)
        yield Frame(started_at + elapsed, _pixels(picture, max_side))


def _pictures(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Decoded pictures; a packet that cannot be decoded costs itself only, and a broken end is the end."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            continue


def _pixels(picture: av.VideoFrame, max_side: int) -> np.ndarray:
    scale = min(1.0, max_side / max(picture.width, picture.height))
    width, height = (max(2, round(length * scale / 2) * 2) for length in (picture.width, picture.height))
    if scale == 1.0:
        return picture.to_ndarray(format="bgr24")
    return picture.reformat(width, height, "bgr24", interpolation="AREA").to_ndarray()


def _unreadable(path: Path, error: Exception) -> Exception:
    if isinstance(error, av.error.InvalidDataError) and path.is_file() and path.stat().st_size > 0:
        head = path.read_bytes()[:12]
        if head[4:8] in (b"ftyp", b"styp", b"moov") or head[:1] == b"\x47":
            return Truncated(f"{path.name} breaks off before its first picture.")
    return NotVideo(f"{path.name} is not a video that can be read ({error}).")
