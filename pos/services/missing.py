"""Which tickets of a terminal are missing, kept up where something changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import QuerySet

from lanes.models import Terminal
from pos.domain.sequence import REACH, Missing, NumberedTicket, missing_still, missing_tickets, till_order
from pos.models import FeedTicket, MissingTickets
from pos.selectors.told import numbers_heard

FAR = timedelta(hours=6)
"""Tickets further apart are looked at each for itself: one that is days late costs no days."""
Changed = list[tuple[int, datetime]]


def missing_follow(*, terminal: Terminal, touched: Sequence[datetime], now: datetime) -> Changed:
    """Make the stored gaps around `touched` say what the tickets there say; gives `(lane_id, since)` of each change."""
    changed: Changed = []
    for first, last in _stretches(touched):
        tickets, start, end = _around(terminal, first, last)
        absent = [gap for gap in missing_tickets(tickets) if start <= gap.ends_at <= end]
        found = [left for gap in absent for left in missing_still(gap, numbers_heard(terminal, gap))]
        changed += _store(terminal, found, start, end, now)
    return changed


def _stretches(touched: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    instants = sorted(touched)
    cuts = [place for place, (a, b) in enumerate(pairwise(instants), start=1) if b - a > FAR]
    for begin, stop in pairwise([0, *cuts, len(instants)]):
        if begin < stop:
            yield instants[begin], instants[stop - 1]


def _around(terminal: Terminal, first: datetime, last: datetime) -> tuple[list[NumberedTicket], datetime, datetime]:
    """The tickets of the stretch with all that bears on them, and from when to when their gaps may have changed."""
    numbered = FeedTicket.objects.filter(terminal=terminal, number__isnull=False)
    before = _numbered(numbered.filter(starts_at__lt=first).order_by("-starts_at")[: 2 * REACH])
    within = _numbered(numbered.filter(starts_at__range=(first, last)))
    after = _numbered(numbered.filter(starts_at__gt=last).order_by("starts_at")[: 2 * REACH])
    start = before[-REACH:][0].starts_at if before else first
    end = after[:REACH][-1].starts_at if after else last
    return [*before, *within, *after], start, end


def _numbered(rows: QuerySet[FeedTicket]) -> list[NumberedTicket]:
    read = rows.values_list("transaction", "series", "number", "starts_at", "ends_at")
    found = (
        NumberedTicket(transaction, series, number, starts_at, ends_at)
        for transaction, series, number, starts_at, ends_at in read
        if number is not None
    )
    return sorted(found, key=till_order)


def _store(terminal: Terminal, found: Sequence[Missing], start: datetime, end: datetime, now: datetime) -> Changed:
    rows = MissingTickets.objects.filter(terminal=terminal, ends_at__range=(start, end))
    known = {(row.series, row.first, row.last, row.ends_at): row for row in rows}
    wanted = {(gap.series, gap.first, gap.last, gap.ends_at): gap for gap in found}
    new = [_row(terminal, gap, now) for key, gap in wanted.items() if key not in known]
    MissingTickets.objects.bulk_create(new)
    again = [known[key] for key in wanted.keys() & known.keys() if _moved(known[key], wanted[key])]
    for row in again:
        gap = wanted[row.series, row.first, row.last, row.ends_at]
        MissingTickets.objects.filter(pk=row.pk).update(starts_at=gap.starts_at, closed_at=None)
        row.starts_at = min(row.starts_at, gap.starts_at)
    over = [row for key, row in known.items() if key not in wanted and row.closed_at is None]
    MissingTickets.objects.filter(pk__in=[row.pk for row in over]).update(closed_at=now)
    return [(row.lane_id, row.starts_at) for row in (*new, *again, *over)]


def _moved(row: MissingTickets, gap: Missing) -> bool:
    return row.closed_at is not None or row.starts_at != gap.starts_at


def _row(terminal: Terminal, gap: Missing, now: datetime) -> MissingTickets:
    return MissingTickets(
        store_id=terminal.store_id,
        lane_id=terminal.lane_id,
        terminal=terminal,
        series=gap.series,
        first=gap.first,
        last=gap.last,
        starts_at=gap.starts_at,
        ends_at=gap.ends_at,
        sentence=gap.sentence(terminal.code),
        found_at=now,
    )
