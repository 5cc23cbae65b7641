"""Who works on a camera: one holder at a time, taken and kept by conditional updates."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from django.db.models import Q

from vision.models import CameraFeed

Work = Literal["lease", "analysis"]


def holder_new() -> str:
    """`machine:process:start:random`: unique, and its own machine can tell whether it still runs."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}:{uuid.uuid4().hex[:12]}"


def holder_gone(holder: str) -> bool:
    """True where the holder ran on this machine and no longer does; False where nobody can say."""
    machine, _, rest = holder.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if not started or machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


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


@cache
def _machine() -> str:
    """This boot of this machine and, in it, this name space of process numbers (containers have their own)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return uuid.uuid4().hex[:8]  # nobody but this process can then be told to be gone, and it is not
    return f"{boot}-{space}"


def _started(pid: int) -> str:
    """When a process began, in ticks since boot; empty where there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]
