"""Writing a clip that every browser plays: H.264 in MP4, index in front, no sound by construction."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from vision.domain.types import Frame

TIME_BASE = Fraction(1, 1000)
# One key frame a second: stepping and seeking in the player stay instant.
ENCODER = {"preset": "veryfast", "crf": "24", "threads": "1"}
CONTAINER = {"movflags": "+faststart"}


def clip_write(frames: Iterable[Frame], path: Path, *, fps: float) -> float:
    """Encode `frames` (same size, ascending instants) to `path`; their own spacing in time is kept.

    Returns the duration in seconds, 0.0 where there was no frame (and then no file).
    """
    first: Frame | None = None
    last_at = 0.0
    container: av.container.OutputContainer | None = None
    for frame in frames:
        if container is None:
            first, container = frame, av.open(str(path), "w", format="mp4", container_options=CONTAINER)
            stream = _stream_add(container, frame.image, fps)
        assert first is not None
        picture = av.VideoFrame.from_ndarray(_even(frame.image), format="bgr24")
        picture.pts, picture.time_base = round((frame.at - first.at) / TIME_BASE), TIME_BASE
        container.mux(stream.encode(picture))
        last_at = frame.at
    if container is None or first is None:
        return 0.0
    container.mux(stream.encode(None))
    container.close()
    return last_at - first.at + 1 / fps


def _stream_add(container: av.container.OutputContainer, image: np.ndarray, fps: float) -> av.VideoStream:
    height, width = _even(image).shape[:2]
    stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000), options=ENCODER)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = TIME_BASE
    stream.codec_context.gop_size = max(1, round(fps))
    stream.codec_context.thread_count = 1
    return stream


def _even(image: np.ndarray) -> np.ndarray:
    """yuv420p halves both sides, so both must be even."""
    height, width = image.shape[:2]
    return np.ascontiguousarray(image[: height // 2 * 2, : width // 2 * 2])
