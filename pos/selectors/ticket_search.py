"""Finding tickets among events. There is no table of tickets: of the events that fit, the last of each ticket stands
for it, newest first, so that a page costs what it shows whatever lies before it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from lanes.models import Store
from pos.domain.events import PosType
from pos.domain.story import ticket_marks
from pos.domain.ticket import STATUS_AFTER, Ticket, TicketStatus, ticket_build
from pos.models import PosEvent
from pos.models.events import COMMON
from pos.selectors.ticket_at import Moment, tickets_around
from pos.selectors.tickets import ticket_event

PAGE = 30
TEXTS_MOST = 50_000
"""Different texts of a store that are looked through: some microseconds each."""
FITTING_MOST = 500
OPERATOR_SPAN = timedelta(days=31)
"""How far back what one person did is searched; an operator's events have no index of their own either."""
OPEN_SPAN = timedelta(days=2)
"""How far back tickets are searched that nothing ended: every ticket has to be asked."""

OPENING = [kind for kind, status in STATUS_AFTER.items() if status == TicketStatus.OPEN]
SAYING: dict[str, PosType] = {status: kind for kind, status in STATUS_AFTER.items() if status != TicketStatus.OPEN}
_TEXTS = """
WITH RECURSIVE texts(text) AS (
  SELECT (SELECT min(description) FROM pos_posevent WHERE store_id = %s AND description > '')
  UNION ALL
  SELECT (
    SELECT min(description) FROM pos_posevent
    WHERE store_id = %s AND description > texts.text
  ) FROM texts WHERE texts.text IS NOT NULL
)
SELECT text FROM texts WHERE text IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class TicketSearch:
    """What is asked for. Everything but ``status`` is about one and the same event of the ticket."""

    text: str = ""
    item: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    operator: str = ""
    type: str = ""
    terminal: int | None = None
    lane: int | None = None
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def about_a_line(self) -> bool:
        amounts = (self.least, self.most) != (None, None)
        return bool(self.text or self.item or self.operator or self.type or amounts)


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list; ``at``: when what was asked for happened at it."""

    ticket: Ticket
    at: datetime
    terminals: list[str]
    lanes: list[str]
    items: int
    marks: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """``mark``: where the next page starts, "" at the end; ``limits``: what was not looked at, in sentences."""

    rows: list[TicketRow] = field(default_factory=list)
    mark: str = ""
    limits: list[str] = field(default_factory=list)


def tickets_found(store: Store, asked: TicketSearch, *, after: str, now: datetime) -> Found:
    """One page of the store's tickets that fit ``asked``, in at most three queries."""
    limits: list[str] = []
    asked = _bounded(asked, now, limits)
    texts = _texts(store, asked.text, limits) if asked.text else []
    if asked.text and not texts:
        return Found(limits=limits)
    anchors = _after(_anchors(_fitting(store, asked, texts), asked), after).order_by("-occurred_at", "-id")
    page = list(anchors.values_list("transaction", "occurred_at", "id")[: PAGE + 1])
    events = tickets_around(store.pk, [Moment(transaction, at) for transaction, at, _ in page[:PAGE]])
    rows = [_row(transaction, at, events.get(transaction, [])) for transaction, at, _ in page[:PAGE]]
    return Found(rows, _mark(page[PAGE - 1]) if len(page) > PAGE else "", limits)


def _bounded(asked: TicketSearch, now: datetime, limits: list[str]) -> TicketSearch:
    """A search about one person, or for what nothing ended, reaches so far back and no further."""
    open_alone = asked.status == TicketStatus.OPEN and not asked.about_a_line
    if not (asked.operator or open_alone):
        return asked
    span = OPEN_SPAN if open_alone else OPERATOR_SPAN
    until = min(asked.until, now) if asked.until else now
    since = max(asked.since, until - span) if asked.since else until - span
    why = "Tickets that nothing ended are" if open_alone else "What one operator did is"
    limits.append(f"{why} searched {span.days} days back at most, from 'To' or from now.")
    return replace(asked, since=since, until=asked.until)


def _fitting(store: Store, asked: TicketSearch, texts: list[str]) -> QuerySet[PosEvent]:
    wanted = Q(store=store) & ~Q(transaction="")
    if asked.text:
        wanted &= Q(description__in=texts)
    if asked.item:
        wanted &= Q(gtin__in=_codes(asked.item))
    if asked.type:
        wanted &= _of_type(asked.type)
    for name, value in (("operator", asked.operator), ("terminal", asked.terminal), ("lane", asked.lane)):
        if value:
            wanted &= Q(**{name: value})
    return PosEvent.objects.filter(wanted & _amounts(asked.least, asked.most))


def _window(asked: TicketSearch) -> Q:
    since = Q(occurred_at__gte=asked.since) if asked.since else Q()
    return since & Q(occurred_at__lt=asked.until) if asked.until else since


def _of_type(kind: str) -> Q:
    """SQLite takes the index of the rarer types only where it reads the index's own condition."""
    return Q(type=kind) if kind in COMMON else Q(type=kind) & ~Q(type__in=COMMON)


def _codes(item: str) -> list[str]:
    """Tills differ in how many zeros they put before a code."""
    bare = item.lstrip("0") or "0"
    return sorted({item, *(bare.zfill(length) for length in (len(bare), 8, 12, 13, 14))})


def _amounts(least: Decimal | None, most: Decimal | None) -> Q:
    """By size alone: a refund of 7.95 is written as 7.95 by one till and as -7.95 by another."""
    if least is None and most is None:
        return Q()
    low, high = least or Decimal(0), most
    if high is None:
        return Q(amount__gte=low) | Q(amount__lte=-low)
    return Q(amount__gte=low, amount__lte=high) | Q(amount__gte=-high, amount__lte=-low)


def _anchors(fitting: QuerySet[PosEvent], asked: TicketSearch) -> QuerySet[PosEvent]:
    """The event that stands for each ticket: the last that fits, or, where only the status is asked for, the one that
    says it (then the index of the rarer types finds it)."""
    if not asked.status:
        return _last_of_each(fitting, asked)
    if asked.status == TicketStatus.OPEN:
        open_again = _of_this_ticket(type__in=OPENING, occurred_at__gt=OuterRef("occurred_at"))
        ended = _of_this_ticket(type__in=SAYING.values()).filter(~Exists(open_again))
        last = _last_of_each(fitting, asked)
        last = last if asked.about_a_line else last.exclude(type__in=SAYING.values())  # cheap, and most of them
        return last.filter(~Exists(ended))
    kind = SAYING[asked.status]
    if not asked.about_a_line:
        return fitting.filter(_window(asked) & _of_type(kind), ~Exists(_overruling(kind)))
    said = _of_this_ticket(type=kind).filter(~Exists(_overruling(kind)))
    return _last_of_each(fitting, asked).filter(Exists(said))


def _of_this_ticket(**wanted: Any) -> QuerySet[PosEvent]:
    return PosEvent.objects.filter(store=OuterRef("store"), transaction=OuterRef("transaction"), **wanted)


def _overruling(kind: PosType) -> QuerySet[PosEvent]:
    """What says later than an event of ``kind`` how its ticket stands."""
    kinds = list(STATUS_AFTER)
    at_once = Q(type__in=kinds[kinds.index(kind) + 1 :]) | Q(type=kind, id__gt=OuterRef("id"))
    later = Q(occurred_at__gt=OuterRef("occurred_at")) | (Q(occurred_at=OuterRef("occurred_at")) & at_once)
    return _of_this_ticket(type__in=kinds).filter(later)


def _last_of_each(fitting: QuerySet[PosEvent], asked: TicketSearch) -> QuerySet[PosEvent]:
    later = Q(occurred_at__gt=OuterRef("occurred_at")) | Q(occurred_at=OuterRef("occurred_at"), id__gt=OuterRef("id"))
    if asked.until:
        # Written so, because SQLite takes a plain "<" for a better way in than the ticket.
        later &= ~Q(occurred_at__gte=asked.until)
    return fitting.filter(_window(asked), ~Exists(fitting.filter(later, transaction=OuterRef("transaction"))))


def _after(anchors: QuerySet[PosEvent], mark: str) -> QuerySet[PosEvent]:
    """What comes after the page that ended at ``mark``; one that is none is no mark."""
    at_text, _, pk = mark.partition("_")
    try:
        at = datetime.fromisoformat(at_text).astimezone(UTC)
        before = Q(occurred_at__lt=at) | Q(occurred_at=at, id__lt=int(pk))
    except (ValueError, OverflowError):
        return anchors
    return anchors.filter(before, occurred_at__lte=at)


def _mark(anchor: tuple[str, datetime, int]) -> str:
    _, at, pk = anchor
    return f"{at.isoformat()}_{pk}"


def _row(transaction: str, at: datetime, events: list[PosEvent]) -> TicketRow:
    ticket = ticket_build(transaction, [ticket_event(event) for event in events])
    return TicketRow(
        ticket=ticket,
        at=at,
        terminals=sorted({event.terminal.code for event in events}),
        lanes=sorted({event.lane.code for event in events}),
        items=sum(line.counts for line in ticket.lines),
        marks=ticket_marks(ticket, [event.type for event in events]),
    )


def _texts(store: Store, wanted: str, limits: list[str]) -> list[str]:
    """The store's own texts that contain ``wanted``, whatever their case."""
    words = wanted.casefold().split()
    known = _texts_of(store)
    found = [text for text in known if all(word in text.casefold() for word in words)]
    if len(known) >= TEXTS_MOST:
        limits.append(f"Only the first {TEXTS_MOST:,} different texts of this store, by the alphabet, were looked at.")
    if len(found) > FITTING_MOST:
        limits.append(f"{len(found):,} different texts fit; the first {FITTING_MOST} are shown. Write more of it.")
    return found[:FITTING_MOST]


def _texts_of(store: Store) -> list[str]:
    """Every different text once. Neither database skips along an index by itself (a DISTINCT reads all events), so
    it is asked for the next text after each."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [store.pk, store.pk, TEXTS_MOST])
        return [text for (text,) in cursor.fetchall()]
