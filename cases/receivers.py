"""New facts from below: mark the lanes, and judge them soon."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from cases.models import LaneMark
from cases.selectors.rules import lanes_beside
from cases.services.judging import lane_mark
from cases.signals import case_changed
from cases.tasks import build_evidence, judge_lane
from pos.signals import pos_events_recorded, pos_gaps_changed
from vision.signals import segments_analysed, visual_events_recorded


@receiver([pos_events_recorded, pos_gaps_changed], dispatch_uid="cases.pos_events")
def pos_events_judge(*, lane_ids: Sequence[int], earliest: datetime, tickets: Collection[str] = (), **_: Any) -> None:
    beside = lanes_beside(lane_ids, tickets) if tickets else []
    _judge([*lane_ids, *beside], LaneMark.Witness.POS, earliest)


@receiver(visual_events_recorded, dispatch_uid="cases.visual_events")
def visual_events_judge(*, lane_ids: Sequence[int], earliest: datetime, **_: Any) -> None:
    _judge(lane_ids, LaneMark.Witness.VISION, earliest)


@receiver(segments_analysed, dispatch_uid="cases.segments")
def segments_judge(*, lane_id: int, **_: Any) -> None:
    """Nothing new was seen, but lines may have waited for the video to come so far."""
    judge_lane.delay_on_commit(lane_id)


@receiver(case_changed, dispatch_uid="cases.evidence")
def case_evidence(*, case_id: uuid.UUID, what: str, **_: Any) -> None:
    if what == "created":
        build_evidence.delay_on_commit(str(case_id))


def _judge(lane_ids: Sequence[int], witness: str, earliest: datetime) -> None:
    lane_mark(lane_ids=lane_ids, witness=witness, earliest=earliest)
    for lane_id in lane_ids:
        judge_lane.delay_on_commit(lane_id)
