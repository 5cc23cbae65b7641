"""What a Celery worker that `manage.py up` started does beside its tasks: the beat, ending in time, and when stuck."""

import logging
import os
import threading
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from shrink.embedded import stuck

logger = logging.getLogger(__name__)

SUPERVISED = "SHRINK_SUPERVISED"
BEAT = "SHRINK_BEAT"
END_WITHIN_S = 6.0  # less than the supervisor's own patience, and it holds when the supervisor is gone too

_beat: Any = None


def connect() -> None:
    """Connect to Celery's signals, in a supervised worker only."""
    if not os.environ.get(SUPERVISED):
        return
    worker_shutting_down.connect(_end_in_time, weak=False)
    worker_ready.connect(_start_beat, weak=False)
    worker_shutdown.connect(_stop_beat, weak=False)
    stuck.connect()


def _start_beat(sender: Any, **kwargs: Any) -> None:
    """A thread, not Celery's own `-B` process: a killed worker would leave that one behind, beating twice."""
    global _beat
    if not os.environ.get(BEAT):  # asked now: a forked worker learns who it is after this module was imported
        return
    app: Celery = sender.app
    _beat = EmbeddedService(app, thread=True, schedule_filename=app.conf.beat_schedule_filename)
    _beat.start()


def _stop_beat(**kwargs: Any) -> None:
    if _beat is not None:
        _beat.stop()


def _end_in_time(**kwargs: Any) -> None:
    """A task that does not end is cut; its message was not acknowledged and runs again after the next start."""
    timer = threading.Timer(END_WITHIN_S, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    logger.warning("A task is still running after %.0f s; it will run again after the next start", END_WITHIN_S)
    logging.shutdown()
    os._exit(0)
