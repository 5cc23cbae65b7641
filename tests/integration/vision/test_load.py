"""More video than machine, from waiting segments to what people read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from lanes.health import HealthLevel, health_of
from lanes.models import Camera
from privacy.models import AuditEvent
from tests.factories.stores import SmallStore
from tests.integration.vision.conftest import NOON, switch_on
from vision.models import AnalysisLoad, CameraFeed, Segment
from vision.selectors import visual_gaps
from vision.services.analysis import camera_analyse
from vision.services.load import load_watch

SegmentOf = Callable[..., Segment]


@pytest.fixture
def two(camera: Camera, shop: SmallStore) -> tuple[Camera, Camera]:
    """Two cameras that give video; the second matters less."""
    other = switch_on(shop.cameras[1])
    Camera.objects.filter(pk=other.pk).update(priority=2)
    CameraFeed.objects.update(state="running")
    return camera, other


def waiting(segment_of: SegmentOf, camera: Camera, at_s: float, since_s: float) -> Segment:
    segment = segment_of(camera, at_s)
    Segment.objects.filter(pk=segment.pk).update(created_at=timezone.now() - timedelta(seconds=since_s))
    return segment


def watch_for(seconds: float, begin: datetime) -> list[int]:
    steps = []
    for number in range(int(seconds / 2)):
        steps.append(load_watch(now=begin + timedelta(seconds=2 * number)).state["step"])
    return sorted(set(steps))


def test_late_video_is_looked_at_with_fewer_pictures(two: tuple[Camera, Camera], segment_of: SegmentOf) -> None:
    camera, _ = two
    waiting(segment_of, camera, 0.0, 20.0)
    load_watch(now=timezone.now())
    camera_analyse(camera_id=camera.pk)
    segment = Segment.objects.get()
    assert (segment.state, segment.report["fps"], segment.report["decoded"]) == ("analysed", 7.0, 28)
    said = [item for item in health_of(camera.lane) if "More video" in item.sentence]
    assert [(item.level, item.subject) for item in said] == [(HealthLevel.WARN, camera.code)]
    event = AuditEvent.objects.get(action="vision.degraded")
    assert "7 instead of 10" in event.reason
    assert (event.data["step"], event.data["resting"]) == (1, [])


def test_at_last_the_camera_that_matters_least_rests_by_name(two: tuple[Camera, Camera], segment_of: SegmentOf) -> None:
    camera, other = two
    waiting(segment_of, camera, 0.0, 20.0)
    segment_of(other, 0.0)
    now = timezone.now()
    assert watch_for(80.0, now) == [1, 2, 3], "one camera is always looked at"
    assert AnalysisLoad.objects.get().resting == [other.pk]
    for one in two:
        camera_analyse(camera_id=one.pk)
    skipped = Segment.objects.get(camera=other)
    assert (skipped.state, Segment.objects.get(camera=camera).state) == ("skipped", "analysed")
    assert skipped.detail.startswith("This camera rests. More video than this machine can look at")
    [worst, *_] = health_of(other.lane)
    assert (worst.level, worst.sentence) == (HealthLevel.BAD, skipped.detail)
    segment_of(other, 4.0)
    camera_analyse(camera_id=other.pk)
    gaps = visual_gaps(other.lane, NOON, NOON + timedelta(seconds=8))
    assert [gap.reason for gap in gaps] == [skipped.detail], "no silent hole"


def test_it_ends_when_video_is_in_time_again(two: tuple[Camera, Camera], segment_of: SegmentOf) -> None:
    late = waiting(segment_of, two[0], 0.0, 20.0)
    now = timezone.now()
    watch_for(80.0, now)
    late.delete()
    assert watch_for(400.0, now + timedelta(seconds=80))[0] == 0
    assert AnalysisLoad.objects.get().sentence == ""
    assert AuditEvent.objects.filter(action="vision.recovered").count() == 3
    assert AuditEvent.objects.filter(action="vision.recovered").first().reason


def test_what_a_resting_camera_has_waiting_keeps_nobody_late(two: tuple[Camera, Camera], segment_of: SegmentOf) -> None:
    load_watch(now=timezone.now())
    AnalysisLoad.objects.update(resting=[two[1].pk], state={"step": 3, "changed_at": 0.0})
    waiting(segment_of, two[1], 0.0, 500.0)
    assert load_watch(now=timezone.now()).waits_s == 0.0
