"""The stills that zones are drawn on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest

from lanes.models import Camera
from lanes.snapshots import snapshot_of
from tests.integration.vision.conftest import NOON
from vision.models import CameraFeed, Segment
from vision.services.snapshots import _head_finder, snapshot_take, snapshots_due


@pytest.fixture(autouse=True)
def nobody_knows_heads(settings: Any) -> None:
    settings.BLUR_DETECTOR = "/nowhere"
    _head_finder.cache_clear()


def test_where_nobody_knows_heads_the_still_is_a_mosaic(camera: Camera, segment_of: Callable[..., Segment]) -> None:
    segment_of(camera)
    assert snapshot_take(camera_id=camera.pk)
    snapshot = snapshot_of(camera)
    assert snapshot is not None and snapshot.taken_at == NOON
    still = cv2.imdecode(np.frombuffer(snapshot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert still.shape == (360, 640, 3)
    assert np.ptp(still[100:108, 100:108].astype(int), axis=(0, 1)).max() < 10, "blocks, not the belt's own grain"


@pytest.mark.parametrize("content", [None, b"no video at all"], ids=["no file", "no video"])
def test_without_a_picture_the_old_one_stays(
    camera: Camera, segment_of: Callable[..., Segment], content: bytes | None
) -> None:
    CameraFeed.objects.update(snapshot=b"old")
    segment = segment_of(camera, content=content)
    if content is None:
        Segment.objects.filter(pk=segment.pk).update(path="segments/gone.mp4")
    assert not snapshot_take(camera_id=camera.pk)
    assert bytes(CameraFeed.objects.get().snapshot or b"") == b"old"


def test_once_a_minute_and_only_while_video_comes(camera: Camera) -> None:
    assert snapshots_due(now=NOON) == []
    CameraFeed.objects.update(state="running")
    asked = [bool(snapshots_due(now=NOON + timedelta(seconds=s))) for s in (0, 2, 59, 60, 61)]
    assert asked == [True, False, False, True, False]
