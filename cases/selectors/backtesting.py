"""One day of one lane, as a rule would have judged it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.domain.alignment.types import Clock
from cases.domain.exceptions.backtest import NEAR_S, PastCase
from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.types import Found, Rule
from cases.models import Case, LaneCheckpoint, LaneJudgement
from cases.selectors.facts import Heard, lane_stream
from lanes.models import Lane, Store
from pos.selectors.feed import pos_watermark
from vision.selectors import visual_watermark

DEGRADED_SD_S = 1.0


def day_span(store: Store, day: date) -> tuple[float, float]:
    """The store's own day, with 23 or 25 hours where the clocks change."""
    zone = ZoneInfo(store.timezone)
    begin = datetime.combine(day, time(), zone)
    return begin.timestamp(), datetime.combine(day + timedelta(days=1), time(), zone).timestamp()


def day_found(lane: Lane, rules: list[Rule], start: float, end: float, now: datetime) -> list[Found]:
    """What each of `rules` finds there, on the clock that was known then."""
    clock = _clock(lane, end)
    back, ahead = max(rule.back_s for rule in rules), max(rule.ahead_s for rule in rules)
    pos_until, vision_until = pos_watermark(lane), visual_watermark(lane)
    heard = Heard(
        pos_until.timestamp() - clock.offset_s if pos_until else None,
        vision_until.timestamp() if vision_until else None,
        now.timestamp(),
    )
    stream = lane_stream(lane, rules, start - back, end + ahead, clock, heard)
    return [rule_findings(rule, stream, start, end) for rule in rules]


def past_cases(lane: Lane, start: float, end: float) -> list[PastCase]:
    """Every case of that time but those that were withdrawn: nobody was asked about them in the end."""
    low, high = _instant(start - NEAR_S), _instant(end + NEAR_S)
    cases = Case.objects.filter(lane=lane, occurred_at__gte=low, occurred_at__lt=high)
    return [
        PastCase(
            str(case.pk),
            case.occurred_at.timestamp(),
            case.status,
            case.transaction,
            frozenset([*case.discrepancy.pos_events, *filter(None, [case.discrepancy.visual_event])]),
        )
        for case in cases.exclude(status=Case.Status.WITHDRAWN).select_related("discrepancy")
    ]


def _clock(lane: Lane, end: float) -> Clock:
    """As it was known at the end of the day, else as it is now."""
    known = LaneCheckpoint.objects.filter(lane=lane, until__lte=_instant(end), clock_sd_s__isnull=False)
    row = known.order_by("-until").values_list("clock_offset_s", "clock_sd_s", "clock_quality").first()
    row = row or (
        LaneJudgement.objects.filter(lane=lane, clock_sd_s__isnull=False)
        .values_list("clock_offset_s", "clock_sd_s", "clock_quality")
        .first()
    )
    if row is None:
        return Clock(certainty=0.0)
    offset_s, sd_s, quality = row
    return Clock(offset_s or 0.0, sd_s or DEGRADED_SD_S, certainty=0.0 if quality == "bad" else 1.0)


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
