"""Writing a stretch of packets as one small file, without re-encoding."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av

from vision.capture.clock import ClockSource
from vision.capture.cutting import Stretch, Timed

# What MP4 can hold and every decoder here reads; anything else goes into Matroska, which holds all.
MP4_CODECS = frozenset({"h264", "hevc", "mpeg4", "mjpeg", "av1", "vp9"})
TIME_BASE = Fraction(1, 90_000)
PART = ".part-"
_NAME = re.compile(r"(\d{8}T\d{6})\.(\d{6})Z\.(rtcp|arrival|file)(?:\.([0-9a-f]{8}))?\.(mp4|mkv)")


@dataclass(frozen=True)
class SegmentFile:
    """One whole segment on disk. `started_at` is the instant of its first picture."""

    path: Path
    started_at: datetime
    duration_s: float
    clock_source: ClockSource
    frames: int
    size_bytes: int
    continues: bool
    width: int
    height: int
    fps: float | None


def segment_name(started_at: datetime, clock_source: str, extension: str, mark: str = "") -> str:
    """A name that says all that the file itself cannot: a file without its row can be taken in again.

    `mark`: of its last packet, where the source may send it again (resent.py).
    """
    words = [f"{started_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z", clock_source, mark, extension]
    return ".".join(word for word in words if word)


def segment_name_read(name: str) -> tuple[datetime, ClockSource] | None:
    """(start, clock source) of a segment's file name; None where it is none."""
    if not (found := _NAME.fullmatch(name)):
        return None
    started_at = datetime.strptime(found[1] + found[2], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return started_at, ClockSource(found[3])


def segment_mark_read(name: str) -> str:
    """The mark of the file's last packet; empty where the name has none."""
    found = _NAME.fullmatch(name)
    return (found[4] or "") if found else ""


def stretch_write(stretch: Stretch, template: av.VideoStream, folder: Path, name: str) -> Path:
    """Writes `folder/name.(mp4|mkv)`, its first picture at time 0; never visible before it is whole."""
    format_ = "mp4" if template.codec_context.name in MP4_CODECS else "matroska"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{PART}{os.getpid()}-{threading.get_ident()}"
    try:
        with av.open(str(part), "w", format=format_) as output:
            stream = output.add_stream_from_template(template)
            for timed, dts in zip(stretch.packets, decoding_times(stretch), strict=True):
                _mux(output, stream, timed, dts, stretch)
        whole = folder / f"{name}.{'mp4' if format_ == 'mp4' else 'mkv'}"
        part.rename(whole)
        return whole
    finally:
        part.unlink(missing_ok=True)


def decoding_times(stretch: Stretch) -> list[float]:
    """Decoding times made anew: many cameras send none. Ascending, and never after the picture is shown."""
    shown = sorted(p.t for p in stretch.packets)
    early = max(s - p.t for s, p in zip(shown, stretch.packets, strict=True))
    times: list[float] = []
    for s in shown:
        at = s - early
        times.append(max(at, times[-1] + float(TIME_BASE)) if times else at)
    return times


def _mux(
    output: av.container.OutputContainer, stream: av.VideoStream, timed: Timed, dts: float, stretch: Stretch
) -> None:
    packet = timed.packet
    start = stretch.start_t
    packet.stream = stream
    packet.time_base = TIME_BASE
    packet.dts = round((dts - start) / TIME_BASE)
    packet.pts = max(round((timed.t - start) / TIME_BASE), packet.dts)
    packet.duration = round(stretch.interval_s / TIME_BASE)
    output.mux(packet)


def parts_remove(folder: Path) -> int:
    """Deletes what a killed writer left half written. Only the holder of the camera's lease may call this."""
    parts = list(folder.glob(PART + "*")) if folder.is_dir() else []
    for part in parts:
        part.unlink(missing_ok=True)
    return len(parts)
