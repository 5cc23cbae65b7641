"""What is made of an item's way, case by case."""

import pytest

from tests.unit.vision.lane import BAGGING, BELT, LANE, RED, SCANNER, Thing, kinds, mirrored, play, rectangle, turned
from vision.domain.geometry import Region
from vision.domain.types import Label
from vision.domain.zone_events import crossing

OVER = ((0.0, 0.2, 0.5), (1.0, 0.3, 0.5), (2.5, 0.75, 0.5), (4.0, 0.75, 0.5))
QUICK = ((0.0, 0.2, 0.5), (1.0, 0.3, 0.5), (1.5, 0.75, 0.5), (2.0, 0.75, 0.5))
AROUND = ((0.0, 0.3, 0.5), (0.6, 0.35, 0.85), (1.4, 0.65, 0.85), (2.0, 0.75, 0.5), (3.0, 0.75, 0.5))
SHOWN = ((0.0, 0.3, 0.5), (1.0, 0.5, 0.5), (2.0, 0.5, 0.5), (3.0, 0.3, 0.5), (4.0, 0.3, 0.5))
BACK = ((0.0, 0.75, 0.5), (1.0, 0.75, 0.5), (2.5, 0.25, 0.5), (3.5, 0.25, 0.5))
TWICE = ((0.0, 0.3, 0.5), (1.0, 0.52, 0.5), (1.6, 0.42, 0.4), (2.2, 0.55, 0.5), (3.0, 0.75, 0.5), (4.0, 0.75, 0.5))
LIFTED = ((0.0, 0.3, 0.5), (1.5, 0.75, 0.5), (2.5, 0.75, 0.5), (3.0, 0.75, 0.4), (3.5, 0.75, 0.5), (4.5, 0.75, 0.5))
RESCANNED = ((0.0, 0.3, 0.5), (1.5, 0.75, 0.5), (2.5, 0.75, 0.5), (3.3, 0.5, 0.5), (4.0, 0.75, 0.5), (5.0, 0.75, 0.5))
RIDES = ((0.0, 0.1, 0.5), (3.0, 0.35, 0.5), (5.0, 0.35, 0.5))
FROM_ABOVE = ((0.0, 0.5, 0.5), (0.6, 0.5, 0.5), (1.2, 0.75, 0.5), (2.2, 0.75, 0.5))
TAKEN_OUT = ((0.0, 0.75, 0.5), (1.0, 0.75, 0.5), (1.8, 0.8, 0.95))

TABLE = [
    (OVER, ["item_pass"], "belt, scanner, bags"),
    (QUICK, ["item_pass"], "a quick hand: two frames over the scanner"),
    (AROUND, ["item_bypass"], "around the scanner to the bags"),
    (SHOWN, ["item_presented"], "held over the scanner and put back on the belt"),
    (BACK, ["item_return"], "from the bags over the scanner to the belt"),
    (TWICE, ["item_pass"], "lifted and lowered over the scanner is one pass"),
    (LIFTED, ["item_pass"], "lifted and put back among the bags is one pass"),
    (RESCANNED, ["item_pass", "item_presented"], "shown again after bagging: no second pass"),
    (RIDES, [], "riding the belt is no event"),
    (FROM_ABOVE, ["item_pass"], "set down on the scanner from above"),
    (TAKEN_OUT, [], "carried away from the bags"),
]


@pytest.mark.parametrize(("way", "expected", "why"), TABLE, ids=[why for _, _, why in TABLE])
@pytest.mark.parametrize("fps", [8.0, 10.0, 15.0])
def test_one_item(way: tuple, expected: list[str], why: str, fps: float) -> None:
    assert kinds(play([Thing(way)], fps=fps)) == expected, why


@pytest.mark.parametrize(("way", "expected", "why"), TABLE, ids=[why for _, _, why in TABLE])
def test_flow_comes_from_the_zones(way: tuple, expected: list[str], why: str) -> None:
    leftwards = [(t, 1 - x, y) for t, x, y in way]
    assert kinds(play([Thing(tuple(leftwards))], mirrored(LANE))) == expected
    downwards = [(t, y, x) for t, x, y in way]
    assert kinds(play([Thing(tuple(downwards), size=(0.07, 0.14))], turned(LANE))) == expected


@pytest.mark.parametrize("label", [Label.HAND, Label.BAG, Label.PERSON])
def test_only_items_pass(label: Label) -> None:
    assert play([Thing(OVER, label=label)]) == []


PARTIAL = [
    ((SCANNER,), "scanner alone: the item's own way gives the flow"),
    ((SCANNER, BAGGING), "no belt drawn"),
    ((BELT, SCANNER), "no bagging area drawn"),
    (
        (
            rectangle("belt", 0.05, 0.1, 0.35, 0.9),
            rectangle("scanner", 0.47, 0.1, 0.53, 0.9),
            rectangle("bagging", 0.7, 0.1, 0.95, 0.9),
        ),
        "a narrow scanner, with ground between the zones that nobody drew",
    ),
]


@pytest.mark.parametrize(("zones", "why"), PARTIAL, ids=[why for _, why in PARTIAL])
def test_incomplete_zones_still_count(zones: tuple, why: str) -> None:
    assert kinds(play([Thing(OVER)], zones)) == ["item_pass"]
    assert kinds(play([Thing(SHOWN)], zones)) == ["item_presented"]
    assert kinds(play([Thing(RIDES)], zones)) == []


def test_without_a_scanner_zone_an_item_cannot_cross() -> None:
    from vision.domain.geometry import LaneGeometry

    assert LaneGeometry.of((BELT, BAGGING), 0.5625) is None


def test_a_pass_is_the_instant_of_leaving_the_scanner() -> None:
    """From x=.3 at 1 s to x=.75 at 2.5 s: the border at .60 is reached at 2.0 s, between two frames at 8 per second."""
    (event,) = play([Thing(OVER)], fps=8.0)
    assert event.at == pytest.approx(2.0, abs=0.03)
    assert event.path == ("belt", "scanner", "bagging")
    assert event.attributes["dwell_s"] == pytest.approx(2 / 3, abs=0.06)
    assert event.attributes["direction"] == [1.0, 0.0]


HAND_OVER = Thing(((0.6, 0.3, 0.9), (1.0, 0.3, 0.52), (2.5, 0.75, 0.52), (2.9, 0.75, 0.95)), label=Label.HAND)


def test_covered_by_the_hand_all_the_way() -> None:
    events = play([Thing(OVER, unseen=((1.1, 2.6),)), HAND_OVER])
    assert kinds(events) == ["item_pass"]
    assert events[0].at == pytest.approx(2.0, abs=0.3)


def test_put_into_a_bag_by_the_hand_that_covers_it() -> None:
    """Never seen again: the hand's way is the evidence, and the event says that it is less sure."""
    events = play([Thing(OVER[:3], unseen=((1.1, 9.0),)), HAND_OVER])
    assert kinds(events) == ["item_pass"]
    assert events[0].confidence <= 0.6


def test_a_hand_that_passes_over_an_item_takes_nothing() -> None:
    lying = Thing(((0.0, 0.3, 0.5), (6.0, 0.3, 0.5)), unseen=((1.0, 1.5),))
    assert play([lying, HAND_OVER]) == []


def test_carried_around_the_scanner_under_the_hand() -> None:
    hand = Thing(((0.2, 0.3, 0.8), *((t, x, y + 0.02) for t, x, y in AROUND[:4]), (2.4, 0.75, 0.95)), label=Label.HAND)
    way = ((-1.0, 0.3, 0.5), *AROUND)
    late = Thing(tuple((t + 1, x, y) for t, x, y in way), unseen=((1.2, 2.8),))
    hand = Thing(tuple((t + 1, x, y) for t, x, y in hand.way), label=Label.HAND)
    assert kinds(play([late, hand])) == ["item_bypass"]


def test_a_broken_track_is_put_together() -> None:
    """Lost over the scanner without a hand and found again beyond it, too far on for the tracker."""
    parts = [Thing(OVER, unseen=((1.6, 2.3),)), Thing(RIDES, colour=RED)]
    assert kinds(play(parts)) == ["item_pass"]


def test_two_at_once() -> None:
    upper = tuple((t, x, 0.38) for t, x, _ in OVER)
    lower = tuple((t + 0.1, x, 0.62) for t, x, _ in OVER)
    assert kinds(play([Thing(upper), Thing(lower, colour=RED)])) == ["item_pass", "item_pass"]


def test_a_queue_on_the_belt_counts_each_once() -> None:
    queue = [Thing(tuple((t + k * 1.2, x, y) for t, x, y in OVER)) for k in range(5)]
    assert kinds(play(queue)) == ["item_pass"] * 5


@pytest.mark.parametrize("gap", [(1.2, 1.5), (1.5, 1.9), (2.0, 2.4)])
def test_a_blinking_detector(gap: tuple[float, float]) -> None:
    assert kinds(play([Thing(OVER, unseen=(gap,))])) == ["item_pass"]


def test_a_ghost_of_two_frames_is_nothing() -> None:
    assert play([Thing(((0.0, 0.5, 0.5), (0.15, 0.7, 0.5)))]) == []


def test_what_was_seen_well_is_surer() -> None:
    well, badly = play([Thing(OVER)])[0], play([Thing(QUICK, confidence=0.3)])[0]
    assert 0 < badly.confidence < well.confidence <= 1


CROSSINGS = [
    (Region.BEFORE, Region.AFTER, (Region.BEFORE, Region.SCANNER, Region.AFTER), True, "item_pass"),
    (Region.BEFORE, Region.AFTER, (Region.BEFORE, Region.AROUND, Region.AFTER), False, "item_bypass"),
    (Region.AFTER, Region.BEFORE, (Region.AFTER, Region.SCANNER, Region.BEFORE), True, "item_return"),
    (Region.AFTER, Region.BEFORE, (Region.AFTER, Region.AROUND, Region.BEFORE), False, None),
    (Region.BEFORE, Region.BEFORE, (Region.BEFORE, Region.SCANNER, Region.BEFORE), True, "item_presented"),
    (Region.AFTER, Region.AFTER, (Region.AFTER, Region.SCANNER, Region.AFTER), True, "item_presented"),
    (Region.AFTER, Region.AFTER, (Region.AFTER, Region.BEFORE, Region.SCANNER, Region.AFTER), True, "item_pass"),
    (None, Region.AFTER, (Region.SCANNER, Region.AFTER), True, "item_pass"),
    (None, Region.AFTER, (Region.AROUND, Region.SCANNER, Region.AFTER), True, "item_pass"),
    (None, Region.AFTER, (Region.AFTER,), False, None),
    (None, Region.AFTER, (Region.BEFORE, Region.SCANNER, Region.AFTER), True, "item_pass"),
    (None, Region.BEFORE, (Region.SCANNER, Region.BEFORE), True, None),
]


@pytest.mark.parametrize(("home", "now", "path", "scanned", "expected"), CROSSINGS)
def test_crossing(home: Region | None, now: Region, path: tuple, scanned: bool, expected: str | None) -> None:
    assert crossing(home, now, path, 1.0 if scanned else None, 2.0 if scanned else None) == expected


def test_a_track_that_seems_to_cross_unseen_beside_one_that_did_is_no_second_pass() -> None:
    """Two tracks that change places under a hand; the one that was over the scanner is believed."""
    unseen = Thing(OVER, unseen=((1.1, 2.3),), colour=RED)
    beside = Thing(tuple((t, x, 0.62) for t, x, _ in OVER))
    hand = Thing(((0.9, 0.3, 0.6), (1.1, 0.3, 0.45), (2.5, 0.75, 0.45), (2.7, 0.75, 0.6)), label=Label.HAND)
    assert kinds(play([unseen, hand])) == ["item_pass"]
    assert kinds(play([unseen, beside, hand])) == ["item_pass"]


HAND_AROUND = ((0.0, 0.3, 0.56), (1.2, 0.3, 0.56), (1.5, 0.35, 0.85), (1.9, 0.65, 0.85), (2.2, 0.8, 0.56))


def test_left_where_the_hand_has_been_and_not_where_it_went_on_to() -> None:
    """It shows again only when the hand is back over the belt."""
    hand = Thing((*HAND_AROUND, (2.5, 0.6, 0.95), (2.8, 0.3, 0.62), (6.0, 0.3, 0.62)), label=Label.HAND, colour=None)
    item = Thing(
        ((0.0, 0.3, 0.5), (1.2, 0.3, 0.5), (1.5, 0.35, 0.79), (1.9, 0.65, 0.79), (2.2, 0.8, 0.5), (6.0, 0.8, 0.5)),
        unseen=((1.1, 2.9),),
    )
    assert kinds(play([hand, item])) == ["item_bypass"]


def test_a_hand_that_comes_back_from_the_bags_has_left_there_what_is_not_seen_again() -> None:
    hand = Thing((*HAND_AROUND, (2.8, 0.3, 0.62), (7.0, 0.3, 0.62)), label=Label.HAND, colour=None)
    item = Thing(((0.0, 0.3, 0.5), (1.0, 0.3, 0.5)))
    assert kinds(play([hand, item])) == ["item_bypass"]


def test_two_in_one_hand_of_which_one_is_covered_all_the_way() -> None:
    seen = Thing(((0.0, 0.3, 0.42), (1.0, 0.3, 0.42), (2.5, 0.75, 0.42), (5.0, 0.75, 0.42)))
    covered = Thing(
        ((0.0, 0.3, 0.56), (1.0, 0.3, 0.56), (2.5, 0.75, 0.56), (5.0, 0.75, 0.56)), colour=RED, unseen=((0.9, 3.0),)
    )
    assert kinds(play([seen, covered])) == ["item_pass", "item_pass"]


def test_nothing_is_taken_along_that_still_lies_on_the_belt() -> None:
    seen = Thing(((0.0, 0.3, 0.42), (1.0, 0.3, 0.42), (2.5, 0.75, 0.42), (5.0, 0.75, 0.42)))
    stays = Thing(((0.0, 0.3, 0.56), (6.0, 0.3, 0.56)), colour=RED)
    turns_up = Thing(((3.0, 0.75, 0.56), (6.0, 0.75, 0.56)), colour=RED)
    assert kinds(play([seen, stays, turns_up])) == ["item_pass"]


def test_what_went_into_a_bag_does_not_come_back_as_the_next_item() -> None:
    """The hand that has put one away fetches another, which is hidden for a moment over the scanner."""
    first = Thing(((0.0, 0.2, 0.5), (1.0, 0.3, 0.5), (2.0, 0.75, 0.5), (2.6, 0.85, 0.5)))
    second = Thing(((0.0, 0.12, 0.5), (3.6, 0.3, 0.5), (4.8, 0.75, 0.5), (6.0, 0.75, 0.5)), unseen=((4.1, 4.3),))
    hand = Thing(
        ((2.0, 0.75, 0.56), (2.6, 0.85, 0.56), (3.6, 0.3, 0.56), (4.8, 0.75, 0.56), (5.2, 0.75, 0.9)),
        label=Label.HAND,
        colour=None,
    )
    assert kinds(play([first, second, hand])) == ["item_pass", "item_pass"]
