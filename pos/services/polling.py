"""Asking a provider for what its webhooks may have lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
from django.conf import settings
from django.db.models import Q

from lanes.domain.instants import BadInstant, instant_read
from pos.adapters.options import OptionsRefused
from pos.domain.addresses import address_problem
from pos.models import PosPoll
from pos.polling.http import PollFailed, client_made
from pos.polling.pages import Page, headers_of, shopify_lists, square_lists
from pos.services.connections import connection_failed, connection_take

RUN_S = 180.0
"""Of one run; after it only the first page of each list is read."""
OVERLAP = timedelta(minutes=10)
"""How late a provider may make a change visible; what comes twice changes nothing."""


def polls_due(*, now: datetime) -> list[int]:
    """Ids of the polls that are on and whose provider did not ask to be left alone."""
    rested = Q(not_before=None) | Q(not_before__lte=now)
    return list(PosPoll.objects.filter(rested, enabled=True).order_by("pk").values_list("pk", flat=True))


def poll_run(*, poll: PosPoll, now: datetime) -> None:
    """Store what changed since the cursor. The cursor moves once everything before it is stored; a failure leaves it
    and is written down, and what was stored meanwhile stays."""
    before = poll.cursor
    try:
        base = _base_checked(poll)
        with client_made(headers_of(poll.provider, poll.access_token)) as client:
            lists = _lists(poll, client, base, before - OVERLAP)
            ends_s = monotonic() + RUN_S
            reached = min(_list_stored(poll, pages, now, ends_s) for pages in lists)
    except (PollFailed, OptionsRefused) as error:
        connection_failed(connection=poll, error=str(error))
        wait = timedelta(seconds=getattr(error, "retry_s", 0))
        PosPoll.objects.filter(pk=poll.pk).update(not_before=now + wait if wait else None)
        return
    PosPoll.objects.filter(pk=poll.pk, cursor=before).update(cursor=max(before, reached), not_before=None)
    PosPoll.objects.filter(pk=poll.pk, received=poll.received).update(last_error="")  # it answers, and has no news


def _base_checked(poll: PosPoll) -> str:
    problem = address_problem(poll.base_url, poll.provider, loopback=settings.DEBUG)
    if problem:
        raise PollFailed(f"The base address cannot be asked. {problem}")
    return poll.base_url.rstrip("/")


def _lists(poll: PosPoll, client: httpx.Client, base: str, since: datetime) -> list[Iterator[Page]]:
    if poll.provider == PosPoll.Provider.SQUARE:
        return square_lists(client, base, poll.locations, since)
    return shopify_lists(client, base, since)


def _list_stored(poll: PosPoll, pages: Iterator[Page], now: datetime, ends_s: float) -> datetime:
    """Store one list; up to when it is complete. Its first page whatever the time: all lists share one cursor, and one
    that is never reached would hold up the others for ever."""
    reached = poll.cursor
    for page in pages:
        if page.items:
            connection_take(connection=poll, kind=poll.provider, document=page.document, now=now)
        reached = now if page.last else _changed_at(page, poll.cursor)
        if monotonic() >= ends_s:
            break
    return reached


def _changed_at(page: Page, otherwise: datetime) -> datetime:
    """Where the next run goes on if this page stays the last that was asked for: at its last change, for the overlap is
    already behind it."""
    try:
        return instant_read(page.changed_at, UTC, otherwise).at + OVERLAP
    except BadInstant:
        return otherwise
