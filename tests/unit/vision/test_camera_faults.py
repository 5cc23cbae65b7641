"""A camera's faults from its pictures: each told within seconds and over by itself, none of a camera that is well."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from vision.domain.camera_faults import Fault, FaultConfig, FaultState, Usual, fault_sentence, segment_step
from vision.pipeline.picture import PictureState, drift_of, picture_look, shift_of

Change = Callable[[np.ndarray, float], np.ndarray]
CONFIG = FaultConfig()
NOON = 1_795_000_000.0
HEIGHT, WIDTH = 180, 320
STEP_S = 0.5
TOLD_WITHIN_S, CLEARED_WITHIN_S = 6.0, 5.0


@cache
def room(seed: int = 3) -> np.ndarray:
    """A counter with things on and around it."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    for _ in range(60):
        x, y = int(rng.integers(0, WIDTH - 30)), int(rng.integers(0, HEIGHT - 20))
        w, h = int(rng.integers(8, 45)), int(rng.integers(5, 30))
        cv2.rectangle(picture, (x, y), (x + w, y + h), rng.integers(30, 225, 3).tolist(), -1)
    cv2.rectangle(picture, (20, 65), (300, 115), (60, 60, 60), -1)
    return picture


def shop(at: float, seed: int = 3) -> np.ndarray:
    """The room at `at` s: an item crosses every five seconds, the sensor is noisy, the light breathes."""
    picture = room(seed).copy()
    x = int((at % 5.0) / 5.0 * WIDTH)
    cv2.rectangle(picture, (x, 75), (x + 25, 105), (40, 160, 220), -1)
    light = 6.0 * float(np.sin(at / 40.0))
    return np.clip(picture + noise(int(at / STEP_S) % 17) + light, 0, 255).astype(np.uint8)


@cache
def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 4.0, (HEIGHT, WIDTH, 3)).astype(np.float32)


class Told(list[tuple[str, bool, float]]):
    """(fault, begins, seconds) in order."""


def watched(
    seconds: float, change: Change | None = None, *, since: float = 30.0, until: float = 50.0, seed: int = 3
) -> tuple[Told, PictureState]:
    state, told = PictureState(), Told()
    for number in range(int(seconds / STEP_S)):
        at = number * STEP_S
        picture = shop(at, seed)
        if change is not None and since <= at < until:
            picture = change(picture, at)
        state, changes = picture_look(state, picture, NOON + at, CONFIG)
        told += [(one.fault.value, one.begins, round(one.at - NOON, 1)) for one in changes]
    return told, state


def moved(right: float, down: float) -> Change:
    by = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return lambda picture, at: cv2.warpAffine(picture, by, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def turned(picture: np.ndarray, at: float) -> np.ndarray:
    by = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 15, 1)
    return cv2.warpAffine(picture, by, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def blinded(picture: np.ndarray, at: float) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    lamp = 240 * np.exp(-(((x - 160) / 100.0) ** 2) - ((y - 90) / 60.0) ** 2)
    return np.clip(picture + lamp[:, :, None], 0, 255).astype(np.uint8)


def half_covered(picture: np.ndarray, at: float) -> np.ndarray:
    picture[:, WIDTH // 2 :] = 45
    return picture


FAULTS: list[tuple[str, Change]] = [
    ("black", lambda picture, at: (picture * 0.03).astype(np.uint8)),
    ("frozen", lambda picture, at: shop(30.0)),
    ("blurred", lambda picture, at: cv2.GaussianBlur(picture, (0, 0), 3)),
    ("covered", lambda picture, at: np.full_like(picture, 70)),
    ("covered", half_covered),
    ("glare", blinded),
    ("moved", moved(30, 10)),
    ("moved", moved(0, -15)),
    ("moved", turned),
]


@pytest.mark.parametrize(("fault", "change"), FAULTS)
def test_a_fault_is_told_within_seconds_and_clears_by_itself(fault: str, change: Change) -> None:
    told, _ = watched(70.0, change)
    assert [(name, begins) for name, begins, _ in told] == [(fault, True), (fault, False)]
    assert told[0][2] - 30.0 <= TOLD_WITHIN_S
    assert told[1][2] - 50.0 <= CLEARED_WITHIN_S


@pytest.mark.parametrize("seed", range(3, 7))
def test_a_camera_that_is_well_is_left_alone(seed: int) -> None:
    told, state = watched(240.0, seed=seed)
    assert told == []
    assert len(state.to_bytes()) < 16_000


def test_what_passes_soon_is_no_fault() -> None:
    told, _ = watched(60.0, half_covered, since=30.0, until=32.0)
    assert told == []


@pytest.mark.parametrize("factor", [0.6, 1.1])
def test_another_light_is_no_fault(factor: float) -> None:
    told, _ = watched(90.0, lambda picture, at: np.clip(picture * factor, 0, 255).astype(np.uint8), until=90.0)
    assert told == []


def test_a_dead_lens_is_told_before_anything_is_usual() -> None:
    told, _ = watched(10.0, lambda picture, at: np.zeros_like(picture), since=0.0, until=10.0)
    assert [(name, begins) for name, begins, _ in told] == [("black", True)]


def test_where_noise_is_not_seen_a_still_picture_is_not_called_frozen() -> None:
    still = room()
    told, _ = watched(60.0, lambda picture, at: still, since=0.0, until=60.0)
    assert told == []


def test_the_same_pictures_in_pieces_are_told_alike() -> None:
    """What is remembered is written down after each segment."""
    whole, _ = watched(60.0, turned)
    state, told = PictureState(), Told()
    for number in range(120):
        at = number * STEP_S
        picture = turned(shop(at), at) if 30.0 <= at < 50.0 else shop(at)
        state, changes = picture_look(PictureState.from_bytes(state.to_bytes()), picture, NOON + at, CONFIG)
        told += [(one.fault.value, one.begins, round(one.at - NOON, 1)) for one in changes]
    assert told == whole


def test_a_state_that_cannot_be_read_begins_anew() -> None:
    for data in (None, b"", b"no state", PictureState(version=99).to_bytes()):
        assert PictureState.from_bytes(data) == PictureState()


def test_the_shift_of_a_view_is_measured() -> None:
    from vision.pipeline.picture import edges_of

    before, after = edges_of(room()), edges_of(moved(16, 0)(room(), 0.0))
    (x, y), sure = shift_of(before, after)
    assert x == pytest.approx(0.05, abs=0.01)
    assert y == pytest.approx(0.0, abs=0.01)
    assert sure > CONFIG.shift_sure
    edges = edges_of(room()).astype(np.float16)
    sagged = PictureState(first_view=edges, view=edges_of(moved(0, 8)(room(), 0.0)).astype(np.float16))
    assert drift_of(sagged) == pytest.approx(0.025, abs=0.008)
    assert drift_of(PictureState()) == 0.0


def rated(rates: list[tuple[float, float | None]]) -> list[tuple[str, bool]]:
    state, told = FaultState(), []
    for number, (fps, delay_s) in enumerate(rates):
        state, changes = segment_step(state, 2.0 * number, 2.0, fps, delay_s, CONFIG)
        told += [(one.fault.value, one.begins) for one in changes]
    return told


@pytest.mark.parametrize(
    ("rates", "expected", "why"),
    [
        ([(25.0, 0.2)] * 20, [], "well"),
        ([(25.0, None)] * 10 + [(6.0, None)] * 6, [("slow", True)], "a quarter of the pictures"),
        ([(25.0, None)] * 10 + [(6.0, None)] * 6 + [(25.0, None)] * 3, [("slow", True), ("slow", False)], "back"),
        ([(25.0, None)] * 10 + [(6.0, None)] + [(25.0, None)] * 5, [], "one short segment"),
        ([(10.0, None)] * 3 + [(5.0, None)] * 4, [], "nothing is usual yet"),
        (
            [(25.0, 0.2)] * 10 + [(25.0, -59.8)] * 40,
            [("clock_jump", True), ("clock_jump", False)],
            "set by a minute: the new time is soon the usual one",
        ),
        ([(25.0, None)] * 30, [], "no clock of its own"),
    ],
)
def test_rate_and_clock(rates: list[tuple[float, float | None]], expected: list[tuple[str, bool]], why: str) -> None:
    assert rated(rates) == expected, why


def test_every_fault_says_what_to_do() -> None:
    for fault in Fault:
        sentence = fault_sentence(fault, {"shift_x": 0.08, "shift_y": 0.0, "shift_sure": 0.6})
        assert ":" in sentence
        assert sentence.endswith(".")
    assert "8 %" in fault_sentence(Fault.MOVED, {"shift_x": 0.08, "shift_y": 0.01, "shift_sure": 0.6})
    assert "turned" in fault_sentence(Fault.MOVED, {"shift_sure": 0.0})


def test_what_is_usual_is_not_learnt_from_a_fault() -> None:
    _, before = watched(30.0)
    _, after = watched(49.0, lambda picture, at: cv2.GaussianBlur(picture, (0, 0), 3))
    sharp = [state.faults.usual.sharpness for state in (before, after)]
    assert sharp[1] > 0.8 * sharp[0]
    assert before.faults.usual != Usual()
