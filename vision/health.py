"""How the cameras of a lane are doing, in sentences for the map's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from lanes.health import HealthItem, HealthLevel
from lanes.models import Camera, Lane
from vision.domain.camera_faults import BLINDING
from vision.domain.upkeep import BEFORE_DAYS, RECENT_DAYS, Day, upkeep
from vision.models import CameraDay, CameraFault, CameraFeed, Segment
from vision.selectors import BLOBS, faults_lasting, load_now

State = CameraFeed.State
# Verdicts later than this are late for whoever stands at the lane.
LAG_S = 10.0
_LEVEL = {
    State.RUNNING: HealthLevel.OK,
    State.CONNECTING: HealthLevel.WARN,
    State.ENDED: HealthLevel.WARN,
    State.OFF: HealthLevel.WARN,
}


def cameras_health(lanes: Sequence[Lane]) -> Mapping[int, Sequence[HealthItem]]:
    """How each camera of each lane is, what is wrong with its picture and what soon will be; five queries however many
    lanes."""
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    cameras = list(
        Camera.objects.filter(lane__in=lanes).select_related("feed").defer(*(f"feed__{name}" for name in BLOBS))
    )
    ids = [camera.pk for camera in cameras]
    unseen, wrong, days = _latest_not_seen(ids), faults_lasting(ids), _days(ids)
    load = load_now()
    for camera in cameras:
        said = found[camera.lane_id]
        said.append(_item(camera, unseen.get(camera.pk, "")))
        if load.sentence and said[-1].level is not HealthLevel.BAD and camera.enabled:
            said.append(HealthItem(HealthLevel.WARN, camera.code, load.sentence))
        said += [_fault(camera, fault) for fault in wrong.get(camera.pk, ())]
        said += [HealthItem(HealthLevel.WARN, camera.code, sentence) for sentence in upkeep(days.get(camera.pk, ()))]
    return found


def _fault(camera: Camera, fault: CameraFault) -> HealthItem:
    level = HealthLevel.BAD if fault.kind in BLINDING else HealthLevel.WARN
    return HealthItem(level, camera.code, fault.sentence, fault.began_at)


def _days(camera_ids: Sequence[int]) -> dict[int, list[Day]]:
    """The latest weeks of each camera, in order of time."""
    weeks = timezone.now().date() - timedelta(days=2 * (RECENT_DAYS + BEFORE_DAYS))
    found: dict[int, list[Day]] = {}
    days = CameraDay.objects.filter(camera__in=camera_ids, day__gte=weeks).order_by("day")
    figures = days.values_list("camera_id", "sharpness", "luma", "fps", "drift", "losses")
    for camera_id, sharpness, luma, fps, drift, losses in figures:
        found.setdefault(camera_id, []).append(Day(sharpness, luma, fps, drift, losses))
    return found


def _item(camera: Camera, not_seen: str) -> HealthItem:
    feed: CameraFeed | None = getattr(camera, "feed", None)
    if not camera.enabled:
        return HealthItem(HealthLevel.WARN, camera.code, "Switched off.", feed.since if feed else None)
    if feed is None or feed.state == State.OFF:
        return HealthItem(HealthLevel.WARN, camera.code, "Waiting for a worker to open it.")
    level = _LEVEL.get(State(feed.state), HealthLevel.BAD)
    if level is not HealthLevel.OK:
        return HealthItem(level, camera.code, feed.detail or feed.get_state_display(), feed.since)
    if not_seen:
        return HealthItem(HealthLevel.BAD, camera.code, not_seen, feed.since)
    if (feed.lag_s or 0.0) > LAG_S:
        sentence = f"Video is looked at {feed.lag_s:.0f} s late: more video than this machine can look at."
        return HealthItem(HealthLevel.WARN, camera.code, sentence, feed.since)
    return HealthItem(HealthLevel.OK, camera.code, _running(feed), feed.since)


def _running(feed: CameraFeed) -> str:
    size = f"{feed.width}x{feed.height}" if feed.width else "size unknown"
    rate = f", {feed.fps:.0f} pictures a second" if feed.fps else ""
    clock = {"rtcp": "the camera's own clock", "arrival": "time of arrival", "file": "a recording"}
    return f"Video comes in: {size}{rate}, timed by {clock.get(feed.clock_source, 'nothing yet')}."


def _latest_not_seen(camera_ids: Sequence[int]) -> dict[int, str]:
    """Why the latest segment that is done was not seen, by camera; cameras that see are left out."""
    latest: dict[int, Segment] = {}
    done = Segment.objects.filter(camera__in=camera_ids).exclude(state=Segment.State.PENDING)
    recent = done.order_by("-pk").only("camera_id", "state", "detail")[: 20 * max(1, len(camera_ids))]
    for segment in recent:
        latest.setdefault(segment.camera_id, segment)
    return {key: one.detail for key, one in latest.items() if one.state != Segment.State.ANALYSED}
