"""One box per thing, no bag that is also an item, and no furniture."""

import pytest

from tests.unit.vision.lane import ASPECT, LANE, Thing, kinds, play
from vision.domain.furniture import FURNITURE_S, Spot, furniture_step
from vision.domain.geometry import LaneGeometry
from vision.domain.sightings import sightings
from vision.domain.types import Box, Detection, Label

ITEM = Detection(Box(0.4, 0.4, 0.5, 0.6), Label.ITEM, 0.8)


def like(box: Box, confidence: float, label: Label = Label.ITEM) -> Detection:
    return Detection(box, label, confidence)


TABLE = [
    ([like(Box(0.41, 0.4, 0.5, 0.6), 0.5)], 1, "a second name for the same thing"),
    ([like(Box(0.42, 0.5, 0.48, 0.6), 0.5)], 1, "a part of it"),
    ([like(Box(0.38, 0.35, 0.52, 0.65), 0.3)], 1, "the thing with the hand around it"),
    ([like(Box(0.44, 0.45, 0.54, 0.65), 0.7)], 2, "another one stacked on it"),
    ([like(Box(0.6, 0.4, 0.7, 0.6), 0.12)], 2, "a faint one elsewhere: the tracker weighs it"),
    ([like(Box(0.6, 0.4, 0.7, 0.6), 0.12, Label.HAND)], 1, "a faint hand is none"),
    ([like(Box(0.42, 0.45, 0.5, 0.9), 0.6, Label.HAND)], 2, "a hand that holds it"),
]


@pytest.mark.parametrize(("others", "count", "why"), TABLE, ids=[why for _, _, why in TABLE])
def test_one_box_per_thing(others: list[Detection], count: int, why: str) -> None:
    assert len(sightings([ITEM, *others], 0.25)) == count, why


def test_a_box_taken_for_a_bag_too_says_so() -> None:
    (item,) = [one for one in sightings([ITEM, like(ITEM.box, 0.4, Label.BAG)], 0.25) if one.label is Label.ITEM]
    assert item.rival == 0.4


def _with_rival(thing: Thing, rival: float) -> Thing:
    from dataclasses import replace

    class Doubtful(Thing):
        def at(self, t: float) -> Detection | None:
            found = super().at(t)
            return replace(found, rival=rival) if found else None

    return Doubtful(thing.way)


OVER = Thing(((0.0, 0.3, 0.8), (0.5, 0.3, 0.6), (2.0, 0.75, 0.5), (3.0, 0.75, 0.5)))


def test_what_is_taken_for_a_bag_passes_as_none() -> None:
    assert kinds(play([_with_rival(OVER, 0.0)])) == ["item_pass"]
    assert play([_with_rival(OVER, 0.3)]) == []


def test_a_receipt_seen_badly_over_the_scanner_is_no_pass() -> None:
    way = ((0.0, 0.5, 0.4), (1.0, 0.62, 0.5), (1.5, 0.65, 0.6))
    assert play([Thing(way, confidence=0.4)]) == []
    assert kinds(play([Thing(way, confidence=0.8)])) == ["item_pass"]


def glass(seconds: float, fps: float = 10.0) -> list[bool]:
    """Whether the same spot in the scanner zone is still believed, frame by frame."""
    lane = LaneGeometry.of(LANE, ASPECT)
    assert lane is not None
    spots: tuple[Spot, ...] = ()
    believed = []
    for _ in range(int(seconds * fps)):
        spots, kept = furniture_step(spots, [like(Box(0.48, 0.46, 0.52, 0.55), 0.4)], 1 / fps, lane)
        believed.append(bool(kept))
    return believed


def test_the_glass_of_the_scanner_becomes_furniture() -> None:
    believed = glass(10)
    assert believed[: int(FURNITURE_S * 10) - 1] == [True] * (int(FURNITURE_S * 10) - 1)
    assert not any(believed[int(FURNITURE_S * 10) + 2 :])


def test_what_waits_on_the_belt_never_does() -> None:
    lane = LaneGeometry.of(LANE, ASPECT)
    assert lane is not None
    spots: tuple[Spot, ...] = ()
    for _ in range(600):
        spots, kept = furniture_step(spots, [like(Box(0.2, 0.4, 0.3, 0.6), 0.4)], 0.1, lane)
        assert kept


def test_goods_over_the_glass_are_still_seen() -> None:
    lane = LaneGeometry.of(LANE, ASPECT)
    assert lane is not None
    spots = (Spot(Box(0.48, 0.46, 0.52, 0.55), 30.0),)
    _, kept = furniture_step(spots, [like(Box(0.44, 0.4, 0.56, 0.62), 0.6)], 0.1, lane)
    assert kept
