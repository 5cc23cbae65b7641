"""The figures on the model card come from these few functions."""

import numpy as np
import pytest

from vision.pipeline.score import average_precision, hits, overlaps

UNIT = np.array([0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("other", "share", "why"),
    [
        ((0.0, 0.0, 1.0, 1.0), 1.0, "the same box"),
        ((0.5, 0.0, 1.5, 1.0), 1 / 3, "half of each is shared"),
        ((1.0, 0.0, 2.0, 1.0), 0.0, "an edge is no area"),
        ((0.25, 0.25, 0.75, 0.75), 0.25, "inside"),
    ],
)
def test_overlap(other: tuple[float, ...], share: float, why: str):
    assert overlaps(UNIT, np.array([other]))[0] == pytest.approx(share), why


def test_a_truth_is_found_once_and_by_the_surest():
    near = np.array([0.0, 0.0, 1.0, 0.9])
    assert hits([(0.4, UNIT), (0.9, near)], UNIT[None]) == [(0.9, True), (0.4, False)]


def test_nothing_to_find_makes_every_detection_wrong():
    assert hits([(0.4, UNIT)], np.zeros((0, 4))) == [(0.4, False)]


@pytest.mark.parametrize(
    ("marked", "wanted", "area", "why"),
    [
        ([(0.9, True), (0.8, True)], 2, 1.0, "all found, none invented"),
        ([(0.9, True)], 2, 0.5, "half found"),
        ([(0.9, False), (0.8, True)], 1, 0.5, "the surest is wrong"),
        ([(0.9, True), (0.1, False)], 1, 1.0, "an unsure invention after the last find costs nothing"),
        ([], 3, 0.0, "nothing found"),
    ],
)
def test_average_precision(marked: list[tuple[float, bool]], wanted: int, area: float, why: str):
    assert average_precision(marked, wanted) == pytest.approx(area), why
