"""Doors for background work: ids in, one service call."""

import logging

from celery import shared_task
from django.utils import timezone

from lanes.models import Store, Terminal
from pos.models import PosPoll
from pos.services.feed_look import feed_look, feeds_due
from pos.services.grading import feeds_grade
from pos.services.peers import peers_compare
from pos.services.polling import poll_run, polls_due
from pos.services.unknown import held_release

_log = logging.getLogger(__name__)


@shared_task(name="pos.held_release", queue="default", acks_late=True, ignore_result=True)
def release_held(terminal_id: int) -> None:
    """Store what was held of a terminal before it was mapped."""
    terminal = Terminal.objects.filter(pk=terminal_id).first()
    if terminal is not None:
        held_release(terminal=terminal)


@shared_task(name="pos.feeds_look", queue="default", acks_late=True, ignore_result=True)
def look_at_feeds() -> None:
    """Every quarter of a minute: what came since of each till, counted, placed and added up. Each till for itself: what
    fails over one is tried again the next time."""
    for terminal_id in feeds_due():
        try:
            while feed_look(terminal_id=terminal_id, now=timezone.now()):
                pass
        except Exception:
            _log.exception("the feed of terminal %s could not be looked at", terminal_id)


@shared_task(name="pos.feeds_grade", queue="default", acks_late=True, ignore_result=True)
def grade_feeds() -> None:
    """Every ten minutes: what each till's feed is worth."""
    feeds_grade(now=timezone.now())


@shared_task(name="pos.polls_due", queue="default", ignore_result=True)
def queue_polls() -> None:
    """Each provider on its own: one that hangs keeps no other waiting."""
    for poll_id in polls_due(now=timezone.now()):
        run_poll.delay(poll_id)


@shared_task(name="pos.poll_run", queue="default", acks_late=True, ignore_result=True)
def run_poll(poll_id: int) -> None:
    """Ask one provider for what changed."""
    poll = PosPoll.objects.select_related("store").filter(pk=poll_id, enabled=True).first()
    if poll is not None:
        poll_run(poll=poll, now=timezone.now())


@shared_task(name="pos.peers_compare", queue="default", acks_late=True, ignore_result=True)
def compare_peers(store_id: int) -> None:
    """Compare a store's lanes and, where governance allows it, its operators."""
    store = Store.objects.filter(pk=store_id).first()
    if store is not None:
        peers_compare(store=store, now=timezone.now())


@shared_task(name="pos.peers_compare_all", queue="default", ignore_result=True)
def compare_all_peers() -> None:
    """Every store, each as a task of its own."""
    for store_id in Store.objects.values_list("pk", flat=True):
        compare_peers.delay(store_id)
