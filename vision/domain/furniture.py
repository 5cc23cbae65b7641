"""What a detector takes for an item and is part of the lane: the glass of the scanner, a sticker, a screw.

Things for sale do not rest in the scanner zone for long. A sighting that comes back at the same spot there, again and
again, is furniture, and sightings of it are left out before anything is tracked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vision.domain.geometry import LaneGeometry, Region
from vision.domain.types import Box, Detection, Label

FURNITURE_S = 6.0
LONGEST_S = 40.0
FADE, FADE_YOUNG = 0.1, 0.3
"""What a spot loses per second unseen: hands and goods cover the glass, and faint things blink."""
SAME_IOU = 0.5


@dataclass(frozen=True)
class Spot:
    """A place in the scanner zone and for how many seconds in all something was sighted just there."""

    box: Box
    seen_s: float = 0.0


def furniture_step(
    spots: Sequence[Spot], detections: Sequence[Detection], elapsed_s: float, lane: LaneGeometry
) -> tuple[tuple[Spot, ...], list[Detection]]:
    """The spots after one more frame, and the detections that are no furniture."""
    kept, seen = [], dict[int, Box]()
    fresh = []
    for found in detections:
        if found.label is not Label.ITEM or lane.region(found.box.centre) is not Region.SCANNER:
            kept.append(found)
            continue
        number = max(range(len(spots)), key=lambda i: spots[i].box.iou(found.box), default=None)
        if number is None or spots[number].box.iou(found.box) < SAME_IOU:
            fresh.append(Spot(found.box))
            kept.append(found)
            continue
        seen[number] = found.box
        if spots[number].seen_s < FURNITURE_S:
            kept.append(found)
    after = [_after(spot, seen.get(number), elapsed_s) for number, spot in enumerate(spots)]
    return tuple(spot for spot in after if spot.seen_s >= 0) + tuple(fresh), kept


def _after(spot: Spot, box: Box | None, elapsed_s: float) -> Spot:
    if box is None:
        return replace(spot, seen_s=spot.seen_s - elapsed_s * (FADE if spot.seen_s >= FURNITURE_S else FADE_YOUNG))
    old = spot.box
    near = Box(
        *(
            a + 0.1 * (b - a)
            for a, b in zip((old.x1, old.y1, old.x2, old.y2), (box.x1, box.y1, box.x2, box.y2), strict=True)
        )
    )
    return Spot(near, min(spot.seen_s + elapsed_s, LONGEST_S))
