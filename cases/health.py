"""How well the clocks of a lane's till and camera are known, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from cases.domain.clock_chart import Step
from cases.models import LaneJudgement
from cases.selectors.clocks import clock_steps, lane_clock_name
from lanes.health import HealthItem, HealthLevel
from lanes.models import Lane

Quality = LaneJudgement.Quality
Said = tuple[HealthLevel, str, datetime | None]
FAST_PPM = 150.0
"""Cheap quartz errs by 20 to 100 ppm; more is a fault, and 13 s a day."""
STEPS_FOR = timedelta(hours=24)
CORRECTED_S = 5.0
"""A time server puts a clock right by so much; more is a hand, or a change of zone."""
OFTEN = 3
YOUNG_SCANS = 30.0
"""On fewer scans a clock is not lost yet but not found."""


def clocks_health(lanes: Sequence[Lane]) -> dict[int, list[HealthItem]]:
    """``{lane_id: items}``, in two queries whatever the number of lanes."""
    now = timezone.now()
    judged = LaneJudgement.objects.filter(lane__in=lanes, clock_sd_s__isnull=False).defer("state")
    judgements = list(judged.select_related("lane__store"))
    steps = clock_steps([lane_clock_name(one.lane) for one in judgements], now - STEPS_FOR) if judgements else {}
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    for one in judgements:
        known = steps.get(lane_clock_name(one.lane), [])
        found[one.lane_id] = clock_health(one, known, settings.CLOCK_DRIFT_LIMIT_S)
    return found


def clock_health(judgement: LaneJudgement, steps: Sequence[Step], limit_s: float) -> list[HealthItem]:
    """What there is to say of one lane; where nothing is wrong, how its clock is."""
    said = [*_quality(judgement)]
    if judgement.clock_quality != Quality.BAD:
        said += [*_drift(judgement, limit_s), *_disagreement(judgement)]
    said += _stepped(steps, ZoneInfo(judgement.lane.store.timezone))
    said = said or [(HealthLevel.OK, _well(judgement), None)]
    return [HealthItem(level, judgement.lane.code, sentence, since) for level, sentence, since in said]


def _quality(judgement: LaneJudgement) -> Iterator[Said]:
    if judgement.clock_quality == Quality.BAD and judgement.clock_support < YOUNG_SCANS:
        says = "How far the till's clock is from the camera's is not known yet: wait for some dozen scans."
        yield HealthLevel.WARN, says, None
    elif judgement.clock_quality == Quality.BAD:
        says = (
            "The till's clock and the camera's cannot be matched, so only numbers of items are compared: "
            "check that camera and till stand at the same lane and that both clocks follow a time server."
        )
        yield HealthLevel.BAD, says, None
    elif judgement.clock_quality == Quality.DEGRADED:
        says = (
            f"The clocks are matched to ±{judgement.clock_sd_s:.1f} s only, so some mismatches stay unnoticed: "
            "let the till send fractions of seconds and both clocks follow a time server."
        )
        yield HealthLevel.WARN, says, None


def _drift(judgement: LaneJudgement, limit_s: float) -> Iterator[Said]:
    if abs(judgement.clock_offset_s) > limit_s:
        yield HealthLevel.WARN, f"The till's clock is {_beside(judgement.clock_offset_s)} the camera's; set it.", None
    if abs(judgement.clock_skew_ppm) > FAST_PPM:
        verb = "gains" if judgement.clock_skew_ppm > 0 else "loses"
        a_day = abs(judgement.clock_skew_ppm) * 86_400e-6
        says = (
            f"The till's clock {verb} {a_day:.0f} s a day against the camera's: "
            "let both follow a time server, or replace the one that runs wrong."
        )
        yield HealthLevel.WARN, says, None


def _disagreement(judgement: LaneJudgement) -> Iterator[Said]:
    if judgement.disagrees_since is None or judgement.protocol_offset_s is None:
        return
    says = (
        f"Going by the scans the till's clock is {_beside(judgement.clock_offset_s, 1)} the camera's, going by how "
        f"events arrive {_beside(judgement.protocol_offset_s, 1)}: one is wrong. "
        "Set both clocks; if they are right, doubt this lane's cases."
    )
    yield HealthLevel.WARN, says, judgement.disagrees_since


def _stepped(steps: Sequence[Step], zone: tzinfo) -> Iterator[Said]:
    if not steps:
        return
    last = steps[-1]
    at = datetime.fromtimestamp(last.at, UTC)
    way = "forward" if last.seconds > 0 else "back"
    says = f"The till's clock was set {way} by {abs(last.seconds):.1f} s at {at.astimezone(zone):%H:%M}"
    if len(steps) >= OFTEN:
        says += f", the last of {len(steps)} times in a day: find out what keeps setting it."
        yield HealthLevel.WARN, says, at
    elif abs(last.seconds) > CORRECTED_S:
        yield HealthLevel.WARN, f"{says}: make sure that it is right now.", at
    else:
        yield HealthLevel.OK, f"{says}, as a time server does.", at


def _well(judgement: LaneJudgement) -> str:
    beside = _beside(judgement.clock_offset_s, 1)
    return f"The till's clock is {beside} the camera's, known to ±{judgement.clock_sd_s:.1f} s."


def _beside(seconds: float, digits: int = 0) -> str:
    return f"{abs(seconds):.{digits}f} s {'ahead of' if seconds >= 0 else 'behind'}"
