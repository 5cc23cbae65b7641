"""What is looked at when there is more video than machine: one answer for the whole installation."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from privacy.audit import audit_record
from vision.domain.load import Load, load_sentence, load_step, resting
from vision.models import AnalysisLoad, CameraFeed, Segment

_log = logging.getLogger(__name__)
SYSTEM = "vision"


def load_watch(*, now: datetime) -> AnalysisLoad:
    """Every two seconds: how long video waits, and what follows from it. Each step is written into the audit trail."""
    with transaction.atomic():
        AnalysisLoad.objects.get_or_create(pk=AnalysisLoad.ONLY)
        row = AnalysisLoad.objects.select_for_update().get(pk=AnalysisLoad.ONLY)
        giving = list(
            CameraFeed.objects.filter(state=CameraFeed.State.RUNNING, camera__enabled=True).values_list(
                "camera_id", "camera__priority"
            )
        )
        before = Load(**row.state)
        looked_at = [key for key, _ in giving if key not in row.resting]
        waits_s = _waits_s(looked_at, now)
        load = load_step(before, waits_s, len(giving), now.timestamp())
        row.state, row.waits_s = asdict(load), round(waits_s, 1)
        row.resting = resting(load, giving)
        row.sentence = load_sentence(load, settings.ANALYSED_FPS)
        row.save()
        if load.step != before.step:
            _tell(load, before, waits_s, row)
    return row


def _waits_s(camera_ids: list[int], now: datetime) -> float:
    waiting = Segment.objects.filter(camera__in=camera_ids, state=Segment.State.PENDING)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _tell(load: Load, before: Load, waits_s: float, row: AnalysisLoad) -> None:
    worse = load.step > before.step
    reason = row.sentence or "All video is looked at again."
    _log.warning("%s Video has waited %.1f s.", reason, waits_s)
    audit_record(
        actor=SYSTEM,
        action="vision.degraded" if worse else "vision.recovered",
        object_type="installation",
        reason=reason,
        data={"step": load.step, "waits_s": round(waits_s, 1), "resting": row.resting},
    )
