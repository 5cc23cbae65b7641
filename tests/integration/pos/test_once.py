"""Exactly once, whoever sends at the same time, and stored in the transaction or not at all."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from pos.models import FeedDay, FeedMark, FeedTicket, MissingTickets, PosEvent, QuarantinedTicket
from pos.services.feed_look import feed_look, feeds_due
from pos.signals import pos_events_recorded
from tests.factories.lane_day import send
from tests.factories.stores import key_of, small_store
from tests.factories.tills import day_sent, ticket_sent
from tests.integration.pos.test_api import URL, event

SENDERS = 6


@pytest.fixture
def at_once(transactional_db: None) -> Callable[[Callable[[int], object]], list]:
    """Runs a call in several threads that start together, each with its own database connection."""
    barrier = threading.Barrier(SENDERS)

    def one(call: Callable[[int], object], place: int) -> object:
        barrier.wait(20)
        try:
            return call(place)
        finally:
            connections.close_all()

    def run(call: Callable[[int], object]) -> list:
        with ThreadPoolExecutor(SENDERS) as pool:
            return [done.result(60) for done in [pool.submit(one, call, place) for place in range(SENDERS)]]

    return run


def test_the_same_batch_sent_by_six_at_once_is_stored_once(at_once: Callable, transactional_db: None) -> None:
    key = key_of(small_store().store, "pos.write")
    batch = [event(f"e{n}") for n in range(300)]

    def send(place: int) -> dict:
        # Each in another order: two batches that lock the same keys crosswise would block each other.
        turned = batch[place * 50 :] + batch[: place * 50]
        return APIClient(HTTP_AUTHORIZATION=f"Api-Key {key}").post(URL, turned).json()

    replies = at_once(send)
    assert sum(reply["accepted"] for reply in replies) == 300
    assert sum(reply["duplicates"] for reply in replies) == 300 * (SENDERS - 1)
    assert PosEvent.objects.count() == 300


def test_six_who_look_at_a_feed_at_once_count_and_find_once(at_once: Callable, transactional_db: None) -> None:
    shop = small_store()
    client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {key_of(shop.store, 'pos.write')}")
    send(client, "pos", day_sent(8) + ticket_sent(30, total="99.00"))
    send(client, "pos", ticket_sent(30, total="99.00"))
    at_once(lambda _: feed_look(terminal_id=shop.terminals[0].pk, now=timezone.now()))
    day = FeedDay.objects.get()
    assert (day.sent, day.duplicates, FeedMark.objects.count()) == (105, 5, 0)
    assert (MissingTickets.objects.count(), QuarantinedTicket.objects.count()) == (2, 1)


def test_six_who_look_at_two_tills_with_tickets_named_alike_leave_nothing_out(
    at_once: Callable, transactional_db: None
) -> None:
    shop = small_store()
    client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {key_of(shop.store, 'pos.write')}")
    bare = [one | {"transaction": one["transaction"][-4:]} for one in day_sent(8) + ticket_sent(30, total="99.00")]
    send(client, "pos", bare)
    send(client, "pos", [one | {"id": f"b{one['id']}", "terminal": "T2"} for one in bare])
    at_once(lambda place: feed_look(terminal_id=shop.terminals[place % 2].pk, now=timezone.now()))
    for terminal_id in feeds_due():  # who found a till taken left its marks
        feed_look(terminal_id=terminal_id, now=timezone.now())
    assert (FeedMark.objects.count(), FeedTicket.objects.count()) == (0, 40)
    assert (MissingTickets.objects.count(), QuarantinedTicket.objects.count()) == (4, 2)


def test_what_nobody_could_be_told_of_is_not_stored(till: APIClient) -> None:
    def refuse(**_: object) -> None:
        raise RuntimeError("the queue is gone")

    pos_events_recorded.connect(refuse)
    till.raise_request_exception = False
    try:
        reply = till.post(URL, [event()])
    finally:
        pos_events_recorded.disconnect(refuse)
    assert (reply.status_code, reply.headers["content-type"]) == (500, "application/problem+json")
    assert reply.json()["code"] == "internal"
    assert not PosEvent.objects.exists()
