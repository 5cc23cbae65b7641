"""Celery on the configured broker: the embedded one by default, Redis or RabbitMQ where the suite runs on them."""

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.utils import timezone
from kombu import Connection

from shrink.embedded.transport import due_at

pytestmark = pytest.mark.broker
WITHIN_S = 20


@pytest.fixture
def app() -> Celery:
    """An application on the configured broker with a queue that nobody else uses."""
    app = Celery("broker-test", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    app.conf.update(
        broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        task_default_queue=f"test-{uuid.uuid4().hex[:8]}",
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
    )
    return app


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Connection(
        settings.CELERY_BROKER_URL, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS
    ) as connection:
        yield connection


def test_a_task_runs_with_its_arguments(app: Celery) -> None:
    done: dict[int, threading.Event] = {number: threading.Event() for number in range(20)}

    @app.task
    def mark(number: int) -> None:
        done[number].set()

    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=WITHIN_S):
        for number in done:
            mark.delay(number)
        assert [number for number, event in done.items() if not event.wait(WITHIN_S)] == []


def test_a_countdown_holds_a_task_back_while_others_pass(app: Celery) -> None:
    order: list[tuple[str, float]] = []
    both = threading.Semaphore(0)

    @app.task
    def note(name: str) -> None:
        order.append((name, time.time()))
        both.release()

    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=WITHIN_S):
        due = time.time() + 1.5
        note.apply_async(("later",), countdown=1.5)
        note.delay("at once")
        assert both.acquire(timeout=WITHIN_S)
        assert both.acquire(timeout=WITHIN_S)
    assert [name for name, _ in order] == ["at once", "later"]
    assert order[1][1] >= due - 0.1


def test_what_is_not_acknowledged_comes_back_when_the_consumer_goes(connection: Connection) -> None:
    name = f"test-{uuid.uuid4().hex[:8]}"
    with connection.clone() as first:
        queue = first.SimpleQueue(name)
        queue.put({"number": 1})
        assert queue.get(timeout=WITHIN_S).payload == {"number": 1}
        queue.close()
        queue.channel.close()
    with connection.clone() as second:
        queue = second.SimpleQueue(name)
        message = queue.get(timeout=WITHIN_S)
        assert message.payload == {"number": 1}
        message.ack()
        queue.queue.delete()


def test_a_rejected_message_is_dropped_and_a_requeued_one_returns(connection: Connection) -> None:
    queue = connection.SimpleQueue(f"test-{uuid.uuid4().hex[:8]}")
    queue.put("again")
    queue.get(timeout=WITHIN_S).requeue()
    message = queue.get(timeout=WITHIN_S)
    assert message.payload == "again"
    message.reject()
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.3)
    queue.queue.delete()


@pytest.mark.parametrize(
    ("eta", "due", "reason"),
    [
        (None, 0.0, "no ETA: at once"),
        ("2026-11-21T10:00:00+00:00", 1795255200.0, "as Celery writes it"),
        ("soon", 0.0, "unreadable: the worker is the one to complain"),
        (17, 0.0, "not even text"),
    ],
)
def test_when_a_message_is_due(eta: object, due: float, reason: str) -> None:
    assert due_at({"headers": {"eta": eta}}) == due, reason


def test_an_eta_of_the_real_client_is_understood(app: Celery) -> None:
    eta = timezone.now() + timedelta(minutes=5)
    seen: list[float] = []

    @app.task
    def never() -> None: ...

    from celery.signals import before_task_publish

    def look(headers: dict[str, object], **kwargs: object) -> None:
        seen.append(due_at({"headers": headers}))

    before_task_publish.connect(look, weak=False)
    try:
        never.apply_async(eta=eta)
    finally:
        before_task_publish.disconnect(look)
    assert seen == [pytest.approx(eta.timestamp(), abs=0.001)]
