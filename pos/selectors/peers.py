"""What tickets tell of a store's lanes or operators, for comparing them with their peers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from lanes.models import Lane, Store
from pos.domain.events import PosType
from pos.domain.peers.tally import Doing
from pos.models import PeerComparison, PosEvent

LINES = (
    PosType.SCAN,
    PosType.RETURN,
    PosType.DEPOSIT_RETURN,
    PosType.NON_MERCHANDISE,
    PosType.GIFT_CARD_ACTIVATION,
)
COUNTED = {
    "void": (PosType.VOID,),
    "price_override": (PosType.PRICE_OVERRIDE,),
    "discount": (PosType.DISCOUNT,),
}
"""Kinds of which a ticket may have several."""
AT_ALL = {
    "refund": (PosType.REFUND, PosType.RETURN),
    "ticket_void": (PosType.TICKET_VOID,),
    "ticket_cancel": (PosType.TICKET_CANCEL,),
}
"""Kinds that a ticket is or is not."""


Row = dict[str, Any]
Shares = Callable[[Sequence[Row]], Iterator[Row]]


def doings(*, store: Store, start: datetime, end: datetime, by: str) -> Iterator[Doing]:
    """Every ticket and every no-sale of the store with ``start <= occurred_at < end``; of operators, those named.

    A ticket is its operator's who has most of its lines; what others did at it counts for them. ``by``:
    PeerComparison.By."""
    zone = ZoneInfo(store.timezone)
    lanes = {lane.pk: lane for lane in Lane.objects.filter(store=store)}
    events = PosEvent.objects.filter(store=store, occurred_at__gte=start, occurred_at__lt=end)
    shares = _whole if by == PeerComparison.By.LANE else _by_operator
    for row in _shared(events, zone, shares):
        lane = lanes[row["lane_id"]]
        subject = lane.code if by == PeerComparison.By.LANE else row["operator"]
        if subject:
            at = row["at"].astimezone(zone)
            yield Doing(subject, lane.code, lane.kind, at, row.get("lines"), _counts(row), row.get("own", True))


def _shared(events: QuerySet[PosEvent], zone: ZoneInfo, shares: Shares) -> Iterator[Row]:
    """The ``shares`` of each ticket, from the database's own counting, then one row a no-sale.

    A name that comes again on another day is another ticket's: tills count anew, or write one and the same all day.
    """
    found = {name: Count("pk", filter=Q(type__in=types)) for name, types in {**COUNTED, **AT_ALL}.items()}
    dated = events.exclude(transaction="").annotate(day=TruncDate("occurred_at", tzinfo=zone))
    parts: Any = dated.values("transaction", "lane_id", "day", "operator")  # the stubs lose that rows are mappings
    counted = parts.annotate(at=Min("occurred_at"), lines=Count("pk", filter=Q(type__in=LINES)), **found)
    ordered = counted.order_by("transaction", "lane_id", "day", "at", "operator")
    for _, ticket in groupby(ordered.iterator(), itemgetter("transaction", "lane_id", "day")):
        yield from shares(list(ticket))
    for lane_id, at, operator in events.filter(type=PosType.NO_SALE).values_list("lane_id", "occurred_at", "operator"):
        yield {"lane_id": lane_id, "at": at, "operator": operator, "no_sale": 1}


def _whole(parts: Sequence[Row]) -> Iterator[Row]:
    """``parts``: one for each operator of a ticket, by time; together they are the ticket."""
    yield {**parts[0], **{kind: sum(part[kind] for part in parts) for kind in ("lines", *COUNTED, *AT_ALL)}}


def _by_operator(parts: Sequence[Row]) -> Iterator[Row]:
    """What nobody's name is on belongs to the ticket, which is whose most of the named lines are, or who came first."""
    named = [part for part in parts if part["operator"]]
    if not named:
        return
    owner = max(named, key=itemgetter("lines"))
    others = [part for part in named if part is not owner]
    [ticket] = _whole(parts)
    mine = {kind: ticket[kind] - sum(part[kind] for part in others) for kind in (*COUNTED, *AT_ALL)}
    yield {**ticket, **mine, "operator": owner["operator"]}
    for part in others:
        yield {**part, "lines": ticket["lines"], "own": False}


def _counts(row: Row) -> dict[str, int]:
    several = {kind: row[kind] for kind in (*COUNTED, "no_sale") if row.get(kind)}
    return several | {kind: 1 for kind in AT_ALL if row.get(kind)}
