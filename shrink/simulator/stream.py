"""H.264 from rendered pictures: into a file, or into MPEG-TS pieces as they come."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
from av.video.frame import PictureType

from shrink.simulator.textures import Image

CLOCK = 90_000
X264 = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "crf": "24",
    "forced-idr": "1",
    "x264-params": "scenecut=0:threads=1",
}


class Pieces:
    """A file to the muxer: keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Encoder:
    """One H.264 stream with a key frame every second. Instants are seconds from the stream's start."""

    def __init__(
        self, target: Any, container: str | None, width: int, height: int, fps: float, crf: int | None = None
    ) -> None:
        options = (
            {"flush_packets": "1", "mpegts_flags": "+resend_headers+pat_pmt_at_frames"} if container == "mpegts" else {}
        )
        self._container = av.open(target, "w", format=container, options=options)
        self._stream: Any = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, CLOCK)
        self._stream.options = {**X264, "g": str(round(fps)), "crf": X264["crf"] if crf is None else str(crf)}

    @classmethod
    def to_file(cls, path: Path, width: int, height: int, fps: float, crf: int | None = None) -> Encoder:
        return cls(str(path), "mpegts" if path.suffix == ".ts" else None, width, height, fps, crf)

    def add(self, picture: Image, t_s: float, *, key: bool = False) -> None:
        planes: Image = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = round(t_s * CLOCK), Fraction(1, CLOCK)
        if key:
            frame.pict_type = PictureType.I
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
