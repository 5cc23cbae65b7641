"""Comparing the clock that the judge found with what the protocols say of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cases.domain.protocol_clock import disagrees, protocol_offset
from cases.models import LaneJudgement
from cases.selectors.clocks import lane_clock_name, pos_heard, vision_heard
from privacy.audit import audit_record

SYSTEM = "judge"
LASTS = timedelta(days=1)
"""What the protocols said longer ago is held against no clock any more."""


def clocks_compare(*, now: datetime) -> None:
    """For each lane: what the protocols say of its clocks now, and whether that can be squared with the judge's."""
    for judgement in LaneJudgement.objects.select_related("lane__store").defer("state"):
        _protocol_store(judgement, now)
        _disagreement_store(judgement, now)


def _protocol_store(judgement: LaneJudgement, now: datetime) -> None:
    """Where too little arrives to say anything, what was said last stays, with its time."""
    pos = pos_heard(judgement.lane, judgement.clock_offset_s, now)
    if pos.newest is None:
        return
    vision = vision_heard(judgement.lane, now)
    offset = protocol_offset(vision.arrivals, pos.arrivals)
    if offset is None or vision.newest is None:
        return
    judgement.protocol_offset_s = round(offset, 3)
    judgement.protocol_at = max(pos.newest, vision.newest)
    LaneJudgement.objects.filter(pk=judgement.pk).update(
        protocol_offset_s=judgement.protocol_offset_s, protocol_at=judgement.protocol_at
    )


def _disagreement_store(judgement: LaneJudgement, now: datetime) -> None:
    """Said once when it begins: of two workers that notice it, one writes history."""
    row = LaneJudgement.objects.filter(pk=judgement.pk)
    if not _disagree(judgement, now):
        if judgement.disagrees_since is not None:
            row.update(disagrees_since=None)
        return
    with transaction.atomic():
        if row.filter(disagrees_since=None).update(disagrees_since=now) == 1:
            _audit(judgement)


def _disagree(judgement: LaneJudgement, now: datetime) -> bool:
    said, at, sd_s = judgement.protocol_offset_s, judgement.protocol_at, judgement.clock_sd_s
    if said is None or at is None or sd_s is None or now - at > LASTS:
        return False
    if judgement.clock_quality == LaneJudgement.Quality.BAD:
        return False  # it claims nothing that could be wrong
    already = judgement.disagrees_since is not None
    return disagrees(judged_s=judgement.clock_offset_s, sd_s=sd_s, protocol_s=said, already=already)


def _audit(judgement: LaneJudgement) -> None:
    audit_record(
        actor=SYSTEM,
        action="clock.disagrees",
        object_type="lane",
        object_id=lane_clock_name(judgement.lane),
        store_code=judgement.lane.store.code,
        reason=(
            f"By the scans the till is {judgement.clock_offset_s:+.1f} s from the camera, "
            f"by how events arrive {judgement.protocol_offset_s:+.1f} s."
        ),
        data={
            "judged_s": judgement.clock_offset_s,
            "sd_s": judgement.clock_sd_s,
            "protocol_s": judgement.protocol_offset_s,
        },
    )
