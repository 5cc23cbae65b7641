"""What is known of a lane's video."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lanes.health import HealthLevel, health_of_many
from lanes.models import Camera, Lane
from tests.factories.stores import SmallStore
from tests.integration.vision.conftest import NOON, switch_on
from vision.models import CameraFeed, Segment, VisualEvent
from vision.selectors import segments_between, visual_events_between, visual_gaps, visual_watermark

SegmentOf = Callable[..., Segment]


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


def row(camera: Camera, start: float, seconds: float = 2.0, state: str = "analysed", **fields: object) -> Segment:
    return Segment.objects.create(
        camera=camera, started_at=at(start), duration_s=seconds, clock_source="rtcp", state=state, path="x", **fields
    )


def told(camera: Camera, type_: str, seconds: float) -> None:
    VisualEvent.objects.create(
        store=camera.store, lane=camera.lane, camera=camera, external_id=f"{type_}{seconds}", type=type_,
        occurred_at=at(seconds), received_at=at(seconds), confidence=1.0,
    )  # fmt: skip


def feed(camera: Camera, **fields: object) -> None:
    CameraFeed.objects.filter(camera=camera).update(**fields)


def gaps(lane: Lane, start: float, end: float) -> list[tuple[float, float]]:
    found = visual_gaps(lane, at(start), at(end))
    return [((g.starts_at - NOON).total_seconds(), (g.ends_at - NOON).total_seconds()) for g in found]


def test_segments_that_touch_a_window(camera: Camera, shop: SmallStore) -> None:
    for n in range(5):
        row(camera, 2.0 * n)
    row(camera, 10.0).__class__.objects.filter(started_at=at(10)).update(path="")
    row(switch_on(shop.cameras[1]), 4.0)
    assert [s.started_at for s in segments_between(camera, at(3), at(6))] == [at(2), at(4)]
    assert segments_between(camera, at(10.5), at(11)) == [], "its file is gone"


@pytest.mark.parametrize(
    ("rows", "window", "expected", "why"),
    [
        ([(0, "analysed"), (2, "analysed")], (0, 4), [], "seen without a hole"),
        ([(0, "analysed"), (2.3, "analysed")], (0, 4), [], "a reconnection of 0.3 s leaves nothing out"),
        ([(0, "analysed"), (6, "analysed")], (0, 8), [(2, 6)], "nothing came"),
        ([(0, "analysed"), (2, "skipped"), (4, "analysed")], (0, 6), [(2, 4)], "passed over"),
        ([(0, "unreadable"), (2, "analysed")], (0, 4), [(0, 2)], "could not be read"),
        ([(2, "analysed")], (0, 4), [(0, 2)], "before the camera came"),
        ([(0, "analysed"), (6, "analysed")], (3, 5), [(3, 5)], "the window lies within the hole"),
        ([(0, "analysed"), (2, "pending")], (0, 4), [], "behind the watermark nothing is a gap yet"),
    ],
)
def test_where_nobody_was_looking(
    camera: Camera,
    rows: list[tuple[float, str]],
    window: tuple[float, float],
    expected: list[tuple[float, float]],
    why: str,
) -> None:
    feed(camera, state="running", last_segment_at=at(100), since=at(0))
    for start, state in rows:
        row(camera, start, state=state)
    assert gaps(camera.lane, *window) == expected, why


def test_an_outside_detectors_gaps_are_where_it_says_so(shop: SmallStore) -> None:
    camera = shop.cameras[0]
    assert gaps(camera.lane, 0, 60) == []
    for type_, seconds in (("camera_lost", 10), ("camera_back", 20), ("camera_lost", 50)):
        told(camera, type_, seconds)
    assert gaps(camera.lane, 0, 60) == [(10, 20), (50, 60)]
    assert gaps(camera.lane, 12, 15) == [(12, 15)]


@pytest.mark.parametrize(
    ("feed_fields", "rows", "now", "expected", "why"),
    [
        ({"state": "running"}, [(0, "analysed"), (2, "analysed")], 5, 4, "up to the last one seen"),
        ({"state": "running"}, [(0, "analysed"), (2, "pending")], 5, 2, "up to the one that waits"),
        ({"state": "running"}, [(0, "analysed"), (2, "skipped")], 5, 4, "what was passed over will not come"),
        ({"state": "lost"}, [(0, "analysed")], 5, 2, "it may be back at once"),
        ({"state": "lost"}, [(0, "analysed")], 60, 50, "a lost camera holds nobody up"),
        ({"state": "ended"}, [(0, "analysed")], 60, 50, "nor does a recording that has ended"),
        ({"state": "lost"}, [(0, "pending")], 60, 0, "but what it had given is still looked at"),
    ],
)
def test_up_to_when_nothing_more_will_be_seen(
    camera: Camera, feed_fields: dict, rows: list[tuple[float, str]], now: float, expected: float, why: str
) -> None:
    feed(camera, since=at(2), last_segment_at=at(2), **feed_fields)
    for start, state in rows:
        row(camera, start, state=state)
    assert visual_watermark(camera.lane, now=at(now)) == at(expected), why


def test_the_slowest_camera_of_a_lane_decides_and_outside_events_count(camera: Camera, shop: SmallStore) -> None:
    assert visual_watermark(camera.lane) is None
    feed(camera, state="running", since=at(0), last_segment_at=at(2))
    row(camera, 0)
    told(camera, "item_pass", 1)
    assert visual_watermark(camera.lane) == at(2)
    other = Camera.objects.create(store=shop.store, lane=camera.lane, code="L1-side", source="x")
    told(other, "item_pass", 1.5)
    assert visual_watermark(camera.lane) == at(1.5)


def test_events_in_order_of_time(camera: Camera) -> None:
    for seconds in (5, 1, 3):
        told(camera, "item_pass", seconds)
    assert [e.occurred_at for e in visual_events_between(camera.lane, at(1), at(5))] == [at(1), at(3)]


def test_health_says_what_is_so_in_two_queries(shop: SmallStore) -> None:
    first, second = (switch_on(camera) for camera in shop.cameras)
    feed(first, state="running", width=640, height=360, fps=25, clock_source="rtcp", since=at(0))
    feed(second, state="refused", detail="It refuses the password.", since=at(0))
    with CaptureQueriesContext(
        connection,
    ) as one:
        health_of_many([shop.lanes[0]])
    with CaptureQueriesContext(connection) as both:
        found = health_of_many(shop.lanes)
    assert len(both) == len(one)
    cameras = {i.subject: (i.level, i.sentence) for items in found.values() for i in items if "top" in i.subject}
    assert cameras == {
        "L1-top": (HealthLevel.OK, "Video comes in: 640x360, 25 pictures a second, timed by the camera's own clock."),
        "L2-top": (HealthLevel.BAD, "It refuses the password."),
    }
    row(first, 0, state="skipped", detail="Passed over.")
    assert [i.sentence for i in health_of_many(shop.lanes)[first.lane_id] if i.subject == "L1-top"] == ["Passed over."]
