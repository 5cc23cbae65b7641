"""A thread in every process that works for this installation: it says that the process lives, and how it is."""

import logging
import os
import shutil
import socket
import threading
from datetime import datetime
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from edge import services

logger = logging.getLogger(__name__)

EVERY_S = 10.0
ROLE = "NODE_ROLE"


def facts() -> dict[str, Any]:
    """Load over one minute, processors, and what is free on the disk that holds DATA_DIR, in bytes."""
    return {
        "load": round(os.getloadavg()[0], 2),
        "cpus": os.cpu_count() or 1,
        "disk_free": shutil.disk_usage(settings.DATA_DIR).free,
    }


class Heartbeat(threading.Thread):
    """Beats until told to stop. A database that is away is tried again at the next beat."""

    def __init__(self, role: str) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.host, self.role, self.pid = socket.gethostname(), role, os.getpid()
        self.started_at: datetime = timezone.now()
        self._stopping = threading.Event()

    def run(self) -> None:
        while True:
            self._guarded(self._say)
            if self._stopping.wait(EVERY_S):
                self._guarded(self._leave)
                return

    def stop(self) -> None:
        self._stopping.set()

    def _say(self) -> None:
        services.node_seen(
            host=self.host, role=self.role, pid=self.pid, started_at=self.started_at, now=timezone.now(), facts=facts()
        )

    def _leave(self) -> None:
        services.node_gone(host=self.host, role=self.role, pid=self.pid)

    def _guarded(self, act: Any) -> None:
        try:
            act()
        except DatabaseError as error:
            logger.warning("The heartbeat of %s was not written: %s", self.role, error)
        finally:
            connection.close()


def connect() -> None:
    """Every Celery worker beats from being ready until it is told to end."""
    worker_ready.connect(_start, weak=False, dispatch_uid="edge.heartbeat.start")
    worker_shutting_down.connect(_stop, weak=False, dispatch_uid="edge.heartbeat.stop")


_of_this_worker: Heartbeat | None = None


def _start(sender: Any = None, **kwargs: Any) -> None:
    global _of_this_worker
    _of_this_worker = Heartbeat(os.environ.get(ROLE) or str(sender.hostname).split("@")[0])
    _of_this_worker.start()


def _stop(**kwargs: Any) -> None:
    if _of_this_worker is not None:
        _of_this_worker.stop()
