"""What became of a lane's clock: published, audited when it is set, and compared with what the protocols say."""

from __future__ import annotations

from datetime import UTC, datetime

from cases.domain.alignment.types import Verdicts
from cases.models import LaneJudgement
from lanes.models import Lane
from privacy.audit import audit_record
from privacy.models import AuditEvent

SYSTEM = "judge"
SAME_S = 180.0
"""A step found again, a little earlier or later, is the same step."""


def clock_store(*, lane: Lane, judgement: LaneJudgement, answer: Verdicts, now: datetime) -> None:
    """Write down the clock, unsaved, and record each time it was set. In the caller's transaction."""
    clock = answer.clock
    judgement.clock_offset_s = round(clock.offset_s, 3)
    judgement.clock_sd_s = round(clock.sd_s, 3)
    judgement.clock_skew_ppm = round(clock.skew_ppm, 1)
    judgement.clock_support = round(clock.support, 1)
    judgement.clock_quality = clock.quality.value
    for at, seconds in answer.steps:
        _audit(lane, at, seconds)


def _audit(lane: Lane, at: float, seconds: float) -> None:
    name = f"{lane.store.code}/{lane.code}"
    known = AuditEvent.objects.filter(action="clock.stepped", object_type="lane", object_id=name)
    if any(abs(float(event.data.get("at_s", 0.0)) - at) <= SAME_S for event in known.order_by("-at")[:50]):
        return
    when = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    audit_record(
        actor=SYSTEM,
        action="clock.stepped",
        object_type="lane",
        object_id=name,
        store_code=lane.store.code,
        reason=f"The till's clock was set by {seconds:+.1f} s at {when}.",
        data={"at_s": at, "seconds": round(seconds, 2)},
    )
