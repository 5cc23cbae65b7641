"""Looking a second time at the same pictures, with a version that nobody heeds yet."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import F

from lanes.models import Camera
from vision.domain.types import Frame, VisualEventDraft, ZoneShape
from vision.models import Segment, ShadowEvent, ShadowRun, ShadowState
from vision.pipeline.detector import Detector, WeightsUnusable
from vision.pipeline.run import LaneVision, PipelineConfig, StateUnreadable, analyse

COMPARED_FOR = timedelta(days=30)
"""What two versions saw is kept this long: enough to decide by."""
_log = logging.getLogger(__name__)


@dataclass
class Shadowed:
    """What the shadow saw of one segment. A failure of it costs the one in use nothing."""

    version_id: int
    state: LaneVision | None = None
    events: list[VisualEventDraft] = field(default_factory=list)
    detector_ms: float = 0.0
    took_s: float = 0.0
    failure: str = ""


@dataclass
class Kept:
    """Passes pictures on and keeps them, so that they are decoded once."""

    pictures: list[Frame] = field(default_factory=list)

    def over(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self.pictures.append(frame)
            yield frame


def shadow_look(
    *,
    camera: Camera,
    version_id: int,
    detector: Detector,
    pictures: Sequence[Frame],
    zones: Sequence[ZoneShape],
    config: PipelineConfig,
) -> Shadowed:
    """Reads what the shadow remembers of this camera; writes nothing."""
    began = time.perf_counter()
    try:
        state, events, report = analyse(pictures, detector, zones, config, _state(camera, version_id, pictures))
    except Exception as error:
        _log.exception("the shadow of camera %s failed", camera)
        return shadow_failed(version_id, error)
    return Shadowed(version_id, state, events, report.detector_ms, time.perf_counter() - began)


def shadow_failed(version_id: int, error: Exception) -> Shadowed:
    said = str(error) if isinstance(error, WeightsUnusable) else f"{type(error).__name__}: {error}"
    return Shadowed(version_id, failure=said[:300])


def shadow_keep(
    *, segment: Segment, used: str, used_ms: float, events: Sequence[VisualEventDraft], shadow: Shadowed
) -> None:
    """What both saw of one segment, and what it cost. Call inside the segment's transaction."""
    camera, at = segment.camera_id, segment.started_at
    state = shadow.state.to_bytes() if shadow.state is not None else None
    ShadowState.objects.update_or_create(camera_id=camera, defaults={"shadow_id": shadow.version_id, "state": state})
    run, _ = ShadowRun.objects.get_or_create(camera_id=camera, used=used, shadow_id=shadow.version_id, day=at.date())
    mine = ShadowRun.objects.filter(pk=run.pk)
    if shadow.failure:
        mine.update(failures=F("failures") + 1, failure=shadow.failure)
        return
    mine.update(
        seconds=F("seconds") + segment.duration_s,
        used_ms=F("used_ms") + used_ms,
        shadow_ms=F("shadow_ms") + shadow.detector_ms,
    )
    ShadowEvent.objects.bulk_create(
        ShadowEvent(
            run=run,
            by_shadow=by_shadow,
            type=str(draft.type),
            occurred_at=datetime.fromtimestamp(draft.at, UTC),
            confidence=draft.confidence,
            label=draft.label,
        )
        for by_shadow, seen in ((False, events), (True, shadow.events))
        for draft in seen
    )


def shadows_expire(*, now: datetime) -> int:
    """What was compared long ago goes."""
    return ShadowRun.objects.filter(day__lt=(now - COMPARED_FOR).date()).delete()[0]


def _state(camera: Camera, version_id: int, pictures: Sequence[Frame]) -> LaneVision | None:
    """None where another version remembers it, where it cannot be read or where it lies in the future."""
    row = ShadowState.objects.filter(camera=camera, shadow=version_id).exclude(state=None).first()
    if row is None or row.state is None or not pictures:
        return None
    try:
        state = LaneVision.from_bytes(bytes(row.state))
    except StateUnreadable:
        return None
    return state if state.at < pictures[0].at else None
