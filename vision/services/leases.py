"""Who works on a camera: one holder at a time, taken and kept by conditional updates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q

from lanes.holders import holder_gone
from vision.models import CameraFeed

Work = Literal["lease", "analysis"]


def lease_take(*, camera_id: int, work: Work, holder: str, for_s: float, now: datetime) -> bool:
    """Take `work` on a camera if nobody has it, or whoever had it is gone. Of two who try, one gets True."""
    held = CameraFeed.objects.filter(camera_id=camera_id).values_list(f"{work}_holder", flat=True).first()
    free = Q(**{f"{work}_holder": ""}) | Q(**{f"{work}_expires_at__lte": now})
    if held and holder_gone(held):
        free |= Q(**{f"{work}_holder": held})
    taken = CameraFeed.objects.filter(free, camera_id=camera_id).update(
        **{f"{work}_holder": holder, f"{work}_expires_at": now + timedelta(seconds=for_s)}
    )
    return taken == 1


def lease_renew(*, camera_id: int, work: Work, holder: str, for_s: float, now: datetime, source: str = "") -> bool:
    """False where the lease is another's by now, the camera was switched off, or no longer has `source`."""
    mine = CameraFeed.objects.filter(**{f"{work}_holder": holder}, camera_id=camera_id, camera__enabled=True)
    if source:
        mine = mine.filter(camera__source=source)
    return mine.update(**{f"{work}_expires_at": now + timedelta(seconds=for_s)}) == 1


def lease_free(*, camera_id: int, work: Work, holder: str) -> None:
    """Give the lease back; does nothing where it is another's."""
    CameraFeed.objects.filter(**{f"{work}_holder": holder}, camera_id=camera_id).update(
        **{f"{work}_holder": "", f"{work}_expires_at": None}
    )
