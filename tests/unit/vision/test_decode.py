"""Frames sampled by time, and what becomes of files that are broken."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from vision.pipeline import decode
from vision.pipeline.decode import NotVideo, Truncated, VideoUnreadable, frames

START = 1_790_000_000.0


def film(path: Path, fps: int = 15, count: int = 45, size: tuple[int, int] = (320, 180), between: int = 0) -> Path:
    """Picture k has grey level 20 + 4k, so that a frame tells its number; every 15th is a key frame.
    `between`: pictures in a row that no other is made from, at most."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"g": "15", "bf": str(between), "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = Fraction(1, 1000)
        for number in range(count):
            picture = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 20 + 4 * number, np.uint8), "bgr24")
            picture.pts, picture.time_base = round(number * 1000 / fps), Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("suffix", ["mp4", "ts", "mkv"])
@pytest.mark.parametrize(
    ("fps", "wanted", "expected"), [(15, 10, 30), (15, 15, 45), (15, 60, 45), (15, 5, 15), (25, 10, 18)]
)
def test_sampled_by_time(tmp_path: Path, suffix: str, fps: int, wanted: float, expected: int) -> None:
    got = list(frames(film(tmp_path / f"a.{suffix}", fps), START, wanted, 640))
    assert abs(len(got) - expected) <= 1
    assert got[0].at == pytest.approx(START, abs=0.002)
    steps = [b.at - a.at for a, b in pairwise(got)]
    assert min(steps) > 0
    assert max(steps) < 1 / min(wanted, fps) + 1 / fps


def test_every_frame_is_the_picture_of_its_instant(tmp_path: Path) -> None:
    first, *others = frames(film(tmp_path / "a.mp4"), START, 10, 640)
    for frame in others:
        assert frame.image.shape == (180, 320, 3)
        brighter = frame.image.mean() - first.image.mean()
        assert brighter == pytest.approx(4 * round((frame.at - START) * 15), abs=1.9)


def test_of_other_codecs_nothing_is_left_out(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(20):
            picture = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 10 * number, np.uint8), "bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    assert len(list(frames(tmp_path / "a.mkv", START, 10, 640))) == 20


@pytest.mark.parametrize("size", [(1280, 720), (960, 540), (704, 576), (1920, 1080)])
def test_smaller_pictures_have_the_same_colours(tmp_path: Path, size: tuple[int, int]) -> None:
    """As the library would scale them, but for a grey level or two."""
    rng = np.random.default_rng(1)
    tiles = np.kron(rng.integers(30, 220, (17, 16, 3), dtype=np.uint8), np.ones((64, 120, 1), np.uint8))
    tiles = np.ascontiguousarray(tiles[: size[1], : size[0]])
    picture = av.VideoFrame.from_ndarray(tiles, "bgr24").reformat(format="yuv420p")
    ours = decode._pixels(picture, 640).astype(int)
    height, width = ours.shape[:2]
    assert (width, height) == (640, round(640 * size[1] / size[0] / 2) * 2) or max(width, height) == 640
    theirs = picture.reformat(width, height, "bgr24", interpolation="AREA").to_ndarray().astype(int)
    assert abs(ours.mean(axis=(0, 1)) - theirs.mean(axis=(0, 1))).max() < 2.5
    assert np.median(abs(ours - theirs)) <= 2


def test_made_smaller(tmp_path: Path) -> None:
    (first, *_) = frames(film(tmp_path / "a.mp4"), START, 10, 160)
    assert first.image.shape == (90, 160, 3)


def test_a_truncated_tail_costs_the_tail_only(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.ts")
    data = whole.read_bytes()
    (tmp_path / "cut.ts").write_bytes(data[: len(data) * 2 // 3])
    got = list(frames(tmp_path / "cut.ts", START, 15, 640))
    assert 10 < len(got) < 45


def test_garbage_in_the_middle_costs_itself(tmp_path: Path) -> None:
    data = bytearray(film(tmp_path / "a.ts").read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 4] = bytes(188 * 4)
    (tmp_path / "b.ts").write_bytes(data)
    got = list(frames(tmp_path / "b.ts", START, 15, 640))
    assert len(got) > 15
    assert got[-1].at > START + 2


BROKEN = [
    (b"", VideoUnreadable),
    (b"<html>camera login</html>" * 50, NotVideo),
    (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", Truncated),
]


@pytest.mark.parametrize(("data", "expected"), BROKEN, ids=["empty", "a web page", "an mp4 without its index"])
def test_what_is_no_video_has_a_name(data: bytes, expected: type[Exception], tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(expected):
        list(frames(path, START, 10, 640))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotVideo):
        list(frames(tmp_path / "nowhere.mp4", START, 10, 640))


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        for number in range(5):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            sound.sample_rate, sound.pts = 8000, number * 1024
            container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(NotVideo):
        list(frames(path, START, 10, 640))
