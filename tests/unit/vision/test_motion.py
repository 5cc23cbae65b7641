"""What moves and is explained by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from vision.domain.types import Box, Detection, Label
from vision.pipeline.motion import Background, MotionConfig, background_step, proposals

FLOW = (1.0, 0.0)
SIZE = (180, 320)


def image(*boxes: Box, level: float = 70, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture = np.full((*SIZE, 3), level, np.float32) + rng.normal(0, 2, (*SIZE, 3))
    for box in boxes:
        rows, columns = slice(int(box.y1 * 180), int(box.y2 * 180)), slice(int(box.x1 * 320), int(box.x2 * 320))
        picture[rows, columns] = (30, 160, 60)
    return picture.clip(0, 255).astype(np.uint8)


def masks(pictures: list[np.ndarray], fps: float = 10.0) -> list[np.ndarray]:
    state: Background | None = None
    found = []
    for number, picture in enumerate(pictures):
        state, mask = background_step(state, picture, 50 + number / fps, MotionConfig())
        found.append(mask)
    return found


ITEM = Box(0.4, 0.4, 0.5, 0.6)
ELSEWHERE = Box(0.7, 0.4, 0.8, 0.6)
ARM = Box(0.45, 0.5, 0.55, 1.0)


def last(pictures: list[np.ndarray], explained: list[Detection] | None = None, flow: tuple = FLOW) -> list[Detection]:
    return proposals(masks(pictures)[-1], explained or [], flow, MotionConfig())


def test_a_thing_is_proposed_where_it_is() -> None:
    (found,) = last([image(), image(ITEM)])
    assert found.label is Label.ITEM
    assert found.box.iou(ITEM) > 0.7


@pytest.mark.parametrize(
    ("flow", "label"),
    [((1.0, 0.0), Label.HAND), ((-0.9, 0.3), Label.HAND), ((0.0, 1.0), Label.ITEM), (None, Label.ITEM)],
)
def test_what_reaches_in_over_the_long_side_is_an_arm(flow: tuple, label: Label) -> None:
    assert [found.label for found in last([image(), image(ARM)], flow=flow)] == [label]


def test_what_is_explained_is_not_proposed() -> None:
    for known in (Label.ITEM, Label.HAND, Label.PERSON):
        assert last([image(), image(ITEM)], [Detection(ITEM, known, 0.5)]) == []


def test_what_sticks_out_of_a_known_thing_is_part_of_it() -> None:
    half = Box(0.4, 0.4, 0.47, 0.6)
    assert last([image(), image(ITEM)], [Detection(half, Label.ITEM, 0.5)]) == []


def test_another_thing_beside_a_known_one_is_proposed() -> None:
    (found,) = last([image(), image(ITEM, ELSEWHERE)], [Detection(ITEM, Label.ITEM, 0.5)])
    assert found.box.iou(ELSEWHERE) > 0.7


def test_what_lay_there_in_the_first_picture_leaves_no_ghost() -> None:
    found = last([image(ITEM), image(ITEM, seed=1), image(ELSEWHERE, seed=2), image(ELSEWHERE, seed=3)])
    assert [one.box.iou(ELSEWHERE) > 0.7 for one in found] == [True]


@pytest.mark.parametrize("level", [50, 95])
def test_a_step_of_light_proposes_nothing(level: float) -> None:
    assert last([image(), image(level=level, seed=1)]) == []


def test_what_stays_becomes_background() -> None:
    pictures = [image()] + [image(ITEM, seed=k) for k in range(100)]
    assert last(pictures) == []
