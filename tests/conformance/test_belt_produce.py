"""Real footage: four things cross a real belt, loop after loop, whatever looks at them and however it is cut."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache

import av
import numpy as np
import pytest

from tests.media import MEDIA, needs_media
from tests.unit.vision.lane import rectangle
from vision.domain.types import Detection, Frame, ZoneShape
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

pytestmark = needs_media
FPS, LENGTH = 15.0, 101
CROSSINGS = (17, 33, 72, 92)
"""Frames at which apple, broccoli, cauliflower and orange cross the middle; a scanner zone is left a little later."""
LATEST = 8
GOPS = (0, 25, 49, 53, 78)
START = 1_790_000_000.0

WIDE = (
    rectangle("belt", 0.6, 0.05, 0.95, 0.95),
    rectangle("scanner", 0.4, 0.05, 0.6, 0.95),
    rectangle("bagging", 0.05, 0.05, 0.4, 0.95),
)
NARROW = (
    rectangle("belt", 0.55, 0.05, 0.95, 0.95),
    rectangle("scanner", 0.45, 0.05, 0.55, 0.95),
    rectangle("bagging", 0.05, 0.05, 0.45, 0.95),
)
LOW = (
    rectangle("belt", 0.6, 0.3, 1.0, 0.95),
    rectangle("scanner", 0.42, 0.3, 0.58, 0.95),
    rectangle("bagging", 0.0, 0.3, 0.42, 0.95),
)
NO_BELT, NO_BAGS, ALONE = WIDE[1:], WIDE[:2], WIDE[1:2]


class Remembering:
    """The same picture gets the same answer without asking again: the loops repeat the same 101 pictures."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._answers: dict[tuple[tuple[int, ...], int], list[Detection]] = {}
        self.generic_item, self.classes, self.labels = detector.generic_item, detector.classes, detector.labels
        self.belief = detector.belief

    def detect(self, images: list[np.ndarray]) -> list[list[Detection]]:
        return [self._answer(image) for image in images]

    def _answer(self, image: np.ndarray) -> list[Detection]:
        key = (image.shape, zlib.crc32(np.ascontiguousarray(image)))
        if key not in self._answers:
            self._answers[key] = self._detector.detect([image])[0]
        return self._answers[key]


@cache
def pictures() -> list[np.ndarray]:
    with av.open(str(MEDIA / "video" / "belt_produce.mp4")) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


@cache
def detector(name: str) -> Remembering:
    spec = name if name == "motion" else str(MEDIA / "weights" / f"{name}_int8_openvino_model")
    return Remembering(detector_open(spec))


def stream(fps: float, loops: int, gap_s: float, first: int) -> Iterator[tuple[int, Frame]]:
    """(number in the clip, frame): `loops` loops from frame `first` on, sampled by time."""
    at, due = START, START
    for loop in range(loops):
        for number in range(first if loop == 0 else 0, LENGTH):
            if at >= due - 0.5 / FPS:
                yield number, Frame(at, pictures()[number])
                due = max(due + 1 / fps, at)
            at += 1 / FPS
        at += gap_s


def segments(frames: Iterator[tuple[int, Frame]], cut: str) -> Iterator[list[Frame]]:
    segment: list[Frame] = []
    last = -1
    for number, frame in frames:
        gop = sum(number >= start for start in GOPS)
        new = gop != last if cut == "gop" else bool(segment) and frame.at - segment[0].at >= 2.0
        if new and segment:
            yield segment
            segment = []
        segment.append(frame)
        last = gop
    yield segment


def passes(
    name: str, zones: tuple[ZoneShape, ...], fps: float, cut: str, loops: int = 5, gap_s: float = 0.0, first: int = 0
) -> list[float]:
    """Instants of the item passes in seconds since the first loop's frame 0. Nothing but passes may happen."""
    data, events = None, []
    for segment in segments(stream(fps, loops, gap_s, first), cut):
        state = LaneVision.from_bytes(data) if data else None
        state, found, _ = analyse(segment, detector(name), zones, PipelineConfig(), state)
        data = state.to_bytes()
        events += found
    return sorted(event.at - START + first / FPS for event in events if event.type == "item_pass")


def expected(loops: int, gap_s: float, first: int) -> list[float]:
    length = LENGTH / FPS + gap_s
    return [loop * length + frame / FPS for loop in range(loops) for frame in CROSSINGS if loop or frame > first + 5]


def check(got: list[float], loops: int = 5, gap_s: float = 0.0, first: int = 0) -> None:
    wanted = expected(loops, gap_s, first)
    assert len(got) == len(wanted), f"{len(got)} passes instead of {len(wanted)}"
    late = [round((a - b) * FPS, 1) for a, b in zip(got, wanted, strict=True)]
    assert all(-3 <= frames <= LATEST for frames in late), late


@pytest.mark.parametrize(
    ("fps", "cut", "gap_s", "loops"),
    [(10.0, "2 s", 0.0, 5), (15.0, "gop", 0.0, 5), (10.0, "gop", 0.8, 3), (15.0, "2 s", 2.0, 3), (12.5, "2 s", 0.0, 3)],
)
def test_motion_alone(fps: float, cut: str, gap_s: float, loops: int) -> None:
    check(passes("motion", WIDE, fps, cut, loops, gap_s), loops, gap_s)


@pytest.mark.parametrize("zones", [NARROW, LOW, NO_BELT, ALONE], ids=["narrow", "low", "no belt", "scanner alone"])
def test_other_peoples_zones(zones: tuple[ZoneShape, ...]) -> None:
    check(passes("motion", zones, 10.0, "2 s", loops=2), loops=2)


@pytest.mark.parametrize("first", [45, 60, 84])
def test_a_camera_that_joins_in_the_middle(first: int) -> None:
    """Things lie on the belt in the very first picture, and must leave no ghost behind."""
    check(passes("motion", WIDE, 10.0, "2 s", loops=3, first=first), loops=3, first=first)


@pytest.mark.parametrize("name", ["yolov8n", "yolo11n"])
def test_a_model_without_a_class_for_the_cauliflower(name: str) -> None:
    """It calls the cauliflower a cat, a bird, or nothing; what moves and is not explained counts as a thing."""
    check(passes(name, WIDE, 10.0, "2 s"))
    check(passes(name, WIDE, 15.0, "gop", loops=2), loops=2)
    check(passes(name, NARROW, 10.0, "gop", loops=2), loops=2)
