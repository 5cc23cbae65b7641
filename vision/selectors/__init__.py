"""What is known of a lane's video: what was seen, until when, and where nobody was looking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from lanes.models import Camera, Lane
from lanes.snapshots import Snapshot
from vision.domain.camera_faults import BLINDING
from vision.models import AnalysisLoad, CameraFault, CameraFeed, Segment, VisualEvent

# Two segments nearer than this leave nothing out.
JOIN = timedelta(seconds=0.5)
# The longest segment that rare key frames give; those that reach into a window begin at most this much before it.
REACH = timedelta(seconds=90)
# Of a feed; who asks how cameras are doing needs none of them.
BLOBS = ("vision_state", "picture_state", "snapshot")
# A camera that is lost and back more often than this in one window is hardly looked at at all.
MOST_ANNOUNCED = 1000
# Video that is still on its way when its camera goes silent has come by then.
SETTLED = timedelta(seconds=10)


@dataclass(frozen=True)
class VisualGap:
    """Between two instants nobody was looking, and why."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    camera: str


def segments_between(camera: Camera, start: datetime, end: datetime) -> list[Segment]:
    """Segments with a file that touch ``[start, end]``, in order of time."""
    near = Segment.objects.filter(camera=camera, started_at__lt=end, started_at__gt=start - REACH).exclude(path="")
    return [segment for segment in near.order_by("started_at") if _end(segment) > start]


def snapshot_of_camera(camera: Camera) -> Snapshot | None:
    """The blurred still for drawing zones on; None while there is none."""
    feed = CameraFeed.objects.filter(camera=camera).exclude(snapshot=None).only("snapshot", "snapshot_at").first()
    return Snapshot(bytes(feed.snapshot), feed.snapshot_at) if feed and feed.snapshot else None


def visual_events_between(lane: Lane, start: datetime, end: datetime) -> QuerySet[VisualEvent]:
    """What the lane's cameras saw in ``[start, end)`` on their own clocks, in order of time."""
    return (
        VisualEvent.objects.filter(lane=lane, occurred_at__gte=start, occurred_at__lt=end)
        .select_related("camera")
        .order_by("occurred_at", "pk")
    )


def visual_feeds(lane: Lane) -> list[CameraFeed]:
    """Feeds of the lane's cameras; `pulled` says of which there is video of our own."""
    feeds = CameraFeed.objects.filter(camera__lane=lane).annotate(pulled=_pulled("camera_id"))
    return list(feeds.select_related("camera").defer(*BLOBS))


def visual_watermark(
    lane: Lane, now: datetime | None = None, feeds: Sequence[CameraFeed] | None = None
) -> datetime | None:
    """No more will be seen of the lane before this instant; None where nothing was ever seen.

    The slowest of the lane's cameras decides. A camera that gives no video holds nobody up: what it missed is a gap.
    `feeds`: of ``visual_feeds``, where they are at hand.
    """
    now = now or timezone.now()
    own = _own(lane, feeds)
    marks = [mark for feed in own if (mark := _mark(feed, now)) is not None]
    outside = VisualEvent.objects.filter(lane=lane).exclude(camera__in=[feed.camera_id for feed in own])
    latest = outside.aggregate(latest=Max("occurred_at"))["latest"]
    if latest is not None:
        marks.append(latest)
    return min(marks, default=None)


def visual_gaps(
    lane: Lane, start: datetime, end: datetime, feeds: Sequence[CameraFeed] | None = None
) -> list[VisualGap]:
    """Where in ``[start, end]`` a camera of the lane was not looked at, by time.

    Behind the watermark nothing is a gap yet. A camera that an outside detector
    looks at has gaps where it says so (``camera_lost`` until ``camera_back``).
    While a fault blinds a camera nobody was looking either.
    """
    gaps: list[VisualGap] = []
    now = timezone.now()
    own = {feed.camera_id: feed for feed in _own(lane, feeds)}
    for camera in lane.cameras.all():
        if (feed := own.get(camera.pk)) is not None:
            mark = _mark(feed, now)
            gaps += _unseen(camera, start, min(end, mark) if mark else end)
        else:
            gaps += _announced(camera, start, end)
    gaps += _blinded(lane, start, end)
    return sorted(gaps, key=lambda gap: (gap.starts_at, gap.camera))


def _blinded(lane: Lane, start: datetime, end: datetime) -> Iterable[VisualGap]:
    blind = CameraFault.objects.filter(camera__lane=lane, kind__in=BLINDING, began_at__lt=end)
    for fault in blind.filter(Q(ended_at=None) | Q(ended_at__gt=start)).select_related("camera"):
        until = min(fault.ended_at or end, end)
        yield VisualGap(max(fault.began_at, start), until, fault.get_kind_display().lower(), fault.camera.code)


def load_now() -> AnalysisLoad:
    """How much of the video is looked at; unsaved where nothing was ever too much."""
    return AnalysisLoad.objects.filter(pk=AnalysisLoad.ONLY).first() or AnalysisLoad(pk=AnalysisLoad.ONLY)


def faults_lasting(camera_ids: Sequence[int]) -> dict[int, list[CameraFault]]:
    """What is wrong with these cameras now, by camera; one query."""
    found: dict[int, list[CameraFault]] = {}
    lasting = CameraFault.objects.filter(camera__in=camera_ids, ended_at=None).defer("picture")
    for fault in lasting.order_by("began_at"):
        found.setdefault(fault.camera_id, []).append(fault)
    return found


def _own(lane: Lane, feeds: Sequence[CameraFeed] | None) -> list[CameraFeed]:
    """Those that we have pulled ourselves."""
    return [feed for feed in (visual_feeds(lane) if feeds is None else feeds) if feed.pulled]  # type: ignore[attr-defined]


def _pulled(camera_id: str) -> Exists:
    return Exists(Segment.objects.filter(camera_id=OuterRef(camera_id)))


def _mark(feed: CameraFeed, now: datetime) -> datetime | None:
    """Up to when a camera's video has been judged, or will never come."""
    waiting = Segment.objects.filter(camera=feed.camera_id, state=Segment.State.PENDING).order_by("started_at").first()
    if waiting is not None:
        return waiting.started_at
    last = Segment.objects.filter(camera=feed.camera_id).order_by("-started_at").first()
    until = _end(last) if last else None
    if feed.state == CameraFeed.State.RUNNING and feed.camera.enabled and feed.lost_at is None:
        return until
    silent = max(feed.since, feed.last_segment_at or feed.since) if feed.since else None
    if silent is None or now - silent < SETTLED:
        return until
    return max(until, now - SETTLED) if until else now - SETTLED


def _unseen(camera: Camera, start: datetime, end: datetime) -> Iterable[VisualGap]:
    seen_to, reason = start, "no video"
    near = Segment.objects.filter(camera=camera, started_at__lt=end, started_at__gt=start - REACH)
    for segment in near.order_by("started_at"):
        if _end(segment) <= seen_to or segment.state == Segment.State.PENDING:
            continue
        if segment.state != Segment.State.ANALYSED:
            reason = segment.detail or segment.get_state_display()
            continue
        if segment.started_at - seen_to > JOIN:
            yield VisualGap(seen_to, segment.started_at, reason, camera.code)
        seen_to, reason = max(seen_to, _end(segment)), "no video"
    if end - seen_to > JOIN:
        yield VisualGap(seen_to, end, reason, camera.code)


def _announced(camera: Camera, start: datetime, end: datetime) -> Iterable[VisualGap]:
    events = VisualEvent.objects.filter(camera=camera, type__in=("camera_lost", "camera_back"), occurred_at__lt=end)
    lost: datetime | None = None
    for kind, at in _since(events.order_by("-occurred_at", "-pk").values_list("type", "occurred_at"), start):
        if kind == "camera_lost":
            lost = lost or max(at, start)
        elif lost is not None:
            if at > start:
                yield VisualGap(lost, at, "camera lost", camera.code)
            lost = None
    if lost is not None:
        yield VisualGap(lost, end, "camera lost", camera.code)


def _since(latest_first: QuerySet[VisualEvent, tuple[str, datetime]], start: datetime) -> list[tuple[str, datetime]]:
    """What was announced from `start` on and the last before it, in order of time."""
    found: list[tuple[str, datetime]] = []
    for kind, at in latest_first[:MOST_ANNOUNCED]:
        found.append((kind, at))
        if at < start:
            break
    return found[::-1]


def _end(segment: Segment) -> datetime:
    return segment.started_at + timedelta(seconds=segment.duration_s)
