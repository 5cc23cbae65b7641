"""Pictures drawn by code through the whole pipeline with the motion detector."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.vision.lane import BELT, LANE, kinds
from vision.domain.types import Box, Detection, Frame, Label, VisualEventDraft, ZoneShape
from vision.pipeline.detector import MotionDetector
from vision.pipeline.run import LaneVision, PipelineConfig, StateUnreadable, analyse

START = 1_790_000_000.0


def picture(t: float, height: int = 180) -> np.ndarray:
    """A red box lies on the belt, crosses the scanner between 2 and 4 s, and is gone at 7 s."""
    width = height * 16 // 9
    rng = np.random.default_rng(int(t * 1000))
    image = np.full((height, width, 3), 60, np.float32) + rng.normal(0, 2, (height, width, 3))
    x = 0.1 + 0.6 * min(max(t - 1.5, 0) / 2.5, 1)
    if 0.5 <= t < 7:
        y1, x1 = int(0.42 * height), int((x - 0.05) * width)
        image[y1 : y1 + int(0.16 * height), x1 : x1 + int(0.1 * width)] = (40, 50, 200)
    return image.clip(0, 255).astype(np.uint8)


def film(fps: float = 10.0, seconds: float = 9.0) -> list[Frame]:
    return [Frame(START + n / fps, picture(n / fps)) for n in range(int(seconds * fps))]


FILM = film()


def events_of(parts: list[list[Frame]], zones: tuple[ZoneShape, ...] = LANE) -> list[VisualEventDraft]:
    """Each part from the bytes that the one before left."""
    data, events = None, list[VisualEventDraft]()
    for part in parts:
        state = LaneVision.from_bytes(data) if data else None
        state, found, _ = analyse(part, MotionDetector(), zones, PipelineConfig(), state)
        data = state.to_bytes()
        events += found
    return events


def test_one_crossing() -> None:
    events = events_of([FILM])
    assert kinds(events) == ["item_pass"]
    assert events[0].at == pytest.approx(START + 1.5 + 2.5 * 0.5 / 0.6, abs=0.12)


@pytest.mark.parametrize("at", range(1, 90, 4))
def test_split_anywhere_gives_the_same(at: int) -> None:
    assert events_of([FILM[:at], FILM[at:]]) == events_of([FILM])


def test_many_small_segments_and_an_empty_one() -> None:
    parts = [FILM[a:b] for a, b in pairwise([0, 7, 7, 20, 33, 34, 60, 90])]
    assert events_of(parts) == events_of([FILM])


def test_frames_seen_before_change_nothing() -> None:
    assert events_of([FILM[:50], FILM[30:]]) == events_of([FILM])


@pytest.mark.parametrize("fps", [6.0, 12.5, 15.0, 25.0])
def test_any_frame_rate(fps: float) -> None:
    assert kinds(events_of([film(fps)])) == ["item_pass"]


def test_frame_rate_changes_on_the_way() -> None:
    fast = [frame for frame in film(20.0) if frame.at >= START + 3.0]
    assert kinds(events_of([[f for f in FILM if f.at < START + 3.0], fast])) == ["item_pass"]


def test_a_hole_in_the_video_invents_nothing() -> None:
    """The crossing itself was not seen: an item on the belt, and later one among the bags, are not a bypass."""
    before = [frame for frame in FILM if frame.at < START + 1.4]
    after = [Frame(frame.at + 60, frame.image) for frame in FILM if frame.at > START + 4.5]
    assert events_of([before, after]) == []


def test_a_short_hole_is_bridged() -> None:
    events = events_of([[f for f in FILM if not START + 2.4 < f.at < START + 2.9]])
    assert kinds(events) == ["item_pass"]


def test_an_idle_lane_is_gated() -> None:
    idle = [Frame(START + n / 10, picture(60 + n / 10)) for n in range(100)]
    _, events, report = analyse(idle, MotionDetector(), LANE, PipelineConfig(), None)
    assert events == []
    assert report.decoded == report.analysed + report.gated == 100
    assert report.gated > 80
    assert report.mean_luma == pytest.approx(60, abs=2)


def test_other_zones_start_anew() -> None:
    state, _, _ = analyse(FILM[:30], MotionDetector(), LANE, PipelineConfig(), None)
    again, events, _ = analyse(FILM[30:], MotionDetector(), (BELT,), PipelineConfig(), state)
    assert events == []
    assert again.layout != state.layout


def test_no_frames_change_nothing() -> None:
    state, _, _ = analyse(FILM[:30], MotionDetector(), LANE, PipelineConfig(), None)
    after, events, report = analyse([], MotionDetector(), LANE, PipelineConfig(), state)
    assert (after, events, report.decoded, report.mean_luma) == (state, [], 0, None)


@pytest.mark.parametrize("data", [b"", b"not a state", LaneVision(version=99).to_bytes()])
def test_unreadable_state(data: bytes) -> None:
    with pytest.raises(StateUnreadable):
        LaneVision.from_bytes(data)


class Counting:
    """A detector that knows goods, and counts how often it is asked."""

    generic_item = True
    classes: Mapping[int, str] = {}
    labels: Mapping[int, Label] = {}
    belief = None

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, images: list[np.ndarray]) -> list[list[Detection]]:
        self.calls += 1
        return [[Detection(Box(0.4, 0.4, 0.5, 0.6), Label.PERSON, 0.9)] for _ in images]


def test_one_detector_call_per_analysed_frame() -> None:
    detector = Counting()
    _, _, report = analyse(FILM, detector, LANE, PipelineConfig(), None)
    assert detector.calls == report.analysed < report.decoded


def test_a_person_comes_and_goes() -> None:
    zone = ZoneShape("customer", ((0.3, 0.3), (0.6, 0.3), (0.6, 0.7), (0.3, 0.7)))

    class Visited(Counting):
        def detect(self, images: list[np.ndarray]) -> list[list[Detection]]:
            self.calls += 1
            return super().detect(images) if 10 < self.calls < 40 else [[] for _ in images]

    moving = [Frame(START + n / 10, np.full((90, 160, 3), 40 * (n % 2), np.uint8)) for n in range(90)]
    _, events, _ = analyse(moving, Visited(), (*LANE, zone), PipelineConfig(), None)
    assert [event.type.value for event in events] == ["person_enter", "person_leave"]
