"""Looking at a terminal's feed after something came: counted, its tickets placed, the missing and the wrong ones found.

What is said in the end depends on the events alone, not on the order, the number or the size of the batches in which
they came: whatever a batch touched is worked out anew from all that is stored around it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from lanes.models import Terminal
from pos.domain.sequence import ticket_number
from pos.models import FeedDay, FeedMark, FeedTicket, PosEvent
from pos.selectors.told import ROUND, ToldTicket, tickets_among, tickets_told
from pos.services.missing import missing_follow
from pos.services.quarantine import quarantine_follow, quarantine_weigh
from pos.signals import pos_gaps_changed

MARKS_AT_ONCE = 5
"""Batches of a thousand events at most: the database is held no longer than a batch holds it."""
COUNTED = ("sent", "duplicates", "refused", "zone_assumed", "whole_seconds", "whole_minutes")
PLACED = ("ends_at", "series", "number", "events", "adds_up", "came_first_at", "came_last_at")


def feeds_due() -> list[int]:
    """The terminals of which something came that nobody has looked at."""
    return sorted(set(FeedMark.objects.values_list("terminal_id", flat=True).distinct()))


def feed_look(*, terminal_id: int, now: datetime) -> bool:
    """Look at what came of a terminal. Whether there is more to look at now. Another who looks at it, or at a till that
    had a part in its tickets, is not waited for: the marks stay for the next time."""
    with transaction.atomic():
        terminal = _locked([terminal_id]).get(terminal_id)
        marks = list(FeedMark.objects.filter(terminal=terminal_id).order_by("pk")[:MARKS_AT_ONCE])
        if terminal is None or not marks:
            return False
        stretches = [_told(terminal, stretch) for stretch in _stretches(marks)]
        involved = _tills(stretches) | {terminal_id}
        tills = {terminal_id: terminal} | _locked(involved - {terminal_id})
        if len(involved) > 1:  # what the others' looks stored meanwhile
            stretches = [_told(terminal, stretch) for stretch in _stretches(marks)]
        if not _tills(stretches) | involved <= tills.keys():
            return False
        _days_count(terminal, marks)
        changed = [one for told in stretches for one in _follow(tills, told, now)]
        FeedMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
        for lane_id, earliest in sorted(_earliest(changed).items()):
            pos_gaps_changed.send(sender=Terminal, lane_ids=[lane_id], earliest=earliest)
    return len(marks) == MARKS_AT_ONCE


def _locked(terminal_ids: Collection[int]) -> dict[int, Terminal]:
    """Of these terminals those that nobody else looks at, held until the transaction ends."""
    if not terminal_ids:
        return {}
    free = Terminal.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("store")
    return {terminal.pk: terminal for terminal in free.filter(pk__in=terminal_ids).order_by("pk")}


def _tills(stretches: Sequence[Sequence[ToldTicket]]) -> set[int]:
    return {event.terminal_id for told in stretches for ticket in told for event in ticket.events}


def _follow(tills: Mapping[int, Terminal], told: Sequence[ToldTicket], now: datetime) -> list[tuple[int, datetime]]:
    """Place these tickets at each till that rang at them; what changed with that, by lane."""
    rang = [tills[terminal_id] for terminal_id in sorted(_tills([told]))]
    changed = []
    for terminal in rang:
        changed += missing_follow(terminal=terminal, touched=_tickets_place(terminal, told), now=now)
    if rang:
        changed += quarantine_follow(store=rang[0].store, told=told, now=now)
    for terminal in rang:
        changed += quarantine_weigh(terminal=terminal, told=told)
    return changed


def _earliest(changed: Sequence[tuple[int, datetime]]) -> dict[int, datetime]:
    """By lane, from when on something changed."""
    earliest: dict[int, datetime] = {}
    for lane_id, at in changed:
        earliest[lane_id] = min(at, earliest.get(lane_id, at))
    return earliest


def _days_count(terminal: Terminal, marks: Sequence[FeedMark]) -> None:
    for day, some in groupby(sorted(marks, key=_day), key=_day):
        told = list(some)
        last_at = max(mark.received_at for mark in told)
        row, _ = FeedDay.objects.get_or_create(terminal=terminal, day=day, defaults={"last_at": last_at})
        more = {name: F(name) + sum(getattr(mark, name) for mark in told) for name in COUNTED}
        FeedDay.objects.filter(pk=row.pk).update(**more, last_at=Greatest("last_at", last_at))


def _day(mark: FeedMark) -> date:
    return mark.received_at.date()


def _stretches(marks: Sequence[FeedMark]) -> list[list[FeedMark]]:
    """The marks of tickets, those together whose surroundings touch."""
    stretches: list[list[FeedMark]] = []
    until = None
    for earliest, latest, mark in sorted(_lying(marks), key=lambda found: found[:2]):
        if until is None or earliest - until > 2 * ROUND:
            stretches.append([])
        stretches[-1].append(mark)
        until = latest if until is None else max(until, latest)
    return stretches


def _lying(marks: Sequence[FeedMark]) -> Iterator[tuple[datetime, datetime, FeedMark]]:
    for mark in marks:
        if mark.transactions and mark.earliest_at is not None and mark.latest_at is not None:
            yield mark.earliest_at, mark.latest_at, mark


def _told(terminal: Terminal, marks: Sequence[FeedMark]) -> list[ToldTicket]:
    """The tickets that the batches touched, whole, from all tills of the store that had a part in them."""
    names = {name for mark in marks for name in mark.transactions}
    found = [(earliest, latest) for earliest, latest, _ in _lying(marks)]
    return tickets_told(terminal.store, names, min(a for a, _ in found), max(b for _, b in found))


def _tickets_place(terminal: Terminal, told: Sequence[ToldTicket]) -> list[datetime]:
    """Write down where these tickets lie; gives the instants at which a ticket is new, another, or gone."""
    placed = {(row.transaction, row.starts_at): row for ticket in told for row in _placed(terminal, ticket)}
    known = {(row.transaction, row.starts_at): row for row in _known(terminal, told)}
    new = [row for key, row in placed.items() if key not in known]
    moved = [row for key, row in placed.items() if key in known and _differs(row, known[key])]
    gone = [row for key, row in known.items() if key not in placed]
    for row in moved:
        row.pk = known[row.transaction, row.starts_at].pk
    FeedTicket.objects.filter(pk__in=[row.pk for row in gone]).delete()
    FeedTicket.objects.bulk_update(moved, PLACED, batch_size=200)
    FeedTicket.objects.bulk_create(new)
    return [row.starts_at for row in (*new, *_telling(terminal, moved, known), *gone)]


def _known(terminal: Terminal, told: Sequence[ToldTicket]) -> list[FeedTicket]:
    """What was written down of these tickets, or of parts of them."""
    return tickets_among(FeedTicket.objects.filter(terminal=terminal), told)


def _placed(terminal: Terminal, ticket: ToldTicket) -> list[FeedTicket]:
    """The part of the ticket that was rung at this terminal."""
    events = [event for event in ticket.events if event.terminal_id == terminal.pk]
    if not events:
        return []
    series, number = _number(ticket.transaction, events)
    return [
        FeedTicket(
            terminal=terminal,
            transaction=ticket.transaction,
            series=series,
            number=number,
            starts_at=events[0].occurred_at,
            ends_at=events[-1].occurred_at,
            events=len(events),
            adds_up=None if ticket.reckoning is None else not ticket.reckoning.reason,
            came_first_at=min(event.received_at for event in events),
            came_last_at=max(event.received_at for event in events),
        )
    ]


def _number(transaction: str, events: Sequence[PosEvent]) -> tuple[str, int | None]:
    counters = [event.data["sequence"] for event in events if _has_counter(event.data)]
    return ticket_number(transaction, counters[0] if counters else None) or ("", None)


def _has_counter(data: object) -> bool:
    return isinstance(data, Mapping) and ticket_number("", data.get("sequence")) is not None


def _telling(
    terminal: Terminal, moved: Sequence[FeedTicket], known: Mapping[tuple[str, datetime], FeedTicket]
) -> list[FeedTicket]:
    """Of the tickets that grew those that may change what is missing: a till's latest, which grows all the time, does
    not, unless it gets its number only now."""
    if not moved:
        return []
    starts = FeedTicket.objects.filter(terminal=terminal).order_by("-starts_at").values_list("starts_at", flat=True)
    latest = starts.first()
    numbered = {key: (row.series, row.number) for key, row in known.items()}
    return [
        row
        for row in moved
        if row.starts_at != latest or numbered[row.transaction, row.starts_at] != (row.series, row.number)
    ]


def _differs(row: FeedTicket, other: FeedTicket) -> bool:
    return any(getattr(row, name) != getattr(other, name) for name in PLACED)
