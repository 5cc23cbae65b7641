"""The state of a camera's stream."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from lanes.holders import holder_new
from lanes.models import Camera
from tests.factories.stores import SmallStore
from tests.integration.vision.conftest import NOON, switch_on
from vision.capture.faults import SourceFault, Trouble
from vision.models import CameraFeed, VisualEvent
from vision.services.feeds import BACKOFF_S, backoff_s, feed_begin, feed_failed, feed_running, feeds_due

S = timedelta(seconds=1)
HOLDER = "elsewhere:1:1:a"


def feed(camera: Camera) -> CameraFeed:
    return CameraFeed.objects.get(camera=camera)


def held(camera: Camera) -> None:
    CameraFeed.objects.filter(camera=camera).update(lease_holder=HOLDER, lease_expires_at=NOON + 3600 * S)


def running(camera: Camera, now=NOON) -> bool:
    held(camera)
    return feed_running(camera=camera, holder=HOLDER, began_at=now - 2 * S, clock_source="rtcp", now=now)


def test_only_cameras_that_are_switched_on_are_due_and_each_once(shop: SmallStore) -> None:
    on = switch_on(shop.cameras[0])
    assert feeds_due(now=NOON) == [on.pk]
    assert feeds_due(now=NOON + 2 * S) == [], "it is queued already"
    assert feeds_due(now=NOON + 30 * S) == [on.pk], "nobody began it"


def test_a_camera_gets_its_feed_by_itself(shop: SmallStore) -> None:
    camera = switch_on(shop.cameras[0])
    CameraFeed.objects.all().delete()
    assert feeds_due(now=NOON) == [camera.pk]


def test_a_camera_that_is_being_pulled_is_not_due(camera: Camera) -> None:
    held(camera)
    assert feeds_due(now=NOON) == []


def test_a_worker_that_dies_while_it_opens_the_stream_is_replaced_at_once(camera: Camera) -> None:
    assert feeds_due(now=NOON) == [camera.pk]
    machine = holder_new().split(":")[0]
    CameraFeed.objects.update(lease_holder=holder_new(), lease_expires_at=NOON + 6 * S)
    feed_begin(camera=camera, now=NOON)
    assert feeds_due(now=NOON + S) == [], "it is at it"
    CameraFeed.objects.update(lease_holder=f"{machine}:{os.getpid()}:1:x")  # the number is another process's by now
    assert feeds_due(now=NOON + S) == [camera.pk]


def test_waits_grow_and_are_bounded() -> None:
    waits = [backoff_s(n) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (BACKOFF_S[0], 30.0)


@pytest.mark.parametrize(
    ("trouble", "passing", "ran_before", "state", "why"),
    [
        (Trouble.REFUSED, False, True, "refused", "a password that was changed"),
        (Trouble.REFUSED, True, False, "refused", "an address that never worked"),
        (Trouble.REFUSED, True, True, "lost", "a camera that is restarting"),
        (Trouble.NO_VIDEO, False, False, "no_video", ""),
        (Trouble.TRUNCATED, False, True, "truncated", ""),
        (Trouble.ENDED, False, True, "ended", ""),
    ],
)
def test_what_a_failure_is_called(
    camera: Camera, trouble: Trouble, passing: bool, ran_before: bool, state: str, why: str
) -> None:
    if ran_before:
        running(camera)
    feed_failed(camera_id=camera.pk, fault=SourceFault(trouble, "It says so.", passing=passing), now=NOON)
    assert (feed(camera).state, feed(camera).detail) == (state, "It says so."), why


def test_a_stream_that_ends_and_is_back_at_once_was_never_lost(camera: Camera) -> None:
    running(camera)
    wait = feed_failed(camera_id=camera.pk, fault=SourceFault(Trouble.LOST, "ended"), now=NOON)
    assert (feed(camera).state, wait) == ("running", BACKOFF_S[0])
    feed_failed(camera_id=camera.pk, fault=SourceFault(Trouble.LOST, "ended"), now=NOON + S)
    assert (feed(camera).state, feed(camera).since) == ("lost", NOON + S)
    feed_failed(camera_id=camera.pk, fault=SourceFault(Trouble.LOST, "ended"), now=NOON + 2 * S)
    assert (feed(camera).since, feed(camera).failures) == (NOON + S, 3)
    running(camera, NOON + 9 * S)
    assert (feed(camera).state, feed(camera).failures, feed(camera).detail) == ("running", 0, "")


def test_a_camera_that_stays_away_is_an_event_and_its_return_another(camera: Camera) -> None:
    running(camera)
    for n in range(3):
        feed_failed(camera_id=camera.pk, fault=SourceFault(Trouble.LOST, "gone"), now=NOON + n * S)
    feeds_due(now=NOON + 5 * S)
    assert VisualEvent.objects.count() == 0
    for n in range(3):
        feeds_due(now=NOON + (20 + n) * S)
    running(camera, NOON + 40 * S)
    running(camera, NOON + 42 * S)
    told = list(VisualEvent.objects.values_list("type", "occurred_at"))
    assert told == [("camera_lost", NOON), ("camera_back", NOON + 38 * S)]


def test_a_worker_that_died_makes_the_camera_lost_after_a_while(camera: Camera) -> None:
    """The state still says `running`, as nobody was there to change it."""
    running(camera)
    CameraFeed.objects.update(lease_expires_at=NOON + 6 * S)
    feeds_due(now=NOON + 12 * S)
    assert list(VisualEvent.objects.values_list("type", flat=True)) == ["camera_lost"]


def test_switching_off_ends_it_and_on_begins_anew(camera: Camera) -> None:
    running(camera)
    CameraFeed.objects.update(playback={"path": "a.mp4"})
    Camera.objects.filter(pk=camera.pk).update(enabled=False)
    assert feeds_due(now=NOON + S) == []
    assert (feed(camera).state, feed(camera).playback) == ("off", {})
    feeds_due(now=NOON + 60 * S)
    assert VisualEvent.objects.count() == 0, "a camera that was switched off is not lost"


def test_another_address_is_another_camera(camera: Camera) -> None:
    feed_begin(camera=camera, now=NOON)
    running(camera)
    CameraFeed.objects.update(vision_state=b"x", playback={"path": "a.mp4"}, width=640)
    camera.source = "rtsp://127.0.0.1:1/other"
    camera.save()
    feed_begin(camera=camera, now=NOON + S)
    now = feed(camera)
    assert (now.state, now.vision_state, now.playback, now.width, now.source) == (
        "connecting", None, {}, None, camera.source,
    )  # fmt: skip


def test_a_lost_lease_stores_nothing(camera: Camera) -> None:
    held(camera)
    assert not feed_running(camera=camera, holder="elsewhere:9:9:z", began_at=NOON, clock_source="rtcp", now=NOON)
    assert feed(camera).last_segment_at is None
