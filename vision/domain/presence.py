"""Whether somebody stands in a zone, or a hand is in the drawer. Zones are watched, people are not followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vision.domain.geometry import Polygon, inside
from vision.domain.types import Box, Detection, Label, VisualEventDraft, VisualType, ZoneKind, ZoneShape

ENTER_S, LEAVE_S, DRAWER_S = 0.7, 2.0, 0.2
WATCHED = {ZoneKind.CUSTOMER: Label.PERSON, ZoneKind.CASHIER: Label.PERSON, ZoneKind.DRAWER: Label.HAND}


@dataclass(frozen=True)
class Presence:
    """One zone. `seen_since`, `seen_at`: of the present stay, before and after it has been believed."""

    zone: int
    occupied: bool = False
    seen_since: float | None = None
    seen_at: float | None = None
    confidence: float = 0.0


def presence_step(
    state: Sequence[Presence], zones: Sequence[ZoneShape], detections: Sequence[Detection], at: float
) -> tuple[tuple[Presence, ...], list[VisualEventDraft]]:
    known = {presence.zone: presence for presence in state}
    after, events = [], []
    for number, zone in enumerate(zones):
        if zone.kind not in WATCHED:
            continue
        wanted = WATCHED[ZoneKind(zone.kind)]
        sure = max((d.confidence for d in detections if d.label is wanted and _is_in(d.box, zone.polygon)), default=0.0)
        presence, event = _watch(known.get(number, Presence(number)), zone, sure, at)
        after.append(presence)
        events += [event] if event else []
    return tuple(after), events


def _watch(presence: Presence, zone: ZoneShape, sure: float, at: float) -> tuple[Presence, VisualEventDraft | None]:
    needed_s = DRAWER_S if zone.kind == ZoneKind.DRAWER else ENTER_S
    if sure:
        since = presence.seen_since if presence.seen_since is not None else at
        presence = replace(presence, seen_since=since, seen_at=at, confidence=max(presence.confidence, sure))
        if not presence.occupied and at - since >= needed_s:
            return replace(presence, occupied=True), _event(presence, zone, since, entering=True)
    elif presence.seen_at is not None and at - presence.seen_at >= (LEAVE_S if presence.occupied else needed_s):
        event = _event(presence, zone, presence.seen_at, entering=False) if presence.occupied else None
        return Presence(presence.zone), event
    return presence, None


def _event(presence: Presence, zone: ZoneShape, at: float, *, entering: bool) -> VisualEventDraft | None:
    if zone.kind == ZoneKind.DRAWER:
        kind = VisualType.HAND_IN_DRAWER
        if not entering:
            return None
    else:
        kind = VisualType.PERSON_ENTER if entering else VisualType.PERSON_LEAVE
    return VisualEventDraft(kind, at, round(presence.confidence, 4), f"zone-{presence.zone}", (str(zone.kind),), "")


def _is_in(box: Box, polygon: Polygon) -> bool:
    """By the centre, or by the middle of any edge: people are often half out of the picture."""
    (cx, cy) = box.centre
    return any(inside(polygon, point) for point in ((cx, cy), (cx, box.y1), (cx, box.y2), (box.x1, cy), (box.x2, cy)))
