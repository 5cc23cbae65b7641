"""Reading what tills said. All instants are the till's own clock."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from lanes.models import Lane
from pos.domain.events import PosType
from pos.domain.gaps import Gap, gap_reported, gaps_merged, silence_allowed, silences
from pos.models import MissingTickets, PosEvent, QuarantinedTicket

RHYTHM_WINDOW = timedelta(hours=1)
AHEAD = timedelta(days=1)


def pos_events_between(lane: Lane, start: datetime, end: datetime) -> QuerySet[PosEvent]:
    """The lane's events with ``start <= occurred_at < end``, in the till's order."""
    return PosEvent.objects.filter(lane=lane, occurred_at__gte=start, occurred_at__lt=end).order_by("occurred_at", "id")


def pos_watermark(lane: Lane) -> datetime | None:
    """The latest instant the lane's tills have spoken of, heartbeats too: they have been heard up to here.

    One event from a wrong clock, days ahead, must not declare everything before
    it heard, so such events count only where there are no others.
    """
    latest = PosEvent.objects.filter(lane=lane).order_by("-occurred_at")
    sane = latest.filter(occurred_at__lte=F("received_at") + AHEAD)
    found = sane.values_list("occurred_at", flat=True).first()
    return found or latest.values_list("occurred_at", flat=True).first()


def pos_gaps(lane: Lane, start: datetime, end: datetime) -> list[Gap]:
    """When the lane's till could not be heard between ``start`` and ``end``, in order, merged, cut to that span.

    Gaps that the feed reported, stretches without any event where heartbeats
    had been regular, and stretches in which tickets were rung that never came;
    after the last event the silence lasts to ``end``. Without regular heartbeats
    silence means nothing. Tickets that do not add up, at a till whose
    tickets mostly do, are ``doubted`` gaps.
    """
    gaps = [*_reported(lane, start), *_silent(lane, start, end), *_tickets(lane, start, end)]
    return [
        replace(gap, starts_at=max(gap.starts_at, start), ends_at=min(gap.ends_at, end))
        for gap in gaps_merged(gaps)
        if gap.ends_at > start and gap.starts_at < end
    ]


def _tickets(lane: Lane, start: datetime, end: datetime) -> list[Gap]:
    """Where tickets are missing, and the tickets in quarantine."""
    within = {"ends_at__gt": start, "starts_at__lt": end}
    missing = MissingTickets.objects.filter(**within, lane=lane, closed_at=None).order_by()
    held = QuarantinedTicket.objects.filter(**within, store=lane.store_id, released_at=None, doubted=True).order_by()
    gaps = [Gap(*row) for row in missing.values_list("starts_at", "ends_at", "sentence")]
    return gaps + [
        Gap(first, last, f"Ticket {row.transaction} does not add up. {row.reason}", doubted=True)
        for row in held
        for lane_id, first, last in row.rung
        if lane_id == lane.pk
    ]


def _reported(lane: Lane, start: datetime) -> list[Gap]:
    events = PosEvent.objects.filter(lane=lane, type=PosType.GAP).order_by("occurred_at")
    return [_gap(event) for event in events if event.occurred_at >= start or _explicit(event)]


def _explicit(event: PosEvent) -> bool:
    """Whether the event says itself how long the gap was; one that does may be sent long after."""
    return _instant(event.data.get("from")) is not None or _seconds(event.data.get("seconds")) is not None


def _gap(event: PosEvent) -> Gap:
    data = event.data
    return gap_reported(
        event.occurred_at,
        _instant(data.get("from")),
        _instant(data.get("to")),
        _seconds(data.get("seconds")),
        None if _explicit(event) else _event_before(event),
    )


def _event_before(event: PosEvent) -> datetime | None:
    earlier = PosEvent.objects.filter(lane_id=event.lane_id, occurred_at__lt=event.occurred_at)
    return earlier.order_by("-occurred_at").values_list("occurred_at", flat=True).first()


def _instant(text: object) -> datetime | None:
    # The ingest wrote it in this form; anything else it flagged as unreadable.
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None
    return min(seconds, timedelta(days=366).total_seconds()) if seconds is not None and seconds >= 0 else None


def _silent(lane: Lane, start: datetime, end: datetime) -> list[Gap]:
    since = start - RHYTHM_WINDOW
    heard = PosEvent.objects.filter(lane=lane, occurred_at__gte=since, occurred_at__lt=end).order_by("occurred_at")
    beats = list(heard.filter(type=PosType.HEARTBEAT).values_list("occurred_at", flat=True))
    allowed = silence_allowed(beats)
    if allowed is None:
        return []
    return silences(list(heard.values_list("occurred_at", flat=True)), allowed, end)
