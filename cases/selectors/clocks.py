"""What is known of lanes' clocks: how they went, when they were set, and how live events arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from cases.domain.clock_chart import Step
from cases.domain.protocol_clock import Arrivals
from cases.models import LaneCheckpoint
from lanes.models import Lane
from pos.models import PosEvent
from privacy.models import AuditEvent
from vision.models import Segment, VisualEvent

LIVE = timedelta(hours=1)
"""Older arrivals say nothing of the clock as it is now."""
ASTRAY = timedelta(hours=3)
"""A clock that far from where it should be is looked for; further away its events are not found."""
LATEST = 100
MOST_S = 4e9
"""A century and more: instants and durations are less, and what is more is no number of seconds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How a witness's live events arrived. `newest`: when the last did."""

    arrivals: Arrivals
    newest: datetime | None


def lane_clock_name(lane: Lane) -> str:
    """Under this name history keeps what happened to the lane's clock."""
    return f"{lane.store.code}/{lane.code}"


def clock_readings(lane: Lane, since: datetime) -> QuerySet[LaneCheckpoint]:
    """Where the clock was, in order of time."""
    known = LaneCheckpoint.objects.filter(lane=lane, until__gte=since, clock_offset_s__isnull=False)
    return known.exclude(clock_sd_s=None).defer("state").order_by("until")


def clock_steps(names: Iterable[str], since: datetime) -> dict[str, list[Step]]:
    """When the tills' clocks were set since then, by lane and in order of time."""
    # What happened after `since` was not written down before it.
    rows = AuditEvent.objects.filter(action="clock.stepped", object_type="lane", object_id__in=list(names))
    found: dict[str, list[Step]] = {}
    for name, at, data in rows.filter(at__gte=since).values_list("object_id", "at", "data"):
        step = Step(_number(data.get("at_s")) or at.timestamp(), _number(data.get("seconds")) or 0.0)
        if step.at >= since.timestamp():
            found.setdefault(name, []).append(step)
    return {name: sorted(steps, key=lambda step: step.at) for name, steps in found.items()}


def pos_heard(lane: Lane, offset_s: float, now: datetime) -> Heard:
    """The lane's tills, looked for around `offset_s`: so far their clock is thought to be from the camera's."""
    centre = now + timedelta(seconds=offset_s)
    rows = PosEvent.objects.filter(lane=lane, occurred_at__gte=centre - ASTRAY, occurred_at__lt=centre + ASTRAY)
    latest = rows.filter(received_at__gte=now - LIVE).order_by("-received_at")[:LATEST]
    told = list(latest.values_list("occurred_at", "received_at", "type", "data"))
    said = (_said(data) for _, _, kind, data in told if kind == "heartbeat")
    return _heard([(at, received) for at, received, _, _ in told], said)


def vision_heard(lane: Lane, now: datetime) -> Heard:
    """The lane's cameras: by the video where it comes to us, for our own eyes take their time; else by the events."""
    rows = VisualEvent.objects.filter(lane=lane, occurred_at__gte=now - ASTRAY, occurred_at__lt=now + ASTRAY)
    latest = rows.filter(received_at__gte=now - LIVE).order_by("-received_at")[:LATEST]
    seen = list(latest.values_list("occurred_at", "received_at", "attributes"))
    spans = _video(lane, now) or [(at, received) for at, received, _ in seen]
    return _heard(spans, (_said(attributes) for _, _, attributes in seen))


def _video(lane: Lane, now: datetime) -> list[tuple[datetime, datetime]]:
    """When the latest video ended and when it was here."""
    rows = Segment.objects.filter(camera__lane=lane, started_at__gte=now - ASTRAY, started_at__lt=now + ASTRAY)
    live = rows.exclude(clock_source=Segment.ClockSource.FILE).filter(created_at__gte=now - LIVE)
    latest = live.order_by("-created_at").values_list("started_at", "duration_s", "created_at")[:LATEST]
    return [(start + timedelta(seconds=seconds), created) for start, seconds, created in latest]


def _heard(spans: Sequence[tuple[datetime, datetime]], said: Iterable[float | None]) -> Heard:
    arrivals = Arrivals(
        tuple((at.timestamp(), received.timestamp()) for at, received in spans),
        next((seconds for seconds in said if seconds is not None), None),
    )
    return Heard(arrivals, max((received.astimezone(UTC) for _, received in spans), default=None))


def _said(told: object) -> float | None:
    return _number(told.get("clock_offset_s")) if isinstance(told, dict) else None


def _number(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_S
    return float(value) if known else None  # type: ignore[arg-type]
