"""What is not decoded is missed by nobody: pictures are those that decoding everything gives, whatever is left out."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from vision.domain.types import Frame
from vision.pipeline import decode
from vision.pipeline.decode import frames
from vision.pipeline.gate import Attention
from vision.pipeline.slices import Slices

START = 1_790_000_000.0
ENCODINGS: dict[str, dict[str, str]] = {
    "baseline": {"profile": "baseline", "preset": "ultrafast"},
    "B frames": {"profile": "main", "preset": "medium", "x264-params": "bframes=2:b-adapt=0:b-pyramid=none"},
    "B frames of B frames": {"profile": "high", "preset": "medium", "x264-params": "bframes=3:b-adapt=0"},
    "open groups": {"preset": "medium", "x264-params": "bframes=3:b-adapt=0:open-gop=1"},
}
every_encoding = pytest.mark.parametrize("encoding", ENCODINGS)
every_container = pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])


def film(path: Path, encoding: str, fps: int = 25, count: int = 100) -> Path:
    """A texture that wanders under noise: whatever a picture was made from can be seen in it. A key frame a second."""
    rng = np.random.default_rng(1)
    texture = rng.integers(0, 160, (96, 320, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"g": str(fps), "crf": "24", **ENCODINGS[encoding]})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(count):
            picture = texture[:, number : number + 160] + rng.integers(0, 60, (96, 160, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())
    return path


def whole(path: Path, options: dict[str, str]) -> dict[int, int]:
    """Everything decoded: millisecond -> what the picture shows."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.options = options
        pictures = list(container.decode(video=0))
    return {round(1000 * (one.time - pictures[0].time)): shown(decode._pixels(one, 640)) for one in pictures}


def shown(image: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(image))


def watched(path: Path, rests: Callable[[float], bool], fps: float = 10.0) -> list[Frame]:
    """By an eye that rests as `rests` tells of each second."""
    attention = Attention(rests(0.0))
    seen = []
    for frame in frames(path, START, fps, 640, attention):
        attention.rests = rests(frame.at - START)
        seen.append(frame)
    return seen


def steps(seen: list[Frame]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(seen)]


EYES: dict[str, Callable[[float], bool]] = {
    "awake": lambda second: False,
    "resting": lambda second: True,
    "woken": lambda second: second < 1.3,
    "restless": lambda second: second % 0.7 < 0.4,
}


@every_container
@every_encoding
@pytest.mark.parametrize("eye", EYES)
def test_every_picture_is_that_of_its_instant(tmp_path: Path, suffix: str, encoding: str, eye: str) -> None:
    path = film(tmp_path / f"a.{suffix}", encoding)
    seen = watched(path, EYES[eye])
    everything = whole(path, {"skip_loop_filter": "nokey"})
    assert all(shown(frame.image) == everything[round(1000 * (frame.at - START))] for frame in seen)
    assert min(steps(seen)) > 0
    assert max(steps(seen)) < 0.25


@every_encoding
@pytest.mark.parametrize("wanted", [4.0, 10.0, 25.0])
def test_for_people_pictures_are_exact_and_even(tmp_path: Path, encoding: str, wanted: float) -> None:
    path = film(tmp_path / "a.mp4", encoding)
    seen, everything = list(frames(path, START, wanted, 640)), whole(path, {})
    assert all(shown(frame.image) == everything[round(1000 * (frame.at - START))] for frame in seen)
    assert all(abs(frame.at - START - number / wanted) <= 0.0201 for number, frame in enumerate(seen))


@every_encoding
@pytest.mark.parametrize("fps", [12, 15, 20, 25, 30])
def test_a_resting_eye_sees_five_pictures_a_second(tmp_path: Path, encoding: str, fps: int) -> None:
    seen = watched(film(tmp_path / "a.mp4", encoding, fps, 4 * fps), EYES["resting"])
    assert max(steps(seen)) <= 0.2 + 0.001
    assert 5 * 4 <= len(seen) <= 9 * 4


@every_encoding
def test_a_woken_eye_sees_ten_at_once(tmp_path: Path, encoding: str) -> None:
    path = film(tmp_path / "a.mp4", encoding)
    seen = watched(path, EYES["woken"])
    woken = next(frame.at for frame in seen if frame.at >= START + 1.3)
    after = [frame for frame in seen if frame.at >= woken]
    assert len(after) == pytest.approx(10 * (START + 4.0 - woken), abs=2)
    assert max(steps(after)) <= 0.17


def test_no_more_than_asked_for_while_the_machine_is_short(tmp_path: Path) -> None:
    assert len(watched(film(tmp_path / "a.mp4", "baseline"), EYES["resting"], fps=3.0)) in (12, 13)


def test_unsmoothed_pictures_stay_near_the_exact_ones(tmp_path: Path) -> None:
    """Key frames are exact, so what is not smoothed never adds up for longer than from one to the next."""
    path = film(tmp_path / "a.mp4", "B frames")
    exact = {round(1000 * (one.at - START)): one.image.astype(int) for one in frames(path, START, 25, 640)}
    apart = {}
    for frame in watched(path, EYES["awake"], fps=25.0):
        at = round(1000 * (frame.at - START))
        apart[at] = float(abs(exact[at] - frame.image).mean())
    assert apart[0] == apart[1000] == 0.0
    assert len(apart) == 100
    assert 0.0 < max(apart.values()) < 6.0


@every_container
@pytest.mark.parametrize(("encoding", "least", "most"), [("baseline", 0, 0), ("B frames", 55, 75)])
def test_pictures_that_no_other_is_made_from(tmp_path: Path, suffix: str, encoding: str, least: int, most: int) -> None:
    with av.open(str(film(tmp_path / f"a.{suffix}", encoding))) as container:
        slices = Slices(container.streams.video[0])
        assert least <= sum(slices.disposable(one) for one in container.demux(video=0)) <= most


@every_container
@pytest.mark.parametrize(("encoding", "afresh"), [("B frames of B frames", 4), ("open groups", 1)])
def test_where_all_begins_afresh(tmp_path: Path, suffix: str, encoding: str, afresh: int) -> None:
    with av.open(str(film(tmp_path / f"a.{suffix}", encoding))) as container:
        slices = Slices(container.streams.video[0])
        assert sum(slices.afresh(packet) for packet in container.demux(video=0)) == afresh
