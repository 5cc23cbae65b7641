"""Background work with cameras: pulling them on the queue `capture`, looking at what came on `vision`."""

import logging
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from vision.pipeline.openvino_detector import WeightsUnusable
from vision.services import analysis, capture, detectors, faults, feeds, load, segments, shadow, snapshots

CAPTURE, LOOKING = "capture", "vision"
STUCK_S = 2 * analysis.LEASE_S
"""By then another worker has taken the camera over, if there is one with a place free: see shrink/embedded/stuck.py."""
_stopping = threading.Event()
_log = logging.getLogger(__name__)


@worker_shutting_down.connect
def _worker_stops(**kwargs: Any) -> None:
    """A pull would go on for as long as its camera does; told in time, it ends within a second."""
    _stopping.set()


@worker_ready.connect
def _worker_looks(sender: Any, **kwargs: Any) -> None:
    """Who pulled the cameras may have died with the worker before this one: nobody waits for the next tick."""
    queues = sender.app.amqp.queues.consume_from
    if CAPTURE in queues:
        capture_tick.delay()
    if LOOKING in queues:
        _shipped_register()


def _shipped_register() -> None:
    """Without it the shipped weights look all the same, but have no versions."""
    try:
        for name in settings.SHIPPED_DETECTORS:
            detectors.shipped_register(name=name, now=timezone.now())
    except (WeightsUnusable, OSError, DatabaseError) as error:
        _log.warning("the shipped detector could not be registered: %s", error)


# On the queue of those who pull: it never waits behind the looking, which can keep every other worker busy.
@shared_task(name="vision.capture_tick", queue=CAPTURE)
def capture_tick() -> None:
    """Every 2 s: see to it that every camera is pulled."""
    for camera_id in feeds.feeds_due(now=timezone.now()):
        camera_capture.delay(camera_id)


# There too: whoever sees to the load must not wait behind it.
@shared_task(name="vision.analysis_tick", queue=CAPTURE)
def analysis_tick() -> None:
    """Every 2 s: see to it that no segment is forgotten, that every camera has its still, and that video that comes
    faster than it can be looked at is not looked at later and later."""
    load.load_watch(now=timezone.now())
    for camera_id in analysis.cameras_waiting():
        camera_analyse.delay(camera_id)
    for camera_id in snapshots.snapshots_due(now=timezone.now()):
        camera_snapshot.delay(camera_id)


# Acknowledged at once: it runs for days, which no broker waits for. The tick starts it again if its worker dies.
@shared_task(name="vision.camera_capture", queue=CAPTURE, acks_late=False, ignore_result=True)
def camera_capture(camera_id: int) -> None:
    """Pull one camera for as long as it lasts."""
    capture.camera_capture(camera_id=camera_id, stopping=_stopping)


@shared_task(name="vision.camera_analyse", queue=LOOKING, acks_late=True, ignore_result=True, stuck_after_s=STUCK_S)
def camera_analyse(camera_id: int) -> None:
    """Look at what waits of one camera; what does not fit into this turn goes behind the other cameras'."""
    if analysis.camera_analyse(camera_id=camera_id) and not _stopping.is_set():
        camera_analyse.delay(camera_id)


@shared_task(name="vision.camera_snapshot", queue="default", ignore_result=True)
def camera_snapshot(camera_id: int) -> None:
    """Once a minute: a blurred still for drawing zones on."""
    snapshots.snapshot_take(camera_id=camera_id)


@shared_task(name="vision.segments_expire", queue="default")
def segments_expire() -> None:
    """Every minute: raw video past its time goes."""
    segments.segments_expire(now=timezone.now())


@shared_task(name="vision.fault_picture", queue="default", ignore_result=True)
def fault_picture(fault_id: int) -> None:
    """What a camera's fault looks like, blurred."""
    faults.fault_picture_take(fault_id=fault_id)


@shared_task(name="vision.days_note", queue="default", ignore_result=True)
def note_days() -> None:
    """Each hour: what the cameras' pictures are like, for what changes over weeks; what shadows saw long ago goes."""
    faults.days_note(now=timezone.now())
    shadow.shadows_expire(now=timezone.now())
