"""One ticket to look at: its receipt, what happened to it event by event, and the tickets it hangs together with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects

from lanes.models import Store
from pos.domain.events import PosType
from pos.domain.story import event_words, line_notes
from pos.domain.ticket import ReceiptLine, Ticket, TicketEvent, ticket_build
from pos.models import PosEvent
from pos.selectors.ticket_at import ticket_events_at
from pos.selectors.tickets import ticket_event
from pos.selectors.told import APART

LINES_MOST = 500
"""Lines of other tickets that name one ticket; more than that is no sale."""
BREAKS = {PosType.TICKET_SUSPEND: "suspended", PosType.TICKET_RESUME: "resumed"}
# What a ticket says of the one it names, and how that one says it.
OUTWARD = {PosType.TICKET_VOID: "Voided by", PosType.TICKET_RESUME: "Continues"}
INWARD = {PosType.TICKET_VOID: "Voids", PosType.TICKET_RESUME: "Continued in"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the receipt. ``look``: struck, quiet, break or "" (see tickets.css)."""

    at: datetime
    text: str
    amount: Decimal | None = None
    notes: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a sentence, at which terminal, by the terminal's own clock."""

    at: datetime
    words: str
    amount: Decimal | None
    terminal: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket and what it has to do with this one; ``known``: whether anything of it is stored; ``at``: near
    which of its name it is."""

    relation: str
    transaction: str
    known: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketPage:
    ticket: Ticket
    terminals: list[str]
    lanes: list[str]
    entries: list[Entry]
    tenders: list[Entry]
    story: list[Told]
    links: list[Linked]
    operators: list[str]


def ticket_page(store: Store, transaction: str, at: datetime | None) -> TicketPage | None:
    """The ticket of this name that was rung nearest to ``at``, or the last, in a fixed number of queries; None where
    nothing of it is stored."""
    events = ticket_events_at(store, transaction, at)
    if not events:
        return None
    prefetch_related_objects(events, "terminal", "lane")
    said = [ticket_event(event) for event in events]
    ticket = ticket_build(transaction, said)
    return TicketPage(
        ticket=ticket,
        terminals=sorted({event.terminal.code for event in events}),
        lanes=sorted({event.lane.code for event in events}),
        entries=_entries(ticket, said),
        tenders=[_tender(t.kind, t.amount, t.occurred_at, t.voided) for t in ticket.tenders],
        story=[
            Told(event.occurred_at, event_words(words), event.amount, event.terminal.code)
            for event, words in zip(events, said, strict=True)
        ],
        links=_links(store, transaction, events),
        operators=sorted({event.operator for event in events} - {""}),
    )


def _entries(ticket: Ticket, events: Iterable[TicketEvent]) -> list[Entry]:
    lines = [_line(line) for line in ticket.lines]
    breaks = [Entry(e.occurred_at, BREAKS[PosType(e.type)], look="break") for e in events if e.type in BREAKS]
    return sorted([*lines, *breaks], key=lambda entry: entry.at)


def _line(line: ReceiptLine) -> Entry:
    look = "struck" if line.voided else "quiet" if line.unmatched else ""
    return Entry(line.occurred_at, line.text, line.amount, ", ".join(line_notes(line)), look)


def _tender(kind: str, amount: Decimal | None, at: datetime, voided: bool) -> Entry:
    words = kind.replace("_", " ").capitalize()
    return Entry(at, words, amount, "struck" if voided else "", "struck" if voided else "")


def _links(store: Store, transaction: str, events: Sequence[PosEvent]) -> list[Linked]:
    began = events[0].occurred_at - APART  # what is earlier names an earlier ticket of this name
    naming = PosEvent.objects.filter(store=store, other_ticket=transaction, occurred_at__gte=began).order_by()
    inward = {
        (INWARD.get(PosType(kind), "Given back in"), name): at
        for name, kind, at in naming.values_list("transaction", "type", "occurred_at")[:LINES_MOST]
        if name not in ("", transaction)
    }
    outward = {
        (OUTWARD.get(PosType(event.type), "Gives back goods of"), event.other_ticket): event.occurred_at
        for event in events
        if event.other_ticket and event.other_ticket != transaction
    }
    named = {name for _, name in outward}
    stored = PosEvent.objects.filter(store=store, transaction__in=named).order_by()
    known = set(stored.values_list("transaction", flat=True).distinct())
    links = [Linked(relation, name, name in known, at) for (relation, name), at in outward.items()]
    links += [Linked(relation, name, True, at) for (relation, name), at in inward.items()]
    return sorted(links, key=lambda link: (link.relation, link.transaction))
