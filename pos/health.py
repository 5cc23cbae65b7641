"""How well each till is heard, for the lists of the map and GET lanes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from lanes.health import HealthItem, HealthLevel
from lanes.models import Lane, Terminal
from pos.domain.events import PosType
from pos.models import FeedGrade, PosEvent

SILENT_AFTER = timedelta(minutes=5)
WORTH_LITTLE = {FeedGrade.Grade.C, FeedGrade.Grade.D}
HEARTBEATS_WITHIN = timedelta(hours=1)  # of the last word: then silence is a fault and not a quiet hour


def tills_health(lanes: Sequence[Lane]) -> dict[int, list[HealthItem]]:
    """``{lane_id: one item per terminal}``, in one query whatever the number of lanes."""
    now = timezone.now()
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    for lane_id, code, heard_at, beats, grade, reasons in _heard(lanes):
        found[lane_id].append(feed_health(till_health(code, heard_at, beats, now), grade, reasons))
    return found


def feed_health(item: HealthItem, grade: str | None, reasons: Sequence[str] | None) -> HealthItem:
    """``item`` of a till that is heard, unless its feed is worth little: then that, with what costs it most."""
    if item.level != HealthLevel.OK or grade not in WORTH_LITTLE or not reasons:
        return item
    more = f" (and {len(reasons) - 1} more: see Feed grades)" if len(reasons) > 1 else ""
    says = f"Till {item.subject}'s feed is graded {grade}. {reasons[0]}{more}"
    return HealthItem(HealthLevel.WARN, item.subject, says, since=item.since)


def till_health(code: str, heard_at: datetime | None, beats: bool, now: datetime) -> HealthItem:
    """``heard_at``: when the server last received an event of the terminal; ``beats``: whether it sends heartbeats."""
    if heard_at is None:
        says = f"Till {code} has not said anything yet: check its key and its address."
        return HealthItem(HealthLevel.WARN, code, says)
    if beats and now - heard_at > SILENT_AFTER:
        says = f"Till {code} sent heartbeats and has fallen silent: check that it is on and reaches this server."
        return HealthItem(HealthLevel.BAD, code, says, since=heard_at)
    return HealthItem(HealthLevel.OK, code, f"Till {code} is heard.", since=heard_at)


def _heard(
    lanes: Sequence[Lane],
) -> Iterable[tuple[int, str, datetime | None, bool, str | None, list[str] | None]]:
    """``(lane_id, code, heard_at, beats, grade, reasons)`` of each terminal."""
    latest = PosEvent.objects.filter(lane=OuterRef("lane_id"), terminal=OuterRef("pk")).order_by("-occurred_at")
    beats = PosEvent.objects.filter(
        lane=OuterRef("lane_id"),
        terminal=OuterRef("pk"),
        type=PosType.HEARTBEAT,
        received_at__gte=OuterRef("heard_at") - HEARTBEATS_WITHIN,
    )
    heard = Terminal.objects.filter(lane__in=lanes).annotate(heard_at=Subquery(latest.values("received_at")[:1]))
    ordered = heard.annotate(beats=Exists(beats)).order_by("lane_id", "code")
    return ordered.values_list("lane_id", "code", "heard_at", "beats", "feed_grade__grade", "feed_grade__reasons")
