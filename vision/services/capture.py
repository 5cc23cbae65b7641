"""One worker pulling one camera for as long as it holds the lease on it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import av
from django.utils import timezone

from lanes.holders import holder_new
from lanes.models import Camera
from vision.capture.faults import SourceFault, Trouble
from vision.capture.pull import Pull
from vision.capture.source import Opened
from vision.capture.writing import segment_mark_read
from vision.models import Segment
from vision.services import leases
from vision.services.feeds import feed_begin, feed_connected, feed_failed, feed_playback
from vision.services.segments import segment_folder, segment_store, segments_adopt

LEASE_S = 6.0
RENEW_S = 1.5
# A longer wait is spent without a worker; the lease is given back until then.
WAIT_HERE_S = 2.0
_log = logging.getLogger(__name__)


def camera_capture(*, camera_id: int, stopping: threading.Event) -> None:
    """Pull the camera until it is switched off or changed, its source fails for longer, or `stopping` is set.

    Returns at once where another worker has it.
    """
    camera = Camera.objects.select_related("store").filter(pk=camera_id, enabled=True).first()
    holder = holder_new()
    if camera is None or not leases.lease_take(
        camera_id=camera_id, work="lease", holder=holder, for_s=LEASE_S, now=timezone.now()
    ):
        return
    try:
        _Capture(camera, holder, stopping).run()
    finally:
        leases.lease_free(camera_id=camera_id, work="lease", holder=holder)


class _Capture:
    """The keeper of one pull: keeps the lease alive while the pull goes on."""

    def __init__(self, camera: Camera, holder: str, stopping: threading.Event) -> None:
        self._camera, self._holder, self._stopping = camera, holder, stopping
        self._renew_at = time.monotonic() + RENEW_S
        self._mine = True

    def run(self) -> None:
        feed = feed_begin(camera=self._camera, now=timezone.now())
        segments_adopt(camera=self._camera, now=timezone.now())
        last = Segment.objects.filter(camera=self._camera).order_by("-started_at").first()
        pull = Pull(
            self._camera.source,
            segment_folder(self._camera),
            keeper=self,
            stored_until=(last.started_at + timedelta(seconds=last.duration_s)).timestamp() if last else None,
            stored_mark=segment_mark_read(Path(last.path).name) if last else "",
            kept=feed.playback,
        )
        while self.going_on():
            fault = self._attempt(pull)
            if fault is None:
                return
            wait = feed_failed(camera_id=self._camera.pk, fault=fault, now=timezone.now())
            wait = max(wait, pull.ahead_s)
            if wait > WAIT_HERE_S or not self._waited(wait):
                return

    def _attempt(self, pull: Pull) -> SourceFault | None:
        """Pull until it ends; None where it was ended from here."""
        try:
            for file in pull.segments():
                stored = self._mine and segment_store(
                    camera=self._camera, holder=self._holder, file=file, now=timezone.now()
                )
                if not stored:
                    self._mine = False
                    file.path.unlink(missing_ok=True)
                    return None
        except SourceFault as fault:
            return fault
        except av.error.FFmpegError as error:
            _log.exception("camera %s: its packets cannot be written as a file", self._camera)
            return SourceFault(Trouble.NO_VIDEO, f"Its video cannot be cut into files: {error.strerror or error}.")
        except OSError as error:
            _log.exception("camera %s: a segment could not be written", self._camera)
            return SourceFault(Trouble.LOST, f"Its video cannot be written to disk: {error.strerror or error}.")
        return None

    def _waited(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self.going_on() or self._stopping.wait(min(left, 0.25)):
                return False
        return True

    def going_on(self) -> bool:
        if self._mine and time.monotonic() >= self._renew_at:
            self._renew_at = time.monotonic() + RENEW_S
            self._mine = leases.lease_renew(
                camera_id=self._camera.pk,
                work="lease",
                holder=self._holder,
                for_s=LEASE_S,
                now=timezone.now(),
                source=self._camera.source,
            )
        return self._mine and not self._stopping.is_set()

    def connected(self, opened: Opened) -> None:
        feed_connected(camera_id=self._camera.pk, opened=opened)

    def playback_keep(self, kept: Mapping[str, object]) -> None:
        feed_playback(camera_id=self._camera.pk, kept=kept)
