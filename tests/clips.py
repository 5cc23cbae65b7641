"""Tiny clips, drawn by code: every picture shows its own number as bars, so that a test can tell which ones it got."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 12
WIDTH, HEIGHT = 320, 240
_BAR = WIDTH // (BITS + 2)


def picture(number: int) -> np.ndarray:
    """BGR image whose white bars spell `number` in binary, the least bit on the left."""
    image = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            image[HEIGHT // 4 : 3 * HEIGHT // 4, (bit + 1) * _BAR : (bit + 2) * _BAR - 4] = 255
    return image


def number_of(image: np.ndarray) -> int:
    """The number that a decoded picture shows."""
    row = image[HEIGHT // 2]
    return sum(1 << bit for bit in range(BITS) if row[(bit + 1) * _BAR + _BAR // 2 - 2].mean() > 128)


def clip_draw(
    path: Path,
    *,
    seconds: float = 4.0,
    fps: int = 25,
    key_every: int = 25,
    codec: str = "libx264",
    b_frames: int = 0,
    sound: bool = False,
    format: str | None = None,
) -> Path:
    """Pictures 0, 1, 2 ... at `fps` with a key frame every `key_every`."""
    with av.open(str(path), "w", format=format) as container:
        video = container.add_stream(codec, rate=fps)
        video.width, video.height = WIDTH, HEIGHT
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        video.codec_context.gop_size = key_every
        video.codec_context.thread_count = 1
        video.options = _options(codec, key_every, b_frames)
        audio = container.add_stream("aac", rate=16000) if sound else None
        for number in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for chunk in _hum(seconds):
                container.mux(audio.encode(chunk))
            container.mux(audio.encode(None))
    return path


def numbers_in(path: Path) -> list[int]:
    """The numbers of all pictures of a file, in the order in which they are shown."""
    with av.open(str(path)) as container:
        return [number_of(frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]


def _options(codec: str, key_every: int, b_frames: int) -> dict[str, str]:
    if codec == "libx264":
        return {"preset": "ultrafast", "bf": str(b_frames), "sc_threshold": "0", "keyint_min": str(key_every)}
    if codec == "libx265":
        setting = f"keyint={key_every}:min-keyint={key_every}:bframes={b_frames}:scenecut=0:pools=1:log-level=none"
        return {"preset": "ultrafast", "x265-params": setting}
    return {}


def _hum(seconds: float) -> Iterator[av.AudioFrame]:
    for start in range(0, round(seconds * 16000), 1024):
        times = np.arange(start, start + 1024) / 16000
        frame = av.AudioFrame.from_ndarray(np.sin(times * 440)[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16000, start
        yield frame
