"""kombu on the durable queue: Celery without a broker.

Used by `BROKER_URL=shrink.embedded.transport:Transport:////path/to/broker.sqlite3` in settings, which a URL that
names a real broker replaces. No fanout, hence no remote control, gossip or mingle.

A task's ETA is kept in the file, not in the worker: it is delivered when it is due, whoever then lives.
"""

import socket
import threading
import time
from datetime import datetime
from functools import cache
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

from shrink.embedded.queue import DurableQueue

POLL_S = 0.025
DRAIN_S = 0.5  # the longest a consumer stays in here, so that a worker told to stop does so at once
RECOVER_S = 3.0

_something_changed = threading.Condition()


@cache
def queue_at(path: str) -> DurableQueue:
    """The one queue object of this process for that file."""
    return DurableQueue(path)


def _wake() -> None:
    with _something_changed:
        _something_changed.notify_all()


def due_at(message: dict[str, Any]) -> float:
    """Unix seconds at which a Celery message wants to be delivered; 0 for at once.

    An ETA that cannot be read counts as none: the worker reads it again and is the one to complain.
    """
    eta = (message.get("headers") or {}).get("eta")
    try:
        return datetime.fromisoformat(eta).timestamp() if eta else 0.0
    except (TypeError, ValueError):
        return 0.0


class Channel(virtual.Channel):
    """One consumer's or producer's view of the queue file."""

    supports_fanout = False
    do_restore = True  # what was delivered and not acknowledged goes back when the channel closes

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._unacknowledged_queues: set[str] = set()

    @property
    def file(self) -> DurableQueue:
        return queue_at(self.connection.path)

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> None:
        if no_ack:
            self._unacknowledged_queues.add(queue)
        super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self.file.acknowledge(message.delivery_tag)
        return message

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        self.file.acknowledge(delivery_tag)
        super().basic_ack(delivery_tag, multiple)
        _wake()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self.file.release(delivery_tag)
        else:
            self.file.acknowledge(delivery_tag)
        self.qos.ack(delivery_tag)
        _wake()

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        self.file.put(queue, message["properties"]["delivery_tag"], dumps(message), due_at(message))
        _wake()

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        taken = self.file.take(queue)
        if taken is None:
            raise Empty
        tag, body = taken
        if queue in self._unacknowledged_queues:
            self.file.acknowledge(tag)
        return loads(body)

    def _restore(self, message: Any) -> None:
        self.file.release(message.delivery_tag)
        _wake()

    def _size(self, queue: str) -> int:
        return self.file.size(queue)

    def _purge(self, queue: str) -> int:
        return self.file.purge(queue)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)


class Transport(virtual.Transport):
    """Polls the file every 25 ms and is woken at once by a put or an acknowledgement in its own process."""

    Channel = Channel
    polling_interval = None  # type: ignore[assignment]
    driver_type = "sqlite"
    driver_name = "sqlite3"

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.path = str(client.transport_options["path"])
        self._recovered_at = float("-inf")

    def driver_version(self) -> str:
        import sqlite3

        return sqlite3.sqlite_version

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Deliver one message or raise `socket.timeout`, as kombu's consumers expect."""
        assert self.cycle is not None
        deadline = time.monotonic() + min(DRAIN_S if timeout is None else timeout, DRAIN_S)
        while True:
            self._recover_now_and_then()
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                with _something_changed:
                    _something_changed.wait(min(left, POLL_S))

    def _recover_now_and_then(self) -> None:
        """At the first drain, which is a worker's boot, and every few seconds: a neighbour may have been killed."""
        if time.monotonic() - self._recovered_at >= RECOVER_S:
            self._recovered_at = time.monotonic()
            queue_at(self.path).recover()


assert socket.timeout is TimeoutError  # what kombu waits for is what is raised above
