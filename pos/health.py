"""How well each till is heard, for the lists of the map and GET lanes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from lanes.health import HealthItem, HealthLevel
from lanes.models import Lane, Terminal
from pos.domain.events import PosType
from pos.models import PosEvent

SILENT_AFTER = timedelta(minutes=5)
HEARTBEATS_WITHIN = timedelta(hours=1)  # of the last word: then silence is a fault and not a quiet hour


def tills_health(lanes: Sequence[Lane]) -> dict[int, list[HealthItem]]:
    """``{lane_id: one item per terminal}``, in one query whatever the number of lanes."""
    now = timezone.now()
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    for lane_id, code, heard_at, beats in _heard(lanes):
        found[lane_id].append(till_health(code, heard_at, beats, now))
    return found


def till_health(code: str, heard_at: datetime | None, beats: bool, now: datetime) -> HealthItem:
    """``heard_at``: when the server last received an event of the terminal; ``beats``: whether it sends heartbeats."""
    if heard_at is None:
        says = f"Till {code} has not said anything yet: check its key and its address."
        return HealthItem(HealthLevel.WARN, code, says)
    if beats and now - heard_at > SILENT_AFTER:
        says = f"Till {code} sent heartbeats and has fallen silent: check that it is on and reaches this server."
        return HealthItem(HealthLevel.BAD, code, says, since=heard_at)
    return HealthItem(HealthLevel.OK, code, f"Till {code} is heard.", since=heard_at)


def _heard(lanes: Sequence[Lane]) -> Iterable[tuple[int, str, datetime | None, bool]]:
    """``(lane_id, code, heard_at, beats)`` of each terminal."""
    latest = PosEvent.objects.filter(lane=OuterRef("lane_id"), terminal=OuterRef("pk")).order_by("-occurred_at")
    beats = PosEvent.objects.filter(
        lane=OuterRef("lane_id"),
        terminal=OuterRef("pk"),
        type=PosType.HEARTBEAT,
        received_at__gte=OuterRef("heard_at") - HEARTBEATS_WITHIN,
    )
    heard = Terminal.objects.filter(lane__in=lanes).annotate(heard_at=Subquery(latest.values("received_at")[:1]))
    ordered = heard.annotate(beats=Exists(beats)).order_by("lane_id", "code")
    return ordered.values_list("lane_id", "code", "heard_at", "beats")
