"""Ends a worker one of whose tasks hangs, so that its supervisor starts another and the task runs again.

A thread that waits for ever inside a native library cannot be ended otherwise, and it takes its place in the pool with
it. Watched are the tasks that say how long they may take: `@shared_task(..., stuck_after_s=120)`.
"""

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
STUCK = 70
"""Exit code (EX_SOFTWARE of sysexits.h)."""


class Watch:
    """Which watched tasks run, and until when each may. Times by `clock`, seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._due: dict[str, tuple[str, float]] = {}

    def begins(self, task_id: str, name: str, stuck_after_s: float | None) -> None:
        if stuck_after_s is not None:
            with self._lock:
                self._due[task_id] = (name, self._clock() + stuck_after_s)

    def ends(self, task_id: str) -> None:
        with self._lock:
            self._due.pop(task_id, None)

    def stuck(self) -> list[str]:
        """Names of the tasks that should have ended by now."""
        now = self._clock()
        with self._lock:
            return sorted(name for name, due in self._due.values() if due < now)


def connect() -> None:
    """Watch the tasks of this process from when it is ready."""
    watch = Watch()

    def begins(sender: Any, task_id: str, **kwargs: Any) -> None:
        watch.begins(task_id, sender.name, getattr(sender, "stuck_after_s", None))

    def ends(task_id: str, **kwargs: Any) -> None:
        watch.ends(task_id)

    def starts(**kwargs: Any) -> None:
        threading.Thread(target=_keep_looking, args=(watch,), name="stuck", daemon=True).start()

    task_prerun.connect(begins, weak=False)
    task_postrun.connect(ends, weak=False)
    worker_ready.connect(starts, weak=False)


def _keep_looking(watch: Watch) -> None:
    while not (names := watch.stuck()):
        time.sleep(LOOK_EVERY_S)
    logger.critical("%s does not end: this worker does, and another one takes over", ", ".join(names))
    faulthandler.dump_traceback()
    logging.shutdown()
    os._exit(STUCK)
