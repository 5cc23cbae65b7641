"""Cutting packets into stretches."""

import itertools

import pytest

from vision.capture.cutting import PATIENCE_S, Cutter, Stretch, Timed
from vision.capture.faults import SourceFault, Trouble
from vision.capture.writing import decoding_times


def packets(seconds: float, *, fps: float = 25, key_every: float = 1.0, start: float = 0.0) -> list[Timed]:
    per_gop = max(1, round(fps * key_every))
    return [
        Timed(start + n / fps, n % per_gop == 0, 100, arrived_at=1000 + start + n / fps)
        for n in range(round(seconds * fps))
    ]


def cut(stream: list[Timed]) -> list[Stretch]:
    cutter, found = Cutter(), list[Stretch]()
    for packet in stream:
        if cutter.breaks(packet):
            found += cutter.flush()
        found += cutter.push(packet)
    return found + list(cutter.flush())


@pytest.mark.parametrize(
    ("fps", "key_every", "expected", "why"),
    [
        (25, 1.0, [2.0, 2.0, 2.0], "a key frame a second: every other one"),
        (25, 2.0, [2.0, 2.0, 2.0], "every key frame"),
        (25, 0.04, [1.52, 1.52, 1.52, 1.44], "every picture is one, as in motion JPEG"),
        (15, 1.6, [1.6, 1.6, 1.6, 1.2], "the nearest one to two seconds"),
        (12, 4.0, [4.0, 2.0], "rare key frames give long segments"),
        (25, 60, [6.0], "a single one"),
    ],
)
def test_segments_end_at_the_key_frame_nearest_to_two_seconds(
    fps: float, key_every: float, expected: list[float], why: str
) -> None:
    stretches = cut(packets(6.0, fps=fps, key_every=key_every))
    assert [round(s.duration_s, 2) for s in stretches] == pytest.approx(expected, abs=0.02), why
    assert all(s.packets[0].key for s in stretches)
    assert sum(len(s.packets) for s in stretches) == 6 * fps


def test_nothing_is_kept_before_the_first_key_frame() -> None:
    stream = packets(4.0)[7:]
    assert cut(stream)[0].start_t == 1.0


@pytest.mark.parametrize(
    ("then", "breaks", "why"),
    [
        (3.04, False, "the next picture"),
        (2.92, False, "decoding order goes back a little"),
        (0.0, True, "a loop or a wrap"),
        (4.5, False, "a camera that stutters"),
        (6.0, True, "pictures that never came"),
        (90000.0, True, "a restarted encoder"),
    ],
)
def test_what_breaks_a_stream(then: float, breaks: bool, why: str) -> None:
    cutter = Cutter()
    for packet in packets(3.04):
        list(cutter.push(packet))
    assert cutter.breaks(Timed(then, True, 100, arrived_at=1003.04)) is breaks, why


def test_one_picture_every_five_seconds_is_no_broken_stream() -> None:
    stream = [Timed(5.0 * n, True, 100, arrived_at=1000 + 5.0 * n) for n in range(2)]
    cutter = Cutter()
    cutter.interval_s = 5.0
    list(cutter.push(stream[0]))
    assert not cutter.breaks(stream[1])


def test_an_open_gops_leading_pictures_are_left_out() -> None:
    """They lean on pictures of the segment before."""
    stream = packets(4.0)
    stream.insert(51, Timed(1.99, False, 100, arrived_at=1002.0))
    first, second = cut(stream)
    assert (first.end_t, second.start_t) == (2.0, 2.0)
    assert min(p.t for p in second.packets) == 2.0


@pytest.mark.parametrize("keys", [0, 1], ids=["never one", "only one"])
def test_a_camera_without_key_frames_is_named(keys: int) -> None:
    stream = [Timed(n / 5, n < keys, 100, arrived_at=1000 + n / 5) for n in range(round(PATIENCE_S * 5) + 10)]
    with pytest.raises(SourceFault, match="key frame") as fault:
        cut(stream)
    assert fault.value.trouble is Trouble.NO_VIDEO


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ([0.0, 0.04, 0.08, 0.12], "in order"),
        ([0.0, 0.12, 0.04, 0.08, 0.24, 0.16, 0.2], "with pictures between others"),
        ([0.0, 0.16, 0.08, 0.04, 0.12], "a pyramid of them"),
    ],
)
def test_decoding_times_ascend_and_come_no_later_than_the_picture(shown: list[float], why: str) -> None:
    stretch = Stretch([Timed(t, n == 0, 1, 0.0) for n, t in enumerate(shown)], 1.0, 0.04)
    times = decoding_times(stretch)
    assert all(later > earlier for earlier, later in itertools.pairwise(times)), why
    assert all(at <= t + 1e-9 for at, t in zip(times, shown, strict=True)), why
