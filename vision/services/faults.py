"""What was wrong with a camera: written down with a picture as it begins and ends, and told as an event of the lane."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
from django.conf import settings
from django.db import transaction

from lanes.models import Camera
from privacy.audit import audit_record
from vision.domain.camera_faults import FaultChange, fault_sentence
from vision.domain.types import VisualEventDraft, VisualType
from vision.models import CameraDay, CameraFault, CameraFeed, Segment, VisualEvent
from vision.pipeline.decode import VideoUnreadable, frames
from vision.pipeline.picture import PictureState, drift_of
from vision.services.events import visual_drafts_record
from vision.services.snapshots import JPEG_QUALITY, picture_blurred
from vision.signals import camera_fault_told

PICTURES_KEPT = timedelta(days=30)
ROWS_KEPT = timedelta(days=400)
NEAR = timedelta(seconds=90)
SHOWS_AFTER = timedelta(seconds=3)


def faults_record(*, camera: Camera, changes: Iterable[FaultChange], now: datetime) -> None:
    """In the caller's transaction. What was written down before is left alone: video may be looked at again."""
    for change in changes:
        if change.begins:
            _begin(camera, change, now)
        else:
            _end(camera, change, now)


def faults_close(*, camera: Camera, now: datetime) -> int:
    """Nothing is known any more of what lasted: the camera was switched off, or its zones were drawn anew."""
    return CameraFault.objects.filter(camera=camera, ended_at=None).update(ended_at=now)


def fault_picture_take(*, fault_id: int) -> bool:
    """Keeps what the fault looks like, blurred. False where the video is gone or cannot be read."""
    fault = CameraFault.objects.filter(pk=fault_id, picture=None).first()
    if fault is None or (segment := _segment_at(fault)) is None:
        return False
    path, asked = Path(settings.DATA_DIR) / segment.path, (fault.began_at + SHOWS_AFTER).timestamp()
    try:
        pictures = list(frames(path, segment.started_at.timestamp(), 2.0, settings.ANALYSED_SIDE))
    except (VideoUnreadable, OSError):
        return False
    best = min(pictures, key=lambda frame: abs(frame.at - asked))
    done, jpeg = cv2.imencode(".jpg", picture_blurred(best.image), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    at = datetime.fromtimestamp(best.at, UTC)
    return bool(done) and bool(CameraFault.objects.filter(pk=fault_id).update(picture=jpeg.tobytes(), picture_at=at))


def fault_pictures_expire(*, now: datetime) -> int:
    """Pictures go after thirty days, the rest after a little more than a year. Returns how many pictures went."""
    CameraFault.objects.filter(began_at__lte=now - ROWS_KEPT).delete()
    CameraDay.objects.filter(day__lte=(now - ROWS_KEPT).date()).delete()
    old = CameraFault.objects.exclude(picture=None).filter(began_at__lte=now - PICTURES_KEPT)
    return old.update(picture=None, picture_at=None)


def view_accept(*, camera: Camera, actor: Any, now: datetime) -> None:
    """Somebody says that the camera's picture is as it should be: it is got to know anew."""
    with transaction.atomic():
        CameraFeed.objects.filter(camera=camera).update(picture_state=None)
        closed = faults_close(camera=camera, now=now)
        audit_record(
            actor=actor,
            action="camera.view_accepted",
            object_type="camera",
            object_id=f"{camera.store.code}/{camera.code}",
            store_code=camera.store.code,
            reason=f"The picture is as it should be; {closed} faults are closed.",
        )


def days_note(*, now: datetime) -> int:
    """Once an hour: what each camera that gives video is like goes into its day. Returns how many."""
    noted = 0
    feeds = CameraFeed.objects.filter(camera__enabled=True).exclude(picture_state=None).select_related("camera")
    for feed in feeds.iterator(chunk_size=50):
        state = PictureState.from_bytes(feed.picture_state)
        usual = state.faults.usual
        if usual.n and now.timestamp() - state.faults.at <= 3600.0 and not state.faults.told:
            noted += _note(feed, state, now)
    return noted


def _note(feed: CameraFeed, state: PictureState, now: datetime) -> bool:
    day, _ = CameraDay.objects.get_or_create(camera=feed.camera, day=now.date())
    if day.noted_at is not None and now - day.noted_at < timedelta(minutes=50):
        return False
    usual, share = state.faults.usual, 1 / (day.hours + 1)
    day.sharpness += share * (usual.sharpness - day.sharpness)
    day.luma += share * (usual.luma - day.luma)
    day.fps += share * (usual.fps - day.fps)
    day.drift += share * (drift_of(state) - day.drift)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    lost = VisualEvent.objects.filter(camera=feed.camera, type=VisualType.CAMERA_LOST, occurred_at__gte=start)
    day.losses, day.hours, day.noted_at = lost.count(), day.hours + 1, now
    day.save()
    return True


def _begin(camera: Camera, change: FaultChange, now: datetime) -> None:
    kind = change.fault.value
    if CameraFault.objects.filter(camera=camera, kind=kind, ended_at=None).exists():
        return
    fault, made = CameraFault.objects.get_or_create(
        camera=camera,
        kind=kind,
        began_at=_instant(change.since),
        defaults={
            "told_at": now,
            "sentence": fault_sentence(change.fault, change.measured),
            "measured": dict(change.measured),
        },
    )
    if made:
        _tell(camera, change, now)
        camera_fault_told.send(sender=CameraFault, fault_id=fault.pk)


def _end(camera: Camera, change: FaultChange, now: datetime) -> None:
    lasting = CameraFault.objects.filter(camera=camera, kind=change.fault.value, ended_at=None)
    if lasting.update(ended_at=_instant(change.at)):
        _tell(camera, change, now)


def _tell(camera: Camera, change: FaultChange, now: datetime) -> None:
    at = change.since if change.begins else change.at
    phase = "begins" if change.begins else "ends"
    draft = VisualEventDraft(
        type=VisualType.CAMERA_TAMPER,
        at=at,
        confidence=1.0,
        track="",
        path=(),
        attributes={"fault": change.fault.value, "phase": phase},
    )
    name = f"{_instant(at):%Y%m%dT%H%M%S.%f}-camera_tamper-{change.fault}-{phase}"
    visual_drafts_record(camera=camera, drafts=[(name, draft)], received_at=now)


def _segment_at(fault: CameraFault) -> Segment | None:
    """The segment that the fault is seen in, else the last before."""
    near = Segment.objects.filter(camera=fault.camera_id, started_at__gte=fault.began_at - NEAR).exclude(path="")
    return near.filter(started_at__lte=fault.began_at + SHOWS_AFTER).order_by("-started_at").first()


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
