"""Judging a lane again from an instant: after rules or weights changed, or where a feed had been told wrongly.

Only what led to the verdicts is forgotten, never an event; and what people decided stays, as with any look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Discrepancy, LaneCheckpoint, LaneJudgement, LaneMark
from cases.selectors.gathering import ALIGNED_TYPES, LINE_TYPES
from cases.services.judging import lane_judge, lane_mark
from lanes.models import Lane
from pos.models import PosEvent
from privacy.audit import audit_record
from privacy.models import User
from vision.models import VisualEvent

PATIENCE_S = 180.0
"""Longer than any claim lasts: who waits so long for another process will not be served."""
BETWEEN_S = 0.2
NOTICED = 0.005
"""Scores nearer than this read the same: states are kept rounded, and where one was gone on from leaves a trace."""


class RejudgeWaits(Exception):
    """Another process has the lane and does not give it back. It goes on from the mark by itself."""


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What judging a lane again came to. `since`: None where nothing was ever said of it. `looks`: how often it was
    looked at by us; a worker beside us may have helped."""

    lane: str
    since: datetime | None = None
    checkpoints: int = 0
    looks: int = 0
    opened: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RejudgePlan:
    """What would be done: `checkpoints` forgotten, the judge going on `after` the last one that stays; None: from the
    lane's beginning. `discrepancies`: how many stand from there on."""

    lane: str
    since: datetime | None
    after: datetime | None
    checkpoints: int
    discrepancies: int


def lane_name(lane: Lane) -> str:
    return f"{lane.store.code}/{lane.code}"


def rejudge_plan(*, lane: Lane, since: datetime | None) -> RejudgePlan:
    begin = since or _first_said(lane)
    stays = _stays(lane, begin)
    gone = LaneCheckpoint.objects.filter(lane=lane)
    stands = Discrepancy.objects.filter(lane=lane, withdrawn_at=None)
    if stays is not None:
        gone, stands = gone.filter(until__gt=stays), stands.filter(occurred_at__gte=stays)
    return RejudgePlan(lane_name(lane), begin, stays, gone.count(), stands.count())


def lane_rejudge(
    *,
    actor: User | str,
    lane: Lane,
    since: datetime | None,
    reason: str,
    clock: Callable[[], datetime],
    pause: Callable[[float], None] = time.sleep,
) -> Rejudged:
    """Judge `lane` again from `since` (camera clock; None: its beginning) until nothing is left to look at.

    `clock`: what time it is, asked again before each look.
    """
    begin = since or _first_said(lane)
    if begin is None:
        return Rejudged(lane_name(lane))
    before, cpu = _said(lane), time.process_time()
    forgotten = _forget(actor, lane, begin, reason, whole=since is None)
    looks = _until_rest(lane, clock, pause)
    after = _said(lane)
    return Rejudged(
        lane=lane_name(lane),
        since=begin,
        checkpoints=forgotten,
        looks=looks,
        opened=sorted(after.keys() - before.keys()),
        changed=sorted(anchor for anchor in after.keys() & before.keys() if after[anchor].differs(before[anchor])),
        withdrawn=sorted(before.keys() - after.keys()),
        cpu_s=round(time.process_time() - cpu, 2),
    )


def _forget(actor: User | str, lane: Lane, begin: datetime, reason: str, *, whole: bool) -> int:
    """Drop the checkpoints after `begin` and mark the lane, as if what happened then had only now been said."""
    with transaction.atomic():
        gone = LaneCheckpoint.objects.filter(lane=lane)
        forgotten, _ = (gone if whole else gone.filter(until__gt=begin)).delete()
        lane_mark(lane_ids=[lane.pk], witness=LaneMark.Witness.VISION, earliest=begin)
        audit_record(
            actor=actor,
            action="lane.rejudged",
            object_type="lane",
            object_id=lane_name(lane),
            store_code=lane.store.code,
            reason=reason,
            data={"from": begin.isoformat(), "checkpoints": forgotten},
        )
    return forgotten


def _until_rest(lane: Lane, clock: Callable[[], datetime], pause: Callable[[float], None]) -> int:
    """Look until nothing is left. Where a worker took the lane first, wait until it is done or gives up."""
    looks, patience = 0, PATIENCE_S
    while not _rests(lane, clock()):
        if lane_judge(lane_id=lane.pk, now=clock()) is not None:
            looks, patience = looks + 1, PATIENCE_S
        elif (patience := patience - BETWEEN_S) < 0:
            raise RejudgeWaits(lane_name(lane))
        else:
            pause(BETWEEN_S)
    return looks


def _rests(lane: Lane, now: datetime) -> bool:
    """Nothing new, and nothing to look at before some later time."""
    if LaneMark.objects.filter(lane=lane).exists():
        return False
    return not LaneJudgement.objects.filter(lane=lane, next_look_at__lte=now).exists()


def _first_said(lane: Lane) -> datetime | None:
    """When anybody first spoke about the lane's goods, on whichever clock is earlier."""
    judged = LaneJudgement.objects.filter(lane=lane).first()
    offset = timedelta(seconds=judged.clock_offset_s if judged else 0.0)
    seen = VisualEvent.objects.filter(lane=lane, type__in=ALIGNED_TYPES).order_by("occurred_at").first()
    told = PosEvent.objects.filter(lane=lane, type__in=LINE_TYPES).order_by("occurred_at").first()
    known = [seen.occurred_at] if seen else []
    known += [told.occurred_at, told.occurred_at - offset] if told else []
    return min(known, default=None)


def _stays(lane: Lane, begin: datetime | None) -> datetime | None:
    """Where the last checkpoint ends that what happens from `begin` on cannot have changed."""
    if begin is None:
        return None
    kept = LaneCheckpoint.objects.filter(lane=lane, until__lte=begin, free_from__lte=begin).order_by("-until").first()
    return kept.until if kept else None


@dataclass(frozen=True, slots=True)
class _Said:
    """What people would notice of a discrepancy."""

    score: float
    rest: tuple[object, ...]

    def differs(self, other: _Said) -> bool:
        return self.rest != other.rest or abs(self.score - other.score) >= NOTICED


def _said(lane: Lane) -> dict[str, _Said]:
    """By anchor, all that stands."""
    rows = Discrepancy.objects.filter(lane=lane, withdrawn_at=None).values_list(
        "anchor", "score", "kind", "alerted", "occurred_at", "transaction", "explanation__sentence"
    )
    return {anchor: _Said(score, tuple(rest)) for anchor, score, *rest in rows.iterator()}
