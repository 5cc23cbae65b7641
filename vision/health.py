"""How the cameras of a lane are doing, in sentences for the map's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lanes.health import HealthItem, HealthLevel
from lanes.models import Camera, Lane
from vision.models import CameraFeed, Segment

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
    """One item per camera of each lane; two queries however many lanes."""
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    cameras = list(Camera.objects.filter(lane__in=lanes).select_related("feed"))
    unseen = _latest_not_seen([camera.pk for camera in cameras])
    for camera in cameras:
        found[camera.lane_id].append(_item(camera, unseen.get(camera.pk, "")))
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
