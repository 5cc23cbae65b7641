"""What a technician is told before it fails."""

from dataclasses import replace

import pytest

from vision.domain.upkeep import Day, upkeep

GOOD = Day(sharpness=800.0, luma=110.0, fps=15.0, drift=0.001, losses=1)
WEEKS = [GOOD] * 20


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (WEEKS, []),
        (WEEKS + [replace(GOOD, sharpness=500.0)] * 3, ["sharpness"]),
        (WEEKS + [replace(GOOD, luma=50.0)] * 3, ["darker"]),
        (WEEKS + [replace(GOOD, fps=10.0)] * 3, ["fewer pictures"]),
        (WEEKS + [replace(GOOD, drift=0.02)] * 3, ["wandered"]),
        (WEEKS + [replace(GOOD, losses=12)] * 3, ["lost 12 times"]),
        ([*WEEKS, replace(GOOD, sharpness=100.0)], []),
        ([GOOD] * 3 + [replace(GOOD, sharpness=100.0)] * 3, []),
        (WEEKS + [replace(GOOD, sharpness=500.0, drift=0.03)] * 3, ["sharpness", "wandered"]),
        ([replace(GOOD, losses=9)] * 23, []),
        ([], []),
    ],
)
def test_only_what_has_changed_for_days_is_said(days: list[Day], words: list[str]) -> None:
    said = upkeep(days)
    assert len(said) == len(words), said
    for sentence, word in zip(said, words, strict=True):
        assert word in sentence
