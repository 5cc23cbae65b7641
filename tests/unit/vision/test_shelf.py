"""Goods taken from a shelf and put there, and all that only looks like it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cases.domain.alignment.incidents.presence import is_of_customer
from cases.domain.alignment.types import Sighting
from tests.unit.vision.lane import rectangle
from tests.unit.vision.shelf import (
    BLUE,
    GREEN,
    RED,
    RIGHT,
    START,
    Drawn,
    Scene,
    events_of,
    good,
    hand,
    put,
    shopper,
    taken,
)
from vision.domain.types import VisualEventDraft
from vision.pipeline.detector import MotionDetector
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

EYES = pytest.mark.parametrize("knowing", [False, True], ids=["motion", "detector"])
WHOLE = rectangle("shelf", 0.05, 0.3, 0.95, 0.85)


def said(events: Sequence[VisualEventDraft]) -> list[tuple[str, object]]:
    return sorted((event.type.value, event.attributes["position"]) for event in events)


def instants(events: Sequence[VisualEventDraft]) -> list[float]:
    return [event.at - START for event in events]


@EYES
@pytest.mark.parametrize("fps", [8.0, 10.0, 15.0])
def test_taken(knowing: bool, fps: float) -> None:
    events = events_of(Scene([*taken(0.25, 3.0), good(0.7, BLUE)], fps=fps), knowing=knowing)
    assert said(events) == [("zone_leave", 0)]
    assert instants(events) == [pytest.approx(3.1, abs=0.2)]


@EYES
@pytest.mark.parametrize("fps", [8.0, 10.0, 15.0])
def test_put(knowing: bool, fps: float) -> None:
    events = events_of(Scene([*put(0.7, 3.0, BLUE), good(0.25)], fps=fps), knowing=knowing)
    assert said(events) == [("zone_enter", 1)]
    assert instants(events) == [pytest.approx(3.0, abs=0.2)]


@EYES
def test_what_an_event_tells(knowing: bool) -> None:
    event = events_of(Scene(taken(0.25, 3.0)), knowing=knowing)[0]
    assert event.path == ("shelf",)
    assert event.label == ("bottle" if knowing else "item")
    assert event.attributes["seen_by"] == ("detector" if knowing else "look")
    assert event.attributes["x_n"] == pytest.approx(0.25, abs=0.02)
    assert 0.4 < event.confidence < 1.0


@EYES
def test_two_at_once_from_two_zones(knowing: bool) -> None:
    events = events_of(Scene([*taken(0.25, 3.0), *taken(0.7, 3.1, BLUE)]), knowing=knowing)
    assert said(events) == [("zone_leave", 0), ("zone_leave", 1)]


@EYES
def test_three_goods_of_which_one_is_taken(knowing: bool) -> None:
    scene = Scene([good(0.15, GREEN), *taken(0.25, 3.0), good(0.35, BLUE)])
    events = events_of(scene, knowing=knowing)
    assert said(events) == [("zone_leave", 0)]
    assert events[0].attributes["x_n"] == pytest.approx(0.25, abs=0.02)


@EYES
def test_one_after_the_other_from_one_zone(knowing: bool) -> None:
    scene = Scene([*taken(0.2, 2.0), *taken(0.33, 5.0, BLUE), *put(0.2, 8.0)], seconds=12.0)
    events = events_of(scene, (WHOLE,), knowing=knowing)
    assert [event.type.value for event in events] == ["zone_leave", "zone_leave", "zone_enter"]
    assert instants(events) == pytest.approx([2.1, 5.1, 8.0], abs=0.25)


def test_two_that_touch_are_counted_by_a_detector_that_knows_them() -> None:
    scene = Scene([*taken(0.2, 3.0), *taken(0.285, 3.0, BLUE)])
    assert said(events_of(scene, knowing=True)) == [("zone_leave", 0)] * 2
    assert said(events_of(scene)) == [("zone_leave", 0)]  # one place that changed, as far as a look tells


@EYES
def test_hidden_by_a_hand_and_not_gone(knowing: bool) -> None:
    rests = hand((2.0, 0.25, -0.1), (2.5, 0.25, 0.7), (6.0, 0.25, 0.7), (6.5, 0.25, -0.1))
    assert events_of(Scene([good(0.25), rests], seconds=11.0), knowing=knowing) == []


@pytest.mark.parametrize("aside", [0.0, 0.02, 0.06])
@EYES
def test_lifted_and_put_back_at_once(knowing: bool, aside: float) -> None:
    x = 0.25 + aside
    lifted = good(0.25, RED, ((0.0, 0.25, 0.75), (3.0, 0.25, 0.75), (3.4, 0.25, 0.35), (3.9, x, 0.75), (99.0, x, 0.75)))
    holds = hand((2.5, 0.25, -0.1), (3.0, 0.25, 0.5), (3.4, 0.25, 0.1), (3.9, x, 0.5), (4.4, x, -0.1))
    assert events_of(Scene([lifted, holds]), knowing=knowing) == []


@EYES
def test_a_shopper_who_walks_by(knowing: bool) -> None:
    walks = shopper((2.0, -0.2, 0.5), (5.0, 1.2, 0.5))
    assert events_of(Scene([good(0.25), good(0.7, BLUE), walks]), knowing=knowing) == []


@EYES
def test_a_shopper_who_stands_in_front(knowing: bool) -> None:
    stands = shopper((2.0, -0.2, 0.5), (3.0, 0.25, 0.5), (9.0, 0.25, 0.5), (10.0, -0.2, 0.5))
    assert events_of(Scene([good(0.25), good(0.7, BLUE), stands], seconds=14.0), knowing=knowing) == []


@EYES
def test_taken_behind_a_shopper(knowing: bool) -> None:
    """It is said when he has left, for the time in which it was hidden."""
    stands = shopper((2.0, -0.2, 0.5), (3.0, 0.25, 0.5), (6.0, 0.25, 0.5), (7.0, -0.2, 0.5))
    gone = good(0.25, RED, ((0.0, 0.25, 0.75), (4.5, 0.25, 0.75)))
    events = events_of(Scene([gone, stands], seconds=11.0), knowing=knowing)
    assert said(events) == [("zone_leave", 0)]
    assert 2.0 <= instants(events)[0] <= 7.0


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.3])
@EYES
def test_a_step_of_light(factor: float, knowing: bool) -> None:
    scene = Scene([good(0.25), good(0.7, BLUE)], light=lambda t: 1.0 if t < 3.0 else factor)
    assert events_of(scene, knowing=knowing) == []


@EYES
def test_taken_while_the_light_changes(knowing: bool) -> None:
    scene = Scene([*taken(0.25, 3.0), good(0.7, BLUE)], light=lambda t: 1.0 - 0.25 * min(max(t - 2.0, 0.0), 2.0) / 2.0)
    assert said(events_of(scene, knowing=knowing)) == [("zone_leave", 0)]


@EYES
def test_a_soft_shadow_that_stays(knowing: bool) -> None:
    shade = Drawn(((2.0, 0.25, 0.6), (99.0, 0.25, 0.6)), RED)
    assert events_of(Scene([good(0.25)], shade=shade), knowing=knowing) == []


@pytest.mark.parametrize("noise", [6.0, 10.0])
def test_a_noisy_camera(noise: float) -> None:
    assert events_of(Scene([good(0.25), good(0.7, BLUE)], noise=noise)) == []
    assert said(events_of(Scene([*taken(0.25, 3.0), good(0.7, BLUE)], noise=noise))) == [("zone_leave", 0)]


@EYES
def test_split_anywhere_gives_the_same(knowing: bool) -> None:
    scene = Scene([*taken(0.25, 2.0), *put(0.7, 4.0, BLUE)], seconds=7.0)
    whole = events_of(scene, knowing=knowing)
    assert said(whole) == [("zone_enter", 1), ("zone_leave", 0)]
    for cut in range(1, 70, 6):
        assert events_of(scene, knowing=knowing, cuts=[cut]) == whole
    assert events_of(scene, knowing=knowing, cuts=[0, 9, 20, 21, 33, 60]) == whole


def test_beside_a_lane_nothing_else_is_said() -> None:
    """What stands on a shelf is not on its way across the scanner."""
    lane = (rectangle("belt", 0.0, 0.3, 0.4, 0.9), rectangle("scanner", 0.44, 0.3, 0.54, 0.9), RIGHT)
    events = events_of(Scene(taken(0.7, 3.0)), lane, knowing=True)
    assert said(events) == [("zone_leave", 2)]


@EYES
def test_for_the_judge_nobody_came_or_went(knowing: bool) -> None:
    for event in events_of(Scene([*taken(0.25, 2.0), *put(0.7, 4.0, BLUE)], 7.0), knowing=knowing):
        told = Sighting("1", event.at, event.type.value, event.confidence, event.label, event.track, path=event.path)
        assert not is_of_customer(told)


@EYES
def test_a_soft_shadow_that_comes_with_the_goods(knowing: bool) -> None:
    """It reaches out of the zone's surroundings, and is nobody's arm."""
    shade = Drawn(((3.0, 0.2, 0.95), (99.0, 0.2, 0.95)), RED)
    events = events_of(Scene(put(0.25, 3.0), shade=shade), knowing=knowing)
    assert said(events) == [("zone_enter", 0)]


@EYES
def test_a_sharp_patch_of_sun(knowing: bool) -> None:
    sun = Drawn(((3.0, 0.2, 0.75), (99.0, 0.2, 0.75)), RED, (0.14, 0.3), "sun")
    assert events_of(Scene([good(0.25), good(0.7, BLUE), sun]), knowing=knowing) == []


@EYES
def test_a_zone_that_takes_the_whole_picture(knowing: bool) -> None:
    """Nothing around it tells the light, and nobody is seen to reach in."""
    events = events_of(Scene([*taken(0.25, 3.0), good(0.7, BLUE)]), (rectangle("shelf", 0, 0, 1, 1),), knowing=knowing)
    assert said(events) == [("zone_leave", 0)]


@pytest.mark.parametrize("colour", [(30, 30, 32), (110, 118, 120), (170, 185, 190)], ids=["dark", "grey", "white"])
def test_goods_without_a_colour(colour: tuple[int, int, int]) -> None:
    """A thing of the wall's own hue could be a shadow or a patch of sun, were there nothing printed on it."""
    assert said(events_of(Scene(taken(0.25, 3.0, colour)))) == [("zone_leave", 0)]
    assert said(events_of(Scene(put(0.25, 3.0, colour)))) == [("zone_enter", 0)]


def test_without_shelf_zones_there_is_nothing_to_remember() -> None:
    zones = [rectangle("customer", 0.0, 0.0, 1.0, 1.0)]
    state, events, _ = analyse(Scene(taken(0.25, 1.0), 3.0).frames(), MotionDetector(), zones, PipelineConfig(), None)
    assert (state.looks, state.shelf, events) == ((), LaneVision().shelf, [])
