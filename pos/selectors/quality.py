"""What was seen of the tills' feeds lately, for grading them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Sum

from lanes.models import Store, Terminal
from pos.domain.feed_quality import SPAN, Counts, Feed, SeenTicket
from pos.domain.sequence import NumberedTicket, numbering, till_order
from pos.models import FeedDay, FeedTicket, MissingTickets, QuarantinedTicket

COUNTED = ("sent", "duplicates", "refused", "zone_assumed", "whole_seconds", "whole_minutes")
ONE_DAY = timedelta(days=1)


def feeds_seen(store: Store, now: datetime) -> dict[Terminal, Feed]:
    """The feeds of a store's terminals over the last 24 hours, counts of yesterday and today (UTC), in five queries.

    Terminals that have never been heard are left out.
    """
    since = now - SPAN
    days = _days(store, now.date() - ONE_DAY)
    tickets = _tickets(store, since)
    missing, wrong = _missing(store, since), _quarantined(store, since)
    found: dict[Terminal, Feed] = {}
    for terminal in Terminal.objects.filter(store=store).annotate(heard_at=Max("feed_days__last_at")):
        if terminal.heard_at is None:
            continue
        seen, numbered = tickets.get(terminal.pk, ([], []))
        found[terminal] = Feed(
            declared=terminal.granularity,
            heard_at=terminal.heard_at,
            counts=days.get(terminal.pk, Counts()),
            tickets=seen,
            numbering=numbering(sorted(numbered, key=till_order)),
            missing=missing.get(terminal.pk, 0),
            quarantined=wrong.get(terminal.pk, 0),
        )
    return found


def _days(store: Store, since: date) -> dict[int, Counts]:
    days = FeedDay.objects.filter(terminal__store=store, day__gte=since).order_by()
    sums = days.values_list("terminal_id").annotate(*(Sum(name) for name in COUNTED))
    return {terminal_id: Counts(*counted) for terminal_id, *counted in sums}


def _tickets(store: Store, since: datetime) -> dict[int, tuple[list[SeenTicket], list[NumberedTicket]]]:
    """By terminal, its tickets as they came and those with a number."""
    found: dict[int, tuple[list[SeenTicket], list[NumberedTicket]]] = {}
    for row in FeedTicket.objects.filter(terminal__store=store, starts_at__gte=since).iterator():
        seen, numbered = found.setdefault(row.terminal_id, ([], []))
        seen.append(SeenTicket(row.events, row.starts_at, row.ends_at, row.came_first_at, row.came_last_at))
        if row.number is not None:
            numbered.append(NumberedTicket(row.transaction, row.series, row.number, row.starts_at, row.ends_at))
    return found


def _missing(store: Store, since: datetime) -> Mapping[int, int]:
    rows = MissingTickets.objects.filter(terminal__store=store, closed_at=None, ends_at__gte=since).order_by()
    counted = rows.values("terminal_id").annotate(numbers=Sum(F("last") - F("first") + 1))
    return dict(counted.values_list("terminal_id", "numbers"))


def _quarantined(store: Store, since: datetime) -> Mapping[int, int]:
    rows = QuarantinedTicket.objects.filter(terminal__store=store, released_at=None, ends_at__gte=since).order_by()
    return dict(rows.values("terminal_id").annotate(tickets=Count("pk")).values_list("terminal_id", "tickets"))
