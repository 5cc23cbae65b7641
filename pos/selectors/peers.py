"""What tickets tell of a store's lanes or operators, for comparing them with their peers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet

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


def doings(*, store: Store, start: datetime, end: datetime, by: str) -> Iterator[Doing]:
    """Every ticket and every no-sale of the store with ``start <= occurred_at < end``; of operators, those named.

    ``by``: PeerComparison.By."""
    zone = ZoneInfo(store.timezone)
    lanes = {lane.pk: lane for lane in Lane.objects.filter(store=store)}
    events = PosEvent.objects.filter(store=store, occurred_at__gte=start, occurred_at__lt=end)
    for row in _rows(events):
        lane = lanes[row["lane_id"]]
        subject = lane.code if by == PeerComparison.By.LANE else row["who"]
        if subject:
            lines = row.get("lines")
            yield Doing(subject, lane.code, lane.kind, row["at"].astimezone(zone), lines, _counts(row))


def _rows(events: QuerySet[PosEvent]) -> Iterator[dict[str, Any]]:
    """One row a ticket, from the database's own counting, then one a no-sale."""
    found = {name: Count("pk", filter=Q(type__in=types)) for name, types in {**COUNTED, **AT_ALL}.items()}
    tickets = events.exclude(transaction="").values("transaction", "lane_id")
    lines = Count("pk", filter=Q(type__in=LINES))
    counted = tickets.annotate(at=Min("occurred_at"), who=Max("operator"), lines=lines, **found).order_by()
    yield from map(dict, counted.iterator())
    for lane_id, at, who in events.filter(type=PosType.NO_SALE).values_list("lane_id", "occurred_at", "operator"):
        yield {"lane_id": lane_id, "at": at, "who": who, "no_sale": 1}


def _counts(row: dict[str, Any]) -> dict[str, int]:
    several = {kind: row[kind] for kind in (*COUNTED, "no_sale") if row.get(kind)}
    return several | {kind: 1 for kind in AT_ALL if row.get(kind)}
