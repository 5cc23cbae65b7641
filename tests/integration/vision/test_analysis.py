"""Looking at stored segments: in order, once, whatever happens to workers and files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.dispatch import Signal

from lanes.models import Camera
from tests.integration.vision.conftest import NOON
from vision.models import CameraFeed, Segment, VisualEvent
from vision.services import analysis
from vision.services.analysis import camera_analyse, cameras_waiting
from vision.signals import segments_analysed

SegmentOf = Callable[..., Segment]


def events() -> list[tuple[str, str, datetime]]:
    return list(VisualEvent.objects.order_by("occurred_at").values_list("external_id", "type", "occurred_at"))


def passes() -> int:
    return VisualEvent.objects.filter(type="item_pass").count()


def run_all(camera: Camera) -> None:
    while camera_analyse(camera_id=camera.pk):
        pass


def test_a_pass_is_seen_dated_and_told(camera: Camera, segment_of: SegmentOf) -> None:
    told = list[tuple[int, datetime]]()

    def hear(sender: object, lane_id: int, until: datetime, **kwargs: object) -> None:
        told.append((lane_id, until))

    segments_analysed.connect(hear)
    try:
        for n in range(2):
            segment_of(camera, 4.0 * n)
        run_all(camera)
    finally:
        Signal.disconnect(segments_analysed, hear)
    feed = CameraFeed.objects.get()
    assert passes() == 2
    # the box leaves the scanner zone about 2.3 s into each loop
    first = VisualEvent.objects.filter(type="item_pass").order_by("occurred_at")[0]
    assert 1.9 < (first.occurred_at - NOON).total_seconds() < 2.9
    assert (first.store, first.lane, first.camera) == (camera.store, camera.lane, camera)
    assert told == [(camera.lane_id, NOON + timedelta(seconds=4)), (camera.lane_id, NOON + timedelta(seconds=8))]
    assert (feed.seen_until, feed.analysis_holder) == (NOON + timedelta(seconds=8), "")
    assert feed.lag_s is not None
    assert {s.state for s in Segment.objects.all()} == {"analysed"}
    assert Segment.objects.first().report["decoded"] > 0


def test_looking_again_at_the_same_video_doubles_nothing(camera: Camera, segment_of: SegmentOf) -> None:
    """A worker died after it had seen and before it had said so: the state is the old one."""
    segment_of(camera, 0.0)
    run_all(camera)
    before = events()
    assert before
    Segment.objects.update(state="pending")
    CameraFeed.objects.update(vision_state=None, seen_until=None)
    run_all(camera)
    assert events() == before


def test_events_and_memory_advance_together_or_not_at_all(camera: Camera, segment_of: SegmentOf) -> None:
    def fail(sender: object, **kwargs: object) -> None:
        raise RuntimeError("the listener failed")

    segment_of(camera)
    segments_analysed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            camera_analyse(camera_id=camera.pk)
    finally:
        segments_analysed.disconnect(fail)
    feed = CameraFeed.objects.get()
    assert (events(), feed.vision_state, feed.seen_until) == ([], None, None)
    assert (Segment.objects.get().state, feed.analysis_holder) == ("pending", "")
    run_all(camera)
    assert passes() == 1


def test_a_camera_that_somebody_looks_at_is_left_alone(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera)
    later = datetime.now(NOON.tzinfo) + timedelta(minutes=1)
    CameraFeed.objects.update(analysis_holder="elsewhere:1:1:a", analysis_expires_at=later)
    assert camera_analyse(camera_id=camera.pk) is False
    assert Segment.objects.get().state == "pending"


def test_a_broken_file_costs_itself_only(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera, 0.0, content=b"no video at all")
    segment_of(camera, 4.0)
    gone = segment_of(camera, 8.0)
    from django.conf import settings

    (settings.DATA_DIR / gone.path).unlink()
    segment_of(camera, 12.0)
    run_all(camera)
    rows = list(Segment.objects.order_by("started_at").values_list("state", flat=True))
    assert rows == ["unreadable", "analysed", "unreadable", "analysed"]
    assert all(s.detail for s in Segment.objects.filter(state="unreadable"))
    assert passes() == 2


def test_a_detector_that_cannot_be_used_is_named(camera: Camera, segment_of: SegmentOf) -> None:
    camera.detector = "/nowhere/weights"
    camera.save()
    segment_of(camera)
    run_all(camera)
    segment = Segment.objects.get()
    assert (segment.state, segment.detail[:28]) == ("skipped", "The detector cannot be used:")


def test_more_video_than_machine_is_passed_over_by_name(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera, 0.0)
    for n in range(1, 90):
        Segment.objects.create(
            camera=camera, started_at=NOON + timedelta(seconds=4 * n), duration_s=4.0, clock_source="arrival"
        )
    analysis._backlog_pass_over(camera.pk)
    skipped = Segment.objects.filter(state="skipped")
    kept = Segment.objects.filter(state="pending").order_by("started_at")
    assert (skipped.count(), kept.count()) == (75, 15)
    assert max(s.started_at for s in skipped) < kept[0].started_at
    assert {s.detail for s in skipped} == {"Passed over: more video than this machine can look at."}


def test_a_little_backlog_is_worked_off(camera: Camera) -> None:
    for n in range(70):
        Segment.objects.create(
            camera=camera, started_at=NOON + timedelta(seconds=4 * n), duration_s=4.0, clock_source="arrival"
        )
    analysis._backlog_pass_over(camera.pk)
    assert Segment.objects.filter(state="pending").count() == 70


def test_a_clock_that_was_set_back_begins_anew(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera, 3600.0)
    run_all(camera)
    segment_of(camera, 0.0)
    run_all(camera)
    assert passes() == 2


def test_forgotten_segments_are_found(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera)
    assert cameras_waiting() == [], "its task is on its way"
    Segment.objects.update(created_at=NOON)
    assert cameras_waiting() == [camera.pk]
    soon = datetime.now(NOON.tzinfo) + timedelta(minutes=1)
    CameraFeed.objects.update(analysis_holder="elsewhere:1:1:a", analysis_expires_at=soon)
    assert cameras_waiting() == [], "somebody looks"
