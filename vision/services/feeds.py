"""The state of a camera's stream: what it is, since when, and when to try again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from lanes.holders import holder_gone
from lanes.models import Camera
from vision.capture.faults import SourceFault, Trouble, source_shown
from vision.capture.source import Opened
from vision.domain.types import VisualEventDraft, VisualType
from vision.models import CameraFeed
from vision.services.events import visual_drafts_record

State = CameraFeed.State
# Before the n-th attempt in a row that brought nothing.
BACKOFF_S = (0.2, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A recording that was played may be replaced by another.
REPLACED_S = 10.0
# A queued task that nobody has begun by then is queued again.
QUEUED_S = 5.0
# Shorter interruptions are no news.
LOST_AFTER_S = 10.0


def backoff_s(failures: int) -> float:
    """`failures`: attempts in a row without one segment, at least 1."""
    return BACKOFF_S[min(failures, len(BACKOFF_S)) - 1]


def feeds_due(*, now: datetime) -> list[int]:
    """Ids of the cameras that should be pulled and are not. Each is answered once per attempt.

    Also closes the books on cameras that were switched off or have gone silent.
    """
    _feeds_made()
    _feeds_switched_off(now)
    _feeds_announce_lost(now)
    due = []
    waiting = CameraFeed.objects.filter(camera__enabled=True).filter(Q(retry_at=None) | Q(retry_at__lte=now))
    for feed in waiting.only("pk", "camera_id", "lease_holder", "lease_expires_at"):
        held = feed.lease_holder and feed.lease_expires_at is not None and feed.lease_expires_at > now
        if not held or holder_gone(feed.lease_holder):
            CameraFeed.objects.filter(pk=feed.pk).update(retry_at=now + timedelta(seconds=QUEUED_S))
            due.append(feed.camera_id)
    return due


def feed_begin(*, camera: Camera, now: datetime) -> CameraFeed:
    """Before the first attempt of a worker, which holds the lease. What was known of another address is forgotten.

    The lease alone says from here on that the camera is seen to: a worker that dies while it still opens the stream
    is replaced at once.
    """
    CameraFeed.objects.filter(camera=camera).update(retry_at=None)
    feed = CameraFeed.objects.get(camera=camera)
    if feed.source != camera.source:
        feed.source, feed.playback, feed.failures = camera.source, {}, 0
        feed.width = feed.height = feed.fps = None
        feed.clock_source, feed.vision_state, feed.last_segment_at = "", None, None
        feed.state, feed.since = State.CONNECTING, now
        feed.save()
    if feed.state == State.OFF:
        _become(feed.camera_id, State.CONNECTING, f"Opening {source_shown(camera.source)}.", now)
    return feed


def feed_connected(*, camera_id: int, opened: Opened) -> None:
    CameraFeed.objects.filter(camera_id=camera_id).update(width=opened.width, height=opened.height, fps=opened.fps)


def feed_playback(*, camera_id: int, kept: Mapping[str, object]) -> None:
    CameraFeed.objects.filter(camera_id=camera_id).update(playback=dict(kept))


def feed_running(*, camera: Camera, holder: str, began_at: datetime, clock_source: str, now: datetime) -> bool:
    """A segment that began at `began_at` came in. False where the lease is no longer the caller's."""
    feed = CameraFeed.objects.filter(camera=camera, lease_holder=holder)
    news = {"last_segment_at": now, "clock_source": clock_source, "failures": 0, "retry_at": None}
    if feed.filter(state=State.RUNNING, detail="", lost_at=None).update(**news):
        return True  # as nearly always: nothing else is new, and one question is enough
    if not feed.update(**news):
        return False
    _become(camera.pk, State.RUNNING, "", now)
    lost = CameraFeed.objects.filter(camera=camera).exclude(lost_at=None)
    if lost.update(lost_at=None):
        _announce(camera, VisualType.CAMERA_BACK, began_at, now)
    return True


def feed_failed(*, camera_id: int, fault: SourceFault, now: datetime) -> float:
    """An attempt ended in `fault`. Returns after how many seconds to try again."""
    feed = CameraFeed.objects.get(camera_id=camera_id)
    state, failures = State(fault.trouble), feed.failures + 1
    if state is State.REFUSED and fault.passing and feed.last_segment_at is not None:
        state = State.LOST  # the address is right: it has given video before
    wait = REPLACED_S if state is State.ENDED else backoff_s(failures)
    CameraFeed.objects.filter(camera_id=camera_id).update(
        failures=0 if state is State.ENDED else F("failures") + 1, retry_at=now + timedelta(seconds=wait)
    )
    if not (fault.trouble is Trouble.LOST and failures == 1):  # a stream that ends and is back at once was not lost
        _become(camera_id, state, str(fault), now)
    return wait


def _become(camera_id: int, state: str, detail: str, now: datetime) -> None:
    """`since` stays while the state does."""
    feed = CameraFeed.objects.filter(camera_id=camera_id)
    if not feed.exclude(state=state).update(state=state, detail=detail[:300], since=now):
        feed.exclude(detail=detail[:300]).update(detail=detail[:300])


def _feeds_made() -> None:
    missing = Camera.objects.filter(enabled=True, feed=None)
    CameraFeed.objects.bulk_create([CameraFeed(camera=camera) for camera in missing], ignore_conflicts=True)


def _feeds_switched_off(now: datetime) -> None:
    """A camera that is switched on again begins anew: a recording plays from its start."""
    CameraFeed.objects.filter(camera__enabled=False).exclude(state=State.OFF).update(
        state=State.OFF, detail="", since=now, failures=0, retry_at=None, playback={}, lost_at=None
    )


def _feeds_announce_lost(now: datetime) -> None:
    """Says once, as an event of the lane, that a camera that was giving video no longer does."""
    silent = CameraFeed.objects.filter(
        camera__enabled=True, lost_at=None, last_segment_at__lte=now - timedelta(seconds=LOST_AFTER_S)
    ).exclude(state=State.ENDED)
    for feed in silent.select_related("camera"):
        since = feed.last_segment_at
        assert since is not None
        if feed.state == State.RUNNING and not _overdue(feed, now):
            continue
        with transaction.atomic():
            if CameraFeed.objects.filter(pk=feed.pk, lost_at=None).update(lost_at=since):
                _announce(feed.camera, VisualType.CAMERA_LOST, since, now)


def _overdue(feed: CameraFeed, now: datetime) -> bool:
    """A running camera with rare key frames gives long segments; only a minute without one is a loss."""
    held = feed.lease_holder and feed.lease_expires_at is not None and feed.lease_expires_at > now
    return not held or feed.last_segment_at is None or now - feed.last_segment_at > timedelta(seconds=60)


def _announce(camera: Camera, type_: VisualType, at: datetime, now: datetime) -> None:
    draft = VisualEventDraft(type=type_, at=at.timestamp(), confidence=1.0, track="", path=())
    visual_drafts_record(camera=camera, drafts=[(f"{type_}-{at:%Y%m%dT%H%M%S.%f}", draft)], received_at=now)


assert {trouble.value for trouble in Trouble} <= set(State.values)
