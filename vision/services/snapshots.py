"""A still of each camera for drawing zones on; blurred before it is kept."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from django.conf import settings
from django.db.models import Q

from privacy.domain.blurring import Head, snapshot_blur
from vision.models import CameraFeed, Segment
from vision.pipeline.decode import VideoUnreadable, frames
from vision.pipeline.detector import WeightsUnusable
from vision.pipeline.heads import HeadFinder

EVERY = timedelta(seconds=60)
JPEG_QUALITY = 80
_log = logging.getLogger(__name__)


def snapshots_due(*, now: datetime) -> list[int]:
    """Cameras that give video and whose still is old. Each is answered once per attempt."""
    giving = CameraFeed.objects.filter(state=CameraFeed.State.RUNNING, camera__enabled=True)
    old = giving.filter(Q(snapshot_at=None) | Q(snapshot_at__lte=now - EVERY))
    due = list(old.values_list("camera_id", flat=True))
    CameraFeed.objects.filter(camera__in=due).update(snapshot_at=now)
    return due


def snapshot_take(*, camera_id: int) -> bool:
    """Keeps the first picture of the camera's latest segment, blurred. False where there is none.

    Apart from the looking, which must not wait for it. Where nobody can say where heads are, all becomes a mosaic.
    """
    segment = Segment.objects.filter(camera=camera_id).exclude(path="").order_by("-started_at").first()
    if segment is None or (image := _picture(segment)) is None:
        return False
    done, jpeg = cv2.imencode(".jpg", picture_blurred(image), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if done:
        CameraFeed.objects.filter(camera=camera_id).update(snapshot=jpeg.tobytes(), snapshot_at=segment.started_at)
    return bool(done)


def picture_blurred(image: np.ndarray) -> np.ndarray:
    """`image` (BGR uint8) with every head blurred, or all of it where nobody can say where heads are."""
    return snapshot_blur(image, heads=_heads(image))


def _picture(segment: Segment) -> np.ndarray | None:
    path = Path(settings.DATA_DIR) / segment.path
    try:
        return next(frames(path, 0.0, 1.0, settings.ANALYSED_SIDE)).image
    except (VideoUnreadable, OSError):
        return None


def _heads(image: np.ndarray) -> list[Head] | None:
    try:
        found = _head_finder().find(image)
    except WeightsUnusable:
        return None
    except Exception:
        _log.exception("heads could not be looked for; the still is a mosaic")
        return None
    return [Head((box.x1, box.y1, box.x2, box.y2)) for box in found]


@cache
def _head_finder() -> HeadFinder:
    return HeadFinder(settings.BLUR_DETECTOR, settings.FACE_MODEL)
