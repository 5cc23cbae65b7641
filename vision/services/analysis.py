"""Looking at stored segments: one worker per camera, in order of time, each segment exactly once."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from lanes.holders import holder_gone, holder_new
from lanes.models import Camera
from vision.domain.geometry import analysed_side
from vision.domain.types import VisualEventDraft, ZoneShape
from vision.models import AnalysisLoad, CameraFeed, Segment
from vision.pipeline.decode import VideoUnreadable, frames
from vision.pipeline.detector import Detector, WeightsUnusable, detector_open
from vision.pipeline.gate import Attention
from vision.pipeline.picture import PictureState, PictureWatch
from vision.pipeline.run import LaneVision, PipelineConfig, SegmentReport, StateUnreadable, analyse
from vision.selectors import load_now
from vision.selectors.detectors import Chosen, DetectorUnknown, detector_chosen
from vision.services import leases
from vision.services.events import visual_drafts_record
from vision.services.faults import faults_close, faults_record
from vision.services.shadow import Kept, Shadowed, shadow_failed, shadow_keep, shadow_look
from vision.signals import segments_analysed

# A segment that waits this long was forgotten: whoever should look at it may have died.
FORGOTTEN_S = 8.0
# Longer than any segment takes; a worker that died on this machine is noticed at once.
LEASE_S = 60.0
# One camera gives way to the others after this, and goes on behind them.
TURN_S = 4.0
# More video waiting than this will never be judged in time: it is passed over down to the second figure.
BACKLOG_S = 300.0
BACKLOG_KEPT_S = 60.0
# Video that begins this much before what was last seen comes from a clock that was set back.
SET_BACK_S = 2.0
# Shorter ones say little about how many pictures come a second.
SHORTEST_S = 1.0
# Detectors that a thread keeps open: those in use, their shadows, and one that was just promoted.
OPEN_AT_ONCE = 4
CONFIG = PipelineConfig()
_log = logging.getLogger(__name__)
_opened = threading.local()  # detectors of this thread: none of them is shared


@dataclass
class Looked:
    """What came of one segment."""

    state: LaneVision | None
    events: list[VisualEventDraft]
    report: dict[str, object]
    outcome: Segment.State = Segment.State.ANALYSED
    detail: str = ""
    watch: PictureWatch | None = None
    """What the camera's picture was like; None where there was no picture."""
    shadow: Shadowed | None = None
    """What another version saw of it."""


class LeaseLost(Exception):
    """Another worker looks at this camera by now; nothing of this segment is kept."""


def camera_analyse(*, camera_id: int) -> bool:
    """Look at what waits of one camera. True where more waits and a further turn is needed."""
    camera = Camera.objects.select_related("store").filter(pk=camera_id).first()
    if camera is None:
        return False
    turn_ends = time.monotonic() + TURN_S
    while _waiting(camera_id).exists():
        holder = holder_new()
        now = timezone.now()
        if not leases.lease_take(camera_id=camera_id, work="analysis", holder=holder, for_s=LEASE_S, now=now):
            return False
        try:
            _turn(camera, holder, turn_ends)
        except LeaseLost:
            return False
        finally:
            leases.lease_free(camera_id=camera_id, work="analysis", holder=holder)
        if time.monotonic() >= turn_ends:
            return _waiting(camera_id).exists()
    return False


def cameras_waiting() -> list[int]:
    """Cameras whose segments wait and that nobody looks at: a worker may have died over them."""
    now = timezone.now()
    forgotten = Segment.objects.filter(
        state=Segment.State.PENDING, created_at__lte=now - timedelta(seconds=FORGOTTEN_S)
    )
    feeds = CameraFeed.objects.filter(camera_id__in=forgotten.values("camera_id"))
    return [
        feed.camera_id
        for feed in feeds.only("camera_id", "analysis_holder", "analysis_expires_at")
        if not feed.analysis_holder
        or feed.analysis_expires_at is None
        or feed.analysis_expires_at <= now
        or holder_gone(feed.analysis_holder)
    ]


def _turn(camera: Camera, holder: str, turn_ends: float) -> None:
    _backlog_pass_over(camera.pk)
    load = load_now()
    if camera.pk in load.resting:
        _rest(camera.pk, load)
        return
    fps = load.share * settings.ANALYSED_FPS
    zones = [ZoneShape(zone.kind, tuple((x, y) for x, y in zone.polygon)) for zone in camera.zones.all()]
    chosen = _chosen(camera, shadow=load.share == 1.0)
    while (segment := _waiting(camera.pk).order_by("started_at").first()) is not None:
        feed = CameraFeed.objects.defer("snapshot").get(camera=camera)
        looked = _look(camera, segment, feed, zones, fps, chosen)
        _keep(camera, segment, holder, looked)
        if time.monotonic() >= turn_ends:
            return


def _chosen(camera: Camera, *, shadow: bool) -> Chosen | str:
    """What looks at the camera, or why nothing can. With more video than machine no shadow looks."""
    try:
        chosen = detector_chosen(camera)
    except DetectorUnknown as error:
        return str(error)
    return chosen if shadow else replace(chosen, shadow=None)


def _look(
    camera: Camera, segment: Segment, feed: CameraFeed, zones: list[ZoneShape], fps: float, chosen: Chosen | str
) -> Looked:
    """Writes nothing. Whatever goes wrong costs this one segment."""
    started_at = segment.started_at.timestamp()
    state = _state(feed, started_at)
    try:
        if isinstance(chosen, str):
            raise WeightsUnusable(chosen)
        detector = _detector(chosen)
    except WeightsUnusable as error:
        return Looked(state, [], {}, Segment.State.SKIPPED, f"The detector cannot be used: {error}")
    path = Path(settings.DATA_DIR) / segment.path
    watch = _watch(feed, zones)
    kept = Kept()
    side = analysed_side(zones, settings.ANALYSED_SIDE, CONFIG.margin_n)
    attention = Attention()
    pictures = frames(path, started_at, fps, side, attention)
    if chosen.shadow is not None:
        pictures = kept.over(pictures)
    began = time.perf_counter()
    try:
        state, events, report = analyse(watch.over(pictures), detector, zones, CONFIG, state, attention)
    except (VideoUnreadable, OSError) as error:
        return Looked(None, [], {}, Segment.State.UNREADABLE, str(error))
    except Exception as error:
        _log.exception("segment %s of camera %s could not be looked at", segment, camera)
        return Looked(None, [], {}, Segment.State.UNREADABLE, f"Looking at it failed: {type(error).__name__}.")
    report.decode_ms -= watch.spent_ms  # it looks while they are decoded
    _segment_watched(watch, segment)
    figures = _report(report, time.perf_counter() - began)
    figures |= {"picture_ms": round(watch.spent_ms, 3), "fps": fps, "detector": chosen.name}
    looked = Looked(state, events, figures, watch=watch)
    if chosen.shadow is not None:
        looked.shadow = _shadow(camera, chosen.shadow, kept, zones)
        figures["shadow"] = {"detector": chosen.shadow.name, "took_s": round(looked.shadow.took_s, 3)}
    return looked


def _shadow(camera: Camera, shadow: Chosen, kept: Kept, zones: list[ZoneShape]) -> Shadowed:
    assert shadow.version_id is not None
    try:
        detector = _detector(shadow)
    except WeightsUnusable as error:
        return shadow_failed(shadow.version_id, error)
    return shadow_look(
        camera=camera,
        version_id=shadow.version_id,
        detector=detector,
        pictures=kept.pictures,
        zones=zones,
        config=CONFIG,
    )


def _watch(feed: CameraFeed, zones: list[ZoneShape]) -> PictureWatch:
    """With zones that were drawn anew the camera's view is taken to be right as it is."""
    layout = hashlib.sha256(repr(zones).encode()).hexdigest()[:16]
    state = PictureState.from_bytes(feed.picture_state)
    return PictureWatch(state if state.layout == layout else PictureState(layout=layout))


def _segment_watched(watch: PictureWatch, segment: Segment) -> None:
    if segment.duration_s < SHORTEST_S or not segment.frames:
        return
    ended_at = segment.started_at + timedelta(seconds=segment.duration_s)
    own_clock = segment.clock_source == Segment.ClockSource.RTCP
    delay_s = (segment.created_at - ended_at).total_seconds() if own_clock else None
    watch.segment(ended_at.timestamp(), segment.duration_s, segment.frames / segment.duration_s, delay_s)


def _keep(camera: Camera, segment: Segment, holder: str, looked: Looked) -> None:
    """Events, what is remembered, and the segment's state advance together or not at all."""
    now = timezone.now()
    ends_at = segment.started_at + timedelta(seconds=segment.duration_s)
    advance: dict[str, object] = {"analysis_expires_at": now + timedelta(seconds=LEASE_S)}
    if looked.outcome == Segment.State.ANALYSED:
        advance |= {"seen_until": ends_at, "lag_s": (now - segment.created_at).total_seconds()}
    advance["vision_state"] = looked.state.to_bytes() if looked.state is not None else None
    if looked.watch is not None:
        advance["picture_state"] = looked.watch.state.to_bytes()
    with transaction.atomic():
        mine = CameraFeed.objects.filter(camera=camera, analysis_holder=holder)
        if not mine.update(**advance):
            raise LeaseLost
        waiting = Segment.objects.filter(pk=segment.pk, state=Segment.State.PENDING)
        if not waiting.update(state=looked.outcome, detail=looked.detail[:300], report=looked.report):
            raise LeaseLost
        drafts = [(_event_id(draft, number), draft) for number, draft in enumerate(looked.events)]
        visual_drafts_record(camera=camera, drafts=drafts, received_at=now)
        if looked.watch is not None:
            if not looked.watch.began_with:
                faults_close(camera=camera, now=now)
            faults_record(camera=camera, changes=looked.watch.changes, now=now)
        if looked.shadow is not None:
            used, spent_ms = str(looked.report["detector"]), float(str(looked.report["detector_ms"]))
            shadow_keep(segment=segment, used=used, used_ms=spent_ms, events=looked.events, shadow=looked.shadow)
        segments_analysed.send(sender=Segment, lane_id=camera.lane_id, until=ends_at)


def _event_id(draft: VisualEventDraft, number: int) -> str:
    """The same whenever the same video is looked at again from the same state."""
    at = datetime.fromtimestamp(draft.at, tz=timezone.get_default_timezone())
    return f"{at:%Y%m%dT%H%M%S.%f}-{draft.type}-{draft.track or number}"


def _state(feed: CameraFeed, started_at: float) -> LaneVision | None:
    if feed.vision_state is None:
        return None
    try:
        state = LaneVision.from_bytes(bytes(feed.vision_state))
    except StateUnreadable as error:
        _log.warning("camera %s begins anew: %s", feed.camera_id, error)
        return None
    return None if state.at > started_at + SET_BACK_S else state


def _detector(chosen: Chosen) -> Detector:
    """Opened once by each thread; a version that another took the place of is closed when it was not asked for long."""
    cache: dict[str, Detector] = _opened.__dict__.setdefault("detectors", {})
    key = f"{chosen.name} {chosen.path}"
    found = cache.pop(key, None) or detector_open(chosen.path, mapping=chosen.mapping or None)
    cache[key] = found
    while len(cache) > OPEN_AT_ONCE:
        del cache[next(iter(cache))]
    return found


def _report(report: SegmentReport, took_s: float) -> dict[str, object]:
    figures = {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(report).items()}
    return figures | {"took_s": round(took_s, 3)}


def _waiting(camera_id: int) -> QuerySet[Segment]:
    return Segment.objects.filter(camera_id=camera_id, state=Segment.State.PENDING)


def _rest(camera_id: int, load: AnalysisLoad) -> None:
    """The camera is one of those that are not looked at now; each of its segments says so."""
    detail = f"This camera rests. {load.sentence}"
    _waiting(camera_id).update(state=Segment.State.SKIPPED, detail=detail[:300])


def _backlog_pass_over(camera_id: int) -> None:
    """More video than machine: the oldest is passed over, and every hole has its name on the segment."""
    total = _waiting(camera_id).aggregate(total=Sum("duration_s"))["total"] or 0.0
    if total <= BACKLOG_S:
        return
    passed = []
    for segment in _waiting(camera_id).order_by("started_at").only("pk", "duration_s"):
        if total <= BACKLOG_KEPT_S:
            break
        total -= segment.duration_s
        passed.append(segment.pk)
    _log.warning("camera %s: %d segments passed over, more video than this machine can look at", camera_id, len(passed))
    _waiting(camera_id).filter(pk__in=passed).update(
        state=Segment.State.SKIPPED, detail="Passed over: more video than this machine can look at."
    )
