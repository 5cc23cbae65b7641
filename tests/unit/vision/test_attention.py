"""The eye rests while nothing moves, says so to the decoder, and misses nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.unit.vision.lane import LANE, kinds
from tests.unit.vision.test_pipeline import START, picture
from vision.domain.types import Box, Detection, Frame, Label, VisualEventDraft
from vision.pipeline.decode import frames
from vision.pipeline.detector import MotionDetector
from vision.pipeline.gate import Attention
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

IDLE_S, END_S, SEGMENT_S, FPS = 4.0, 12.0, 2.0, 25
"""An item comes at IDLE_S + 0.5, crosses until + 4 and is gone at + 7."""


def lane_at(second: float) -> np.ndarray:
    return picture(second - IDLE_S if second >= IDLE_S else 60 + second)


@pytest.fixture(scope="module", params=["0", "3"], ids=["no B frames", "B frames"])
def segments(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, Path]]:
    """The same lane as files of two seconds each, as a recorder writes them."""
    folder = tmp_path_factory.mktemp("lane")
    found = []
    for start in np.arange(0, END_S, SEGMENT_S).tolist():
        path = folder / f"{start}.mp4"
        with av.open(str(path), "w") as container:
            options = {"bf": request.param, "g": "50", "crf": "26", "preset": "veryfast"}
            stream = container.add_stream("libx264", rate=FPS, options=options)
            stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
            for number in range(int(SEGMENT_S * FPS)):
                image = av.VideoFrame.from_ndarray(lane_at(start + number / FPS), "bgr24")
                container.mux(stream.encode(image))
            container.mux(stream.encode())
        found.append((START + start, path))
    return found


def looked_at(segments: list[tuple[float, Path]]) -> tuple[list[VisualEventDraft], list[float]]:
    """Events, and the instants of the pictures. Each segment from the bytes that the one before left."""
    data, events, instants = None, list[VisualEventDraft](), list[float]()

    def noted(pictures: Iterator[Frame]) -> Iterator[Frame]:
        for frame in pictures:
            instants.append(frame.at - START)
            yield frame

    for started_at, path in segments:
        attention = Attention()
        state = LaneVision.from_bytes(data) if data else None
        pictures = noted(frames(path, started_at, 10.0, 640, attention))
        state, found, _ = analyse(pictures, MotionDetector(), LANE, PipelineConfig(), state, attention)
        data, events = state.to_bytes(), events + found
    return events, instants


def test_a_crossing_after_a_rest(segments: list[tuple[float, Path]]) -> None:
    events, instants = looked_at(segments)
    assert kinds(events) == ["item_pass"]
    assert events[0].at == pytest.approx(START + IDLE_S + 1.5 + 2.5 * 0.5 / 0.6, abs=0.15)
    resting = [at for at in instants if 2.0 <= at < IDLE_S]
    awake = [at for at in instants if IDLE_S + 1.0 <= at < IDLE_S + 4.0]
    assert 11 <= len(resting) <= 16
    assert 28 <= len(awake) <= 33
    assert max(later - earlier for earlier, later in pairwise(instants)) < 0.25


def test_the_same_video_from_the_same_state_gives_the_same(segments: list[tuple[float, Path]]) -> None:
    assert looked_at(segments) == looked_at(segments)


def test_rest_begins_after_a_while_and_ends_at_once() -> None:
    attention, told = Attention(rests=True), dict[float, bool]()

    def shown() -> Iterator[Frame]:
        for number in range(int(10 * END_S)):
            told[number / 10] = attention.rests
            yield Frame(START + number / 10, lane_at(number / 10))

    analyse(shown(), MotionDetector(), LANE, PipelineConfig(), None, attention)
    assert not any(rests for at, rests in told.items() if at <= 1.5)
    assert all(rests for at, rests in told.items() if 1.7 < at <= IDLE_S + 0.5)
    assert not any(rests for at, rests in told.items() if IDLE_S + 0.6 < at <= IDLE_S + 4.0)


class Blinking:
    """Sees an item for a second and never again."""

    generic_item = True
    classes = labels = {}
    belief = None

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, images: list[np.ndarray]) -> list[list[Detection]]:
        self.calls += 1
        return [[Detection(Box(0.45, 0.4, 0.55, 0.6), Label.ITEM, 0.9)] if self.calls <= 10 else [] for _ in images]


def test_what_is_out_of_sight_is_looked_for_three_times_a_second_and_not_for_ever() -> None:
    detector, state, calls = Blinking(), LaneVision(), list[int]()
    for second in range(8):
        still = [Frame(START + second + n / 10, picture(60 + second + n / 10)) for n in range(10)]
        state, _, _ = analyse(still, detector, LANE, PipelineConfig(), state)
        calls.append(detector.calls)
    each = [later - earlier for earlier, later in pairwise(calls)]
    assert all(2 <= count <= 4 for count in each[1:4])
    assert state.tracker.tracks == ()
    assert sum(each[5:]) <= 2
